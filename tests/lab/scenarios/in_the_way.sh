#!/usr/bin/env bash
# needs: light 1
# Something else where a resource should be is left alone and named; a link to a directory on the way is fine.
# shellcheck source=/dev/null disable=SC2016,SC2034 # scripts for hosts are in single quotes; lib.sh reads settings
. "${0%/*}/lib.sh"

mkdir images
make_image images/one.sif 70000
make_image images/two.sif 70000
script_on "$HOST" '
  mkdir -p /opt/w/is-dir /opt/w/target /opt/apptainers/two.sif
  echo victim >/opt/victim
  ln -s /opt/victim /opt/w/link
  ln -s /opt/nowhere /opt/w/dangling
  ln -s /opt/w/target /opt/w/link-to-dir
  mkfifo /opt/w/fifo /opt/apptainers/one.sif
  echo linked >/opt/w/hard; ln /opt/w/hard /opt/w/other-name
  echo plain >/opt/w/plain'
manifest <<'YAML'
node_types:
  node:
    directories:
      /opt/w/link-to-dir: { mode: "0700" }
      /opt/w/plain/below: { mode: "0755" }
      /opt/w/fifo/below: {}
    files:
      /opt/w/link: { content: "x", mode: "0600" }
      /opt/w/dangling: { content: "x" }
      /opt/w/is-dir: { content: "x" }
      /opt/w/hard: { content: "x" }
    images: { /opt/apptainers: { from: images } }
YAML
before=$(listing "$HOST")
expect 'plan' 0 'Plan: 0 to add, 0 to change, 0 to destroy.' plan
for what in 'file /opt/w/link ' 'file /opt/w/dangling ' 'file /opt/w/is-dir ' 'file /opt/w/hard ' 'directory /opt/w/link-to-dir ' \
  'directory /opt/w/plain ' 'directory /opt/w/plain/below ' 'directory /opt/w/fifo ' 'image /opt/apptainers/one.sif ' \
  'image /opt/apptainers/two.sif '; do
  expect_contains "blocked: $what" "! ${what}on $HOST"
done
expect_contains 'each with its reason' 'blocked: a symbolic link is in the way'
expect_contains 'what stands on it too' 'blocked: it needs directory /opt/w/plain, which is blocked'
expect_contains 'hard links' 'it has 2 hard links'
expect 'it counts as something to do' 2 'Plan: 0 to add, *' plan --detailed-exitcode
expect 'apply leaves it' 3 '*' apply --auto-approve
expect_same 'and touches nothing' "$before" "$(listing "$HOST" | grep -v '^/var/lib/tidelock')"

manifest <<'YAML'
node_types:
  node:
    files:
      /opt/w/link-to-dir/file: { content: "through the link" }
      /opt/w/fifo: { content: "x" }
YAML
expect 'a FIFO is never opened' 0 'Plan: 1 to add, 0 to change, 0 to destroy.' plan
expect_contains 'it is in the way' 'blocked: a FIFO is in the way'
expect 'a link to a directory is followed on the way' 3 'Applied: 1 added, 0 changed, 0 destroyed.' apply --auto-approve
expect_same 'the file is behind it' 'through the link' "$(on "$HOST" cat /opt/w/target/file)"
expect_same 'the link is still one' 'symbolic link' "$(on "$HOST" stat -c %F /opt/w/link-to-dir)"
