#!/usr/bin/env bash
# needs: light 2
# What is no longer declared: deleted when we made it, released when it was there before, kept when it is protected.
# shellcheck source=/dev/null disable=SC2016,SC2034 # scripts for hosts are in single quotes; lib.sh reads settings
. "${0%/*}/lib.sh"

mkdir images
make_image images/one.sif 70000
make_image images/two.sif 70000
script_on "$HOST" 'mkdir -p /opt/theirs; echo theirs >/opt/theirs/file; chmod 0700 /opt/theirs'
manifest "$HOST" <<'YAML'
node_types:
  node:
    directories:
      /opt/site: {}
      /opt/site/full: {}
      /opt/theirs: { mode: "0755" }
      /opt/kept: { protect: true }
    files:
      /opt/site/one: { content: "1" }
      /opt/site/full/two: { content: "2" }
      /opt/theirs/file: { content: "theirs\n" }
    images: { /opt/apptainers: { from: images } }
YAML
expect 'apply' 0 'Applied: *' apply --auto-approve
script_on "$HOST" 'echo by hand >/opt/site/full/mine; sleep 300 </opt/apptainers/two.sif >/dev/null 2>&1 &
  echo "$!" >/root/user'
manifest "$HOST" <<'YAML'
node_types: { node: {} }
YAML
before=$(listing "$HOST")
expect 'plan' 2 'Plan: 0 to add, 0 to change, 3 to destroy.' plan --detailed-exitcode
expect_contains 'what we made goes' "- file /opt/site/one on $HOST"
expect_contains 'what others put there stays' '! directory /opt/site/full'
expect_contains 'and why' 'it is not empty: it holds mine'
expect_contains 'and so does what it stands on' '! directory /opt/site on'
expect_contains 'an image in use waits' 'pending: process'
expect_contains 'what was there before is released' 'released: directory /opt/theirs'
expect_contains 'what is protected is kept' '! directory /opt/kept'
expect_same 'plan touches nothing' "$before" "$(listing "$HOST")"
tidelock plan --json
expect_same 'the plan fits its schema' '' "$(against_schema)"
expect 'apply' 3 'Applied: 0 added, 0 changed, 3 destroyed.' apply --auto-approve
expect_same 'what was not ours is there' 'theirs' "$(on "$HOST" cat /opt/theirs/file)"
expect_same 'what was put there is there' 'by hand' "$(on "$HOST" cat /opt/site/full/mine)"
check 'what we made is gone' refuses on "$HOST" test -e /opt/site/one
check 'the image in use is there' on "$HOST" test -e /opt/apptainers/two.sif
tidelock plan
expect_lacks 'nothing is released twice' released:

script_on "$HOST" 'kill "$(cat /root/user)"; rm /opt/site/full/mine'
expect 'the rest goes' 0 'Applied: 0 added, 0 changed, 3 destroyed.' apply --auto-approve
expect_same 'only what is not ours is left' '/opt/apptainers /opt/kept /opt/theirs' "$(script_on "$HOST" 'echo /opt/*')"
expect 'nothing is left to do' 0 'No changes.*' plan --detailed-exitcode
expect_contains 'what is protected is still named' 'it is protected'
expect_same 'no ledger entry is left but that' 1 "$(ledger_of "$HOST" | grep -c '"kind"')"

manifest "${HOSTS[1]}" <<'YAML'
node_types: { node: { files: { /opt/here: { content: "x" } } } }
YAML
expect 'apply' 0 'Applied: 1 added, *' apply --auto-approve
on "${HOSTS[1]}" rm /opt/here
manifest "${HOSTS[1]}" <<'YAML'
node_types: { node: {} }
YAML
expect 'what is gone already is only forgotten' 0 'No changes.*' apply --auto-approve
expect_same 'and it is' 0 "$(ledger_of "${HOSTS[1]}" | grep -c '"kind"' || true)"
