#!/usr/bin/env bash
# needs: full
# takes: 30
# A node that Slurm holds as down and that does not answer is away: no failure, and done when it is back.
# shellcheck source=/dev/null disable=SC2016,SC2034 # scripts for hosts are in single quotes; lib.sh reads settings
. "${0%/*}/lib.sh"

declare_all() { # QoS priority
  manifest <<YAML
node_types: { node: { directories: { /opt/away: {} } } }
slurm: { controllers: [controller], qos: { away: { priority: $1 } } }
YAML
}
state_of() { on controller sinfo -h -n "$1" -N -o %T | head -n 1; }
is_idle() { [ "$(state_of "$1")" = idle ]; }

declare_all 1
lab cut node002
expect 'a node that is gone without a word is unchecked' 7 '*' plan
on controller scontrol update nodename=node002 state=down reason='power supply is broken'
expect 'one that Slurm holds as down is away' 2 'Plan: 4 to add, 0 to change, 0 to destroy.' plan --detailed-exitcode
expect_contains 'which is said, with its reason' 'away: node002: Slurm holds it as DOWN'
expect_contains 'in the words of who took it out' 'power supply is broken'
tidelock plan --json
expect_same 'as data too' node002 "$(jq -r '.away[].host' <<<"$OUT")"
check 'as the schema says' same '' "$(against_schema)"
expect 'an apply does all else' 0 'Applied: 4 added, 0 changed, 0 destroyed.' apply --auto-approve
expect 'and nothing is left to do but that' 0 'No changes. *' plan --detailed-exitcode
expect_contains 'which is said again' 'away: node002'
lab uncut node002
expect 'when it is back it is like the others' 0 'Applied: 1 added, 0 changed, 0 destroyed.' apply --auto-approve
expect 'and all is as declared' 0 'No changes. *' plan --detailed-exitcode
expect_lacks 'with nobody away' 'away:'
on controller scontrol update nodename=node002 state=resume
check 'Slurm has it back' eventually is_idle node002
on controller scontrol update nodename=node001 state=drain reason='by hand'
declare_all 2
expect 'a drained node that answers is looked at' 0 'Applied: 0 added, 1 changed, 0 destroyed.' apply --auto-approve
check 'and stays drained' contains "$(state_of node001)" drained
on controller scontrol update nodename=node001 state=resume
on controller sacctmgr -i delete qos away >/dev/null
for host in "${HOSTS[@]}"; do script_on "$host" 'rm -rf /var/lib/tidelock /opt/away'; done
