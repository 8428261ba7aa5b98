#!/usr/bin/env bash
# needs: light 1
# Nothing is run on a host whose key is not the pinned one.
# shellcheck source=/dev/null disable=SC2016,SC2034 # scripts for hosts are in single quotes; lib.sh reads settings
. "${0%/*}/lib.sh"

body='
node_types:
  node:
    directories: { /opt/site: { mode: "0755" } }'
address=$(address_of "$HOST")
ssh-keygen -q -t ed25519 -N '' -f other
grep ",$address " "$LAB_HOME/known_hosts" | cut -d' ' -f2- | ssh-keygen -lf - | cut -d' ' -f2 >fingerprints
shows_a_fingerprint() { grep -qFf fingerprints <<<"$SAID"; }
refused() { # what summary
  manifest <<<"$body"
  expect "$1: plan" 7 'Plan: 0 to add, 0 to change, 0 to destroy.' plan
  expect_contains "$1: it says why" "$2"
  check "$1: with the fingerprint" shows_a_fingerprint
  expect "$1: apply" 1 '' apply --auto-approve
  expect_contains "$1: it says why too" "$2"
  check "$1: nothing is done" refuses on "$HOST" test -e /opt/site
}
KNOWN_HOSTS=$WORK/known_hosts
printf '%s %s\n' "$address" "$(cut -d' ' -f1,2 other.pub)" >known_hosts
refused 'another key' 'Host key has changed'
echo "10.77.2.250 $(cut -d' ' -f1,2 other.pub)" >known_hosts
refused 'an unknown host' 'Host key is unknown'
: >known_hosts
refused 'no key at all' 'Host key is unknown'
{
  grep ",$address " "$LAB_HOME/known_hosts"
  grep ",$address " "$LAB_HOME/known_hosts" | sed 's/^/@revoked /'
} >known_hosts
refused 'a revoked key' 'Host key is revoked'

grep ",$address ssh-ed25519" "$LAB_HOME/known_hosts" | sed 's/^[^ ]*/*/' >known_hosts
ssh-keygen -q -H -f known_hosts 2>/dev/null || true # a pattern cannot be hashed, and stays
manifest <<<"$body"
expect 'the right key' 0 'Plan: 1 to add, 0 to change, 0 to destroy.' plan
