#!/usr/bin/env bash
# needs: full
# takes: 190
# slurm.conf and gres.conf on real daemons: partitions, nodes and parameters, the same on all hosts, tried before, back afterwards.
# shellcheck source=/dev/null disable=SC2016,SC2034 # scripts for hosts are in single quotes; lib.sh reads settings
. "${0%/*}/lib.sh"

HOST=controller
ALL=(controller viz-node001 node001 node002)
GPUS=4 DEVICES='/dev/nvidia[0-3]' TIMEOUT=30 PARTITIONS='' MORE='' WEIGHT=1 POLICY='' VIZ_TIME='12:00:00'
declare_conf() {
  cat >cluster.yaml <<YAML
tidelock: 1
cluster: lab
connection: { user: $SSH_USER, become: $BECOME, identity: $LAB_HOME/keys/id_ed25519, known_hosts: $KNOWN_HOSTS }
nodes:
  controller: { type: controller, address: $(address_of controller) }
  viz-node001: { type: viz, address: $(address_of viz-node001), cpus: 8, memory: 3584M, gres: { gpu: $GPUS } }
  node001: { type: compute, address: $(address_of node001), cpus: 64, memory: 256G }
  node002: { type: compute, address: $(address_of node002), cpus: 64, memory: 256G }
node_types: { controller: {}, viz: {}, compute: {} }
slurm:
  controllers: [controller]
  config: { SlurmctldTimeout: $TIMEOUT$MORE }
  nodes: { viz-node001: { devices: { gpu: "$DEVICES" } }, "node[001-002]": { weight: $WEIGHT } }
  partitions:
    viz: { node_types: [viz], max_time: "$VIZ_TIME" }
    group1: { node_types: [compute], default: true, max_time: 2d }
$PARTITIONS
$POLICY
YAML
}
submit() { # user option...
  on "$HOST" runuser -u "$1" -- sh -c 'cd /tmp && exec sbatch --parsable --wrap="sleep 300" "$@"' sh "${@:2}" 2>&1 || true
}
job_state() { on "$HOST" squeue -h -a -j "$1" -o %T 2>/dev/null || true; }
runs() { [ "$(job_state "$1")" = RUNNING ]; }
cancelled() { on "$HOST" scancel -u "$1"; [ -z "$(on "$HOST" squeue -h -a -u "$1")" ]; }
conf_of() { on "$1" cat /etc/slurm/slurm.conf /etc/slurm/gres.conf; }
has_same() { [ "$(conf_of "$1")" = "$(conf_of controller)" ]; }
all_have_the_same() { local host; for host in "${ALL[@]}"; do has_same "$host" || return 1; done; }
node_state() { on "$HOST" scontrol -o show node "$1" | sed -n 's/.* State=\([^ ]*\) .*/\1/p'; }
node_is() { [ "$(node_state "$1")" = "$2" ]; }
partition_shown() { on "$HOST" sinfo -h -p "$1" -o %R | grep -qx "$1"; }
is_as_before() { [ "$(conf_of "$1")" = "$(cat before.conf)" ]; }
all_as_before() { local host; for host in "${ALL[@]}"; do is_as_before "$host" || return 1; done; }
no_leftovers() { ! on "$HOST" sh -c 'ls -d /run/tidelock-slurm-trial /var/lib/tidelock/slurm/owed 2>/dev/null | grep -q .'; }

# Comments and odd spacing of the administrators, which must stay.
for host in "${ALL[@]}"; do
  script_on "$host" 'printf "\n# kept by hand:  do not touch\nMaxArraySize  =  2001   # arrays\n" >>/etc/slurm/slurm.conf'
done
on "$HOST" scontrol reconfigure
conf_of controller >before.conf

declare_conf
expect 'what is there is as declared' 0 'No changes.*' plan --detailed-exitcode

# --- a partition is added while a job runs

