#!/usr/bin/env bash
# needs: heavy
# What lies on a shared file system is written once, checked everywhere, and never written where it is not mounted.
# shellcheck source=/dev/null disable=SC2016,SC2034 # scripts for hosts are in single quotes; lib.sh reads settings
. "${0%/*}/lib.sh"

wipe_heavy
manifest <<'YAML'
filesystems: { /shared: { scope: cluster, apply_on: controller } }
node_types:
  node:
    directories: { /shared/site: { owner: portal, group: portal, mode: "0755" } }
    files: { /shared/site/file: { content: "one for all\n", mode: "0644" } }
YAML
expect 'one host writes' 0 'Plan: 2 to add, 0 to change, 0 to destroy.' plan
expect_contains 'the controller' '+ directory /shared/site on controller'
expect 'apply' 0 'Applied: 2 added, 0 changed, 0 destroyed.' apply --auto-approve
expect_same 'it is seen on all' 'one for all' "$(on node002 cat /shared/site/file)"
expect_same 'the others keep no record of it' '' "$(on node001 cat /var/lib/tidelock/ledger 2>/dev/null | grep /shared || true)"
expect 'nothing is left' 0 'No changes. 8 resources on 4 hosts *' plan --detailed-exitcode
on viz-node001 chmod 0700 /shared/site
expect 'drift is one change too' 2 'Plan: 0 to add, 1 to change, 0 to destroy.' plan --detailed-exitcode
expect 'apply' 0 'Applied: 0 added, 1 changed, 0 destroyed.' apply --auto-approve

lab disk node001 /shared 1m
expect 'a host where it is not mounted' 2 'Plan: 0 to add, 0 to change, 0 to destroy.' plan --detailed-exitcode
expect_contains 'is named' '! directory /shared/site on node001'
expect_contains 'and asked about' 'is /shared mounted?'
expect 'apply leaves it' 3 '*' apply --auto-approve
expect_same 'nothing is written there' '' "$(on node001 ls -A /shared)"
on controller rm /shared/site/file
expect 'what is written on the controller' 3 'Applied: 1 added, 0 changed, 0 destroyed, * failed.' apply --auto-approve
expect_contains 'is not seen there' "file /shared/site/file on node001"
expect_same 'and is not written there' '' "$(on node001 ls -A /shared)"
lab disk node001 /shared off
expect 'with the mount all is well' 0 'No changes.*' plan --detailed-exitcode
wipe_heavy
