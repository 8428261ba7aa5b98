#!/usr/bin/env bash
# needs: full
# takes: 90
# Two controllers: both get the configuration, and what is declared is made while the first one's slurmctld is down.
# shellcheck source=/dev/null disable=SC2016,SC2034 # scripts for hosts are in single quotes; lib.sh reads settings
. "${0%/*}/lib.sh"

HOST=controller
STATE=/shared/slurm-state
ALL=(controller viz-node001 node001 node002)
declare_conf() { # SlurmctldTimeout partitions
  cat >cluster.yaml <<YAML
tidelock: 1
cluster: lab
connection: { user: $SSH_USER, become: $BECOME, identity: $LAB_HOME/keys/id_ed25519, known_hosts: $KNOWN_HOSTS }
nodes:
  controller: { type: node, address: $(address_of controller) }
  viz-node001: { type: node, address: $(address_of viz-node001) }
  node001: { type: node, address: $(address_of node001) }
  node002: { type: node, address: $(address_of node002) }
node_types: { node: {} }
slurm:
  controllers: [controller, node001]
  clients: [viz-node001, node002]
  config:
    SlurmctldHost: [controller, node001]
    StateSaveLocation: $STATE
    SlurmctldTimeout: $1
  partitions:
    group1: { nodes: ["node[001-002]"], default: true, max_time: 2d }
$2
YAML
}
partition_shown() { on "$1" sinfo -h -p "$2" -o %R | grep -qx "$2"; } # host partition
ping_says() { on "$HOST" scontrol ping | grep -q "$1"; }
answers() { on "$HOST" timeout 20 squeue -h; }

for host in "${ALL[@]}"; do on "$host" cat /etc/slurm/slurm.conf >"before.$host"; done
script_on "$HOST" 'mkdir -p "$1" && cp -a /var/lib/slurm/slurmctld/. "$1" && chown -R slurm: "$1" && chmod 755 "$1"' "$STATE"
declare_conf 10 ''
expect 'a second controller is planned' 2 '*' plan --detailed-exitcode
expect_contains 'with a restart, and why' 'service slurmctld: restarted: '
expect 'and made' 0 '*' apply --auto-approve
expect_same 'both are in the file' 2 "$(on "$HOST" grep -c ^SlurmctldHost= /etc/slurm/slurm.conf)"
on node001 systemctl start slurmctld
check 'the second one stands by' eventually ping_says '(backup) at node001 is UP'
expect 'and all is as declared' 0 'No changes.*' plan --detailed-exitcode

on "$HOST" systemctl stop slurmctld
PATIENCE=60
check 'the second one takes over' eventually answers
declare_conf 10 '    debug: { nodes: [node002], max_time: 30m }'
expect 'a partition is planned while the first one is down' 2 'Plan: 1 to add, 4 to change, 0 to destroy.' plan --detailed-exitcode
expect 'and made' 0 'Applied: 1 added, 4 changed, 0 destroyed.' apply --auto-approve
check 'the second one has it' partition_shown node002 debug
on "$HOST" systemctl start slurmctld
check 'the first one is back' eventually ping_says '(primary) at controller is UP'
check 'and has it too' eventually partition_shown "$HOST" debug
expect 'and all is as declared' 0 'No changes.*' plan --detailed-exitcode

on node001 systemctl stop slurmctld
for host in "${ALL[@]}"; do
  "$LAB" exec "$host" sh -c 'cat >/etc/slurm/slurm.conf' <"before.$host"
  script_on "$host" 'rm -rf /var/lib/tidelock'
done
on "$HOST" systemctl restart slurmctld
check 'the lab is as it was' eventually partition_shown "$HOST" group1
script_on "$HOST" 'rm -rf "$1"' "$STATE"