JOB=$(submit alice -p group1 -w node001 -n1)
check 'a job runs' eventually runs "$JOB"
PARTITIONS='    debug: { nodes: [node001], max_time: 30m, allow_qos: [normal] }'
declare_conf
expect 'a partition is planned, and the files of all hosts' 2 'Plan: 1 to add, 4 to change, 0 to destroy.' plan --detailed-exitcode
expect_contains 'with what changes in them' '+PartitionName=debug Nodes=node001 AllowQos=normal MaxTime=00:30:00'
expect 'and made' 0 'Applied: 1 added, 4 changed, 0 destroyed.' apply --auto-approve
expect 'and as declared' 0 'No changes.*' plan --detailed-exitcode
check 'slurmctld has it' partition_shown debug
check 'all hosts have the same' all_have_the_same
check 'the job runs on' runs "$JOB"
check 'comments and spacing are as they were' on "$HOST" grep -qx 'MaxArraySize  =  2001   # arrays' /etc/slurm/slurm.conf
check 'nothing is left of the trial' no_leftovers

# --- what cannot be never reaches a living file

PARTITIONS='    debug: { nodes: [node001, node009], max_time: 30m }'
declare_conf
expect 'a node that is not there is told at once' 2 '*' plan --detailed-exitcode
expect_contains 'with its name' 'its node node009 has no NodeName line'
PARTITIONS='    debug: { nodes: [node001], max_time: 30m, allow_qos: [normal] }' MORE=', SchedulerType: sched/none'
declare_conf
conf_of controller >good.conf
expect 'a plugin that is not there fails the trial' 1 'Applied: 0 added, 0 changed, 0 destroyed, *' apply --auto-approve
expect_contains 'with what slurmctld said' 'cannot find sched plugin for sched/none'
expect_same 'no file was touched' "$(cat good.conf)" "$(conf_of controller)"
check 'on no host' all_have_the_same
MORE=', NoSuchParameter: 3'
declare_conf
expect 'nor one with an unknown parameter' 1 '*' apply --auto-approve
expect_contains 'which is named' 'NoSuchParameter'
expect_same 'and no file was touched' "$(cat good.conf)" "$(conf_of controller)"
MORE=''

# --- a partition that is in use waits, and goes

IN_USE=$(submit bob -p debug -n1 --time=10)
check 'a job runs in it' eventually runs "$IN_USE"
PARTITIONS=''
declare_conf
expect 'a partition with a job waits' 2 '*' plan --detailed-exitcode
expect_contains 'for that job' "pending until job $IN_USE (running, bob) ends"
check 'it is cancelled' eventually cancelled bob
expect 'and goes then' 0 'Applied: 0 added, 4 changed, 1 destroyed.' apply --auto-approve --max-deletions 1
check 'slurmctld has it no more' refuses partition_shown debug
check 'every byte is as before' all_as_before

# --- what a node is made of waits for its jobs

VIZ=$(submit alice -p viz -n1 --gres=gpu:1)
check 'a job has a GPU' eventually runs "$VIZ"
GPUS=3 DEVICES='/dev/nvidia[0-2]'
declare_conf
expect 'fewer GPUs wait' 2 '*' plan --detailed-exitcode
expect_contains 'for the job on the node' "pending until job $VIZ (running, alice) ends"
check 'jobs are gone' eventually cancelled alice
expect 'and come then, with a restart' 0 'Applied: 0 added, 5 changed, 0 destroyed.' apply --auto-approve
expect_same 'slurmctld counts three' 'gpu:3' "$(on "$HOST" sinfo -h -N -n viz-node001 -o %G | sort -u)"
check 'the node is well' eventually node_is viz-node001 IDLE
expect 'and as declared' 0 'No changes.*' plan --detailed-exitcode
GPUS=4 DEVICES='/dev/nvidia[0-3]'
declare_conf
expect 'and more again' 0 'Applied: 0 added, 5 changed, 0 destroyed.' apply --auto-approve
check 'the node is well' eventually node_is viz-node001 IDLE
expect_same 'slurmctld counts four' 'gpu:4' "$(on "$HOST" sinfo -h -N -n viz-node001 -o %G | sort -u)"

# --- Slurm is not as well afterwards: everything comes back, on all hosts

conf_of controller >good.conf
GPUS=8
declare_conf
expect 'more GPUs than the node has are taken back' 8 '*' apply --auto-approve
expect_contains 'the node is named' 'viz-node001'
expect_contains 'and why' 'INVALID'
expect_same 'the old files are back' "$(cat good.conf)" "$(conf_of controller)"
check 'on all hosts' all_have_the_same
check 'the node is well again' eventually node_is viz-node001 IDLE
GPUS=4
declare_conf
expect 'nothing is left to do' 0 'No changes.*' plan --detailed-exitcode

