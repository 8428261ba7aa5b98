#!/usr/bin/env bash
# needs: light 3
# takes: 60
# Hosts that do not answer are named, cost no more than their time limit, and stop nobody else.
# shellcheck source=/dev/null disable=SC2016,SC2034 # scripts for hosts are in single quotes; lib.sh reads settings
. "${0%/*}/lib.sh"

well=${HOSTS[0]} cut=${HOSTS[1]} frozen=${HOSTS[2]}
manifest <<'YAML'
node_types:
  node:
    directories: { /opt/site: { owner: root, group: root, mode: "0755" } }
YAML
lab cut "$cut"
lab freeze "$frozen"
started=$SECONDS
expect 'a plan is not complete' 7 'Plan: 1 to add, 0 to change, 0 to destroy.' plan --detailed-exitcode
check 'it ends soon' test $((SECONDS - started)) -lt 25
expect_contains 'the host that is cut off is named' "$cut (portal@$(address_of "$cut"))"
expect_contains 'the frozen one too' "$frozen (portal@$(address_of "$frozen"))"
expect_contains 'and it says so' '2 of 3 hosts could not be checked fully: this plan is not complete.'
expect 'apply does what it can' 7 'Applied: 1 added, 0 changed, 0 destroyed.' apply --auto-approve
expect_same 'on the host that answers' 'root:root 755' "$(like "$well" /opt/site)"
tidelock plan --json
expect_exit 'nothing to do is not enough' 7
expect_same 'an incomplete plan is as its schema says' '' "$(against_schema)"
expect_same 'each has its reason' "$(printf '%s\n' "$cut" "$frozen")" "$(jq -r '.unchecked[] | select(.reason != "") | .host' <<<"$OUT")"

lab thaw "$frozen"
lab uncut "$cut"
expect 'when they are back, the rest is done' 0 'Applied: 2 added, 0 changed, 0 destroyed.' apply --auto-approve
expect 'nothing is left' 0 'No changes.*' plan --detailed-exitcode