# --- a node drained by hand stays so; files changed by hand are drift

on "$HOST" scontrol update NodeName=node002 State=DRAIN Reason='fan broken'
WEIGHT=7
declare_conf
expect 'a drained node is told of' 2 '*' plan --detailed-exitcode
expect_contains 'with the reason' 'node002 is drained (fan broken), and stays so.'
expect 'and changed' 0 '*' apply --auto-approve
check 'it is drained still' node_is node002 IDLE+DRAIN
check 'with its reason' contains "$(on "$HOST" scontrol show node node002)" 'fan broken'
on "$HOST" scontrol update NodeName=node002 State=RESUME
script_on node002 'echo "# by hand" >>/etc/slurm/slurm.conf'
expect 'one host that differs is drift' 2 '*' plan --detailed-exitcode
expect_contains 'and it alone' '~ slurm_files /etc/slurm on node002'
expect 'it gets the same again' 0 'Applied: 0 added, 1 changed, 0 destroyed.' apply --auto-approve
check 'as all others' all_have_the_same
script_on controller 'sed -i "s/^SlurmctldTimeout=.*/SlurmctldTimeout=99/" /etc/slurm/slurm.conf'
expect 'a line changed by hand is drift' 2 '*' plan --detailed-exitcode
expect_contains 'of exactly that' '[99] → [30]'
expect 'and mended' 0 '*' apply --auto-approve
expect_same 'the line is as declared' 'SlurmctldTimeout=30' "$(on "$HOST" grep ^SlurmctldTimeout= /etc/slurm/slurm.conf)"

# --- an apply that was cut off between the files and their reading; jobs and policy

script_on controller 'mkdir -p /var/lib/tidelock/slurm/old && touch /var/lib/tidelock/slurm/owed'
expect 'what slurmctld was not told of is owed' 2 '*' plan --detailed-exitcode
expect_contains 'and shown' 'loaded  false → true'
expect 'and made up for' 0 'Applied: 0 added, 1 changed, 0 destroyed.' apply --auto-approve
check 'nothing is owed any more' no_leftovers
JOB=$(submit alice -p viz -n1)
check 'a job runs' eventually runs "$JOB"
POLICY='policy: { jobs: refuse }' VIZ_TIME='11:00:00'
declare_conf
expect 'what jobs would feel is refused' 4 '*' apply --auto-approve
expect_contains 'with the job' "job $JOB would feel it"
POLICY='policy: { jobs: prompt }'
declare_conf
expect 'or asked about' 4 '*' apply --auto-approve
expect_contains 'even with --auto-approve' 'policy.jobs wants somebody to be asked'
expect 'a plan that was seen' 2 '*' plan --detailed-exitcode --out seen.plan
expect 'is made' 0 '*' apply seen.plan
POLICY='' VIZ_TIME='12:00:00'
declare_conf
expect 'and back' 0 '*' apply --auto-approve
check 'the job ran all the time' runs "$JOB"
check 'it is cancelled' eventually cancelled alice

# --- a part of it alone, the way back, slurmctld down

TIMEOUT=40
declare_conf
expect 'a part of it alone is not changed' 2 '*' plan --detailed-exitcode --target 'controller:slurm_config:*'
expect_contains 'for all belong together' 'it changes together with'
conf_of controller >good.conf
expect 'all of it is' 0 '*' apply --auto-approve
expect 'and goes back' 0 '*' rollback --auto-approve
expect_same 'to the same bytes' "$(cat good.conf)" "$(conf_of controller)"
check 'on all hosts' all_have_the_same
TIMEOUT=30
declare_conf
expect 'which is as declared' 0 'No changes.*' plan --detailed-exitcode
on "$HOST" systemctl stop slurmctld
TIMEOUT=50
declare_conf
expect 'with slurmctld down the files are still known' 2 '*' plan --detailed-exitcode --only slurm_config --only slurm_files
expect 'and written' 0 '*' apply --auto-approve
on "$HOST" systemctl start slurmctld
check 'slurmctld starts with them' eventually partition_shown viz
WEIGHT=1 TIMEOUT=30
declare_conf
expect 'the lab is as it was' 0 '*' apply --auto-approve
check 'with every byte' all_as_before
for host in "${ALL[@]}"; do script_on "$host" 'rm -rf /var/lib/tidelock'; done
