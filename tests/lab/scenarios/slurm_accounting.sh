#!/usr/bin/env bash
# needs: full
# takes: 90
# QoS, accounts, users and their associations on a real slurmdbd: made, used by real jobs, changed by hand, reset, removed.
# shellcheck source=/dev/null disable=SC2016,SC2034 # scripts for hosts are in single quotes; lib.sh reads settings
. "${0%/*}/lib.sh"

HOST=controller
sacctmgr() { on "$HOST" sacctmgr "$@"; }
shown() { sacctmgr -nP show "$@"; }
declare_slurm() { # the section on stdin
  {
    echo 'node_types: { node: {} }'
    echo 'slurm:'
    echo '  controllers: [controller]'
    cat
  } | manifest controller
}
# What becomes of a job of that user; it is gone again afterwards.
submit() { # user option...
  local user=$1
  shift
  on "$HOST" runuser -u "$user" -- sh -c 'cd /tmp && exec sbatch --parsable --wrap="sleep 300" "$@"' sh "$@" 2>&1 || true
}
job_state() { on "$HOST" squeue -h -a -j "$1" -o %T 2>/dev/null || true; } # job
runs() { [ "$(job_state "$1")" = RUNNING ]; }
is_over() { ! on "$HOST" squeue -h -a -o %A | grep -qx "$1"; }
cancelled() { on "$HOST" scancel -u "$1"; [ -z "$(on "$HOST" squeue -h -a -u "$1")" ]; } # user
accepted() { [[ $(submit "$@") =~ ^[0-9]+$ ]]; }
refused_for() { contains "$(submit "${@:2}")" "$1"; } # reason user option...
daemon_answers() { shown tres >/dev/null 2>&1; }
changed_of() { jq -r --arg address "$1" '.resource_changes[] | select(.address == $address) | .changed | join(" ")' <<<"$OUT"; }

shown qos >before.qos
shown associations wopl format=account,user,qos,defaultqos,fairshare,maxjobs >before.associations

# --- the QoS of the site, and who may use it

moonlight() { # more keys of portal's association
  cat <<YAML
  qos: { moonlight: { grace_time: 60s, max_wall: "8:00:00", max_tres_per_user: { gpu: 2 }, priority: 100, flags: [DenyOnLimit], description: "For sessions | of all" } }
  accounts: { viz: { description: Visualization } }
  users:
    portal: { default_account: viz, accounts: { viz: { qos: [normal, moonlight], default_qos: normal$1 } } }
YAML
}
moonlight '' | declare_slurm
expect 'the site is planned' 2 'Plan: 3 to add, 1 to change, 0 to destroy.' plan --detailed-exitcode
expect_contains 'GPUs have their long name' 'max_tres_per_user [gres/gpu=2]'
expect 'and made' 0 'Applied: 3 added, 1 changed, 0 destroyed.' apply --auto-approve
expect 'and as declared' 0 'No changes.*' plan --detailed-exitcode
expect_same 'sacctmgr has it all' 'moonlight|100|00:01:00|DenyOnLimit|08:00:00|gres/gpu=2|for sessions | of all' \
  "$(shown qos moonlight format=name,priority,gracetime,flags,maxwall,maxtrespu,description)"
check 'a job is accepted under it' accepted portal -A viz -p viz --qos=moonlight --gres=gpu:1 --time=1:00:00
check 'more wall time is refused' refused_for QOSMaxWallDurationPerJobLimit portal -A viz -p viz --qos=moonlight --time=9:00:00
check 'three GPUs are refused' refused_for QOSMaxGRESPerUser portal -A viz -p viz --qos=moonlight --gres=gpu:3
check 'somebody else may not use it' refused_for 'Invalid qos' alice -p viz --qos=moonlight
check 'the job is gone' eventually cancelled portal
{ moonlight '' && echo '    alice: { accounts: { research: { qos: [normal, moonlight] } } }'; } | declare_slurm
expect 'alice gains it' 0 'Applied: 0 added, 1 changed, 0 destroyed.' apply --auto-approve
check 'and uses it' accepted alice -p viz --qos=moonlight
check 'her job is gone' eventually cancelled alice
{ moonlight '' && echo '    alice: { accounts: { research: { qos: [normal] } } }'; } | declare_slurm
expect 'alice loses it' 0 'Applied: 0 added, 1 changed, 0 destroyed.' apply --auto-approve
check 'and cannot use it' refused_for 'Invalid qos' alice -p viz --qos=moonlight
moonlight ', max_jobs: 5' | declare_slurm
expect 'her association was there before: it is released' 0 'Applied: 0 added, 1 changed, 0 destroyed.' apply --auto-approve
expect_contains 'which is said' 'released: slurm_association research/alice'
expect_same 'and stays' 'research|alice|normal|5|' "$(shown associations user=alice wopl format=account,user,qos)|$(shown associations user=portal account=viz wopl format=maxjobs)|"

# --- changes by hand

sacctmgr -i modify qos moonlight set MaxWall=4:00:00 MaxTRESPerUser=cpu=7 GrpJobs=3 >/dev/null
sacctmgr -i modify user portal account=viz set qos-=moonlight >/dev/null
sacctmgr -i add qos byhand >/dev/null
sacctmgr -i add user carol account=viz >/dev/null
tidelock plan --json --detailed-exitcode
expect_same 'what was changed by hand is drift, and nothing else' \
  "controller:slurm_association:viz/portal update drift controller:slurm_qos:moonlight update drift" "$(changes | xargs)"
expect_same 'with its attributes alone' 'max_tres_per_user max_wall qos' \
  "$(changed_of controller:slurm_qos:moonlight) $(changed_of controller:slurm_association:viz/portal)"
check 'the plan is as its schema says' same '' "$(against_schema)"
expect 'what others made is shown when asked for' 0 'Plan: *' plan --show-extra
expect_contains 'by name' 'extra: slurm_qos byhand on controller'
expect 'it is mended' 0 'Applied: 0 added, 2 changed, 0 destroyed.' apply --auto-approve
expect_same 'a limit that nobody declared stays' '08:00:00|gres/gpu=2|3' "$(shown qos moonlight format=maxwall,maxtrespu,grpjobs)"

# --- what is left out is reset; what cannot be done is known before

{
  cat <<'YAML'
  limits: { grp_jobs: 500, max_wall: 2-00:00:00 }
  qos: { moonlight: { grace_time: 60s, flags: [DenyOnLimit] }, more: { max_tres_per_job: { "gpu:v100": 1 } } }
  accounts: { viz: { fairshare: parent, grp_tres: { cpu: 64, mem: 1.5T } } }
  users:
    portal: { default_account: viz, accounts: { viz: { qos: [normal, moonlight] } } }
YAML
} >section
declare_slurm <section
tidelock validate
expect_exit 'an amount that is none is an error' 1
sed -i 's/1.5T/1536G/' section
declare_slurm <section
expect 'limits that are left out are reset' 2 'Plan: 0 to add, 4 to change, 0 to destroy.' plan --detailed-exitcode
expect_contains 'one by one' 'max_wall           8h → none'
expect_contains 'what Slurm does not count is known before' 'Slurm does not count gres/gpu:v100; AccountingStorageTRES in slurm.conf has to name it'
expect 'and explained' 0 '*' explain controller:slurm_qos:moonlight
expect_contains 'as what it goes back to' 'max_wall is 8h and must be none'
expect 'all else is done' 3 'Applied: 0 added, 4 changed, 0 destroyed.' apply --auto-approve
expect_same 'they are reset' '0||' "$(shown qos moonlight format=priority,maxwall,maxtrespu)"
expect_same 'of associations too' '|' "$(shown associations user=portal account=viz wopl format=defaultqos,maxjobs)"
sed -i '/more:/s/, more: .*}$/ }/; /limits:/s/grp_jobs: 500, //' section
declare_slurm <section
expect 'and of the cluster' 0 'Applied: 0 added, 1 changed, 0 destroyed.' apply --auto-approve
expect_same 'whose other limit stays' '|2-00:00:00' "$(shown associations account=root wopl format=user,grpjobs,maxwall | sed -n 's/^|//p')"
expect 'which is all' 0 'No changes.*' plan --detailed-exitcode
expect 'the last run is taken back' 0 'Applied: *' rollback --auto-approve
expect_same 'as it was' '500|2-00:00:00' "$(shown associations account=root wopl format=user,grpjobs,maxwall | sed -n 's/^|//p')"

# --- jobs hold back what they use

job=$(submit portal -A viz -p group1 --qos=moonlight)
check 'a job runs' eventually runs "$job"
declare_slurm </dev/null
expect 'what a job uses is not deleted' 0 'Plan: 0 to add, 0 to change, 0 to destroy.' plan
expect_contains 'and the job is named' "pending until job $job (running, portal) is over"
sed 's/grace_time: 60s/grace_time: 90s/' section | declare_slurm
expect 'a change names it as well' 0 'Plan: *' plan
expect_contains 'with what becomes of it' "job $job: running"
declare_slurm </dev/null
sacctmgr -i add qos another >/dev/null
expect 'an apply goes around it' 3 'Plan: 0 to add, 0 to change, 0 to destroy.' apply --auto-approve
on "$HOST" scancel "$job"
check 'the job ends' eventually is_over "$job"
expect 'somebody else in the account holds it' 0 'Plan: 0 to add, 0 to change, 2 to destroy.' plan
expect_contains 'by name' 'carol still belongs to it'
sacctmgr -i delete user carol account=viz >/dev/null
expect 'then all of it goes' 0 'Applied: 0 added, 0 changed, 3 destroyed.' apply --auto-approve
expect_same 'and the user has the default that is left' 'portal|research' "$(shown user portal format=user,defaultaccount)"
expect 'nothing is left to do' 0 'No changes.*' plan --detailed-exitcode
sacctmgr -i delete qos byhand,another >/dev/null
sacctmgr -i modify account root set MaxWall=-1 GrpJobs=-1 >/dev/null
expect_same 'QoS are as before' "$(<before.qos)" "$(shown qos)"
expect_same 'but for what was changed by hand or released, so are associations' "$(<before.associations)" \
  "$(shown associations wopl format=account,user,qos,defaultqos,fairshare,maxjobs | sed 's/|alice|normal|/|alice||/')"

# --- many, from a file; every field, in odd values; never a false drift

RANDOM=4711
number() { echo $((RANDOM % ($1 + 1))); }
one_of() { echo "${@:RANDOM % $# + 1:1}"; }
tres() { echo "{ $(one_of cpu CPU): $(number 5000), mem: $(one_of 1G 3584M 1025M 2T 102400M), $(one_of gpu gres/gpu GPU): $(number 9)$(one_of '' ', node: 3' ', billing: 77') }"; }
wall() { one_of 1m 59m 90m 8h 24h 2d 1-02:03:00 100:00:00 48:30:00 unlimited 0s; }
random_keys() { # keys by sort
  local key
  for key in $1; do echo "$key: $(number 3000)"; done
  for key in $2; do echo "$key: $(wall)"; done
  for key in $3; do echo "$key: $(tres)"; done
}
random_qos() {
  random_keys 'priority grp_jobs grp_jobs_accrue grp_submit_jobs max_jobs_per_user max_jobs_per_account max_jobs_accrue_per_user max_jobs_accrue_per_account max_submit_jobs_per_user max_submit_jobs_per_account min_prio_threshold' \
    'grp_wall max_wall' 'grp_tres grp_tres_mins grp_tres_run_mins max_tres_per_job max_tres_per_node max_tres_mins_per_job max_tres_per_user max_tres_per_account max_tres_run_mins_per_user max_tres_run_mins_per_account min_tres_per_job'
  echo "grace_time: $(one_of 0s 1s 61s 1h 2-00:00:01)"
  echo "preempt_exempt_time: $(one_of 1s 90s 10m 3h unlimited)"
  echo "preempt_mode: $(one_of cluster cancel requeue suspend)"
  echo "usage_factor: $(one_of 0 0.5 1 1.25 2.000000 10)"
  echo "limit_factor: $(one_of 0.1 1.5 3)"
  echo "usage_threshold: $(one_of 0.25 0.9)"
  echo "flags: [$(one_of '' DenyOnLimit 'NoDecay, DenyOnLimit' 'OverPartQOS, NoReserve, PartitionTimeLimit' 'UsageFactorSafe')]"
  echo "preempt: [$(one_of '' normal)]"
  echo "description: \"$(one_of 'a | b' 'Größe und Maß' 'x' '  spaces  ' '100% [of] {it} $HOME `id` %')\""
}
random_association() {
  random_keys 'grp_jobs grp_jobs_accrue grp_submit_jobs max_jobs max_jobs_accrue max_submit_jobs min_prio_threshold priority' 'grp_wall max_wall' \
    'grp_tres grp_tres_mins grp_tres_run_mins max_tres_per_job max_tres_per_node max_tres_mins_per_job'
  echo "fairshare: $(one_of parent 0 1 17)"
  one_of 'qos: [normal]' 'qos: [q1, normal, q2]' 'qos: [q3]' 'qos: []'
}
random_section() {
  local i
  echo '  qos:'
  for ((i = 1; i <= 34; i++)); do printf '    q%s: { %s }\n' "$i" "$(random_qos | shuf --random-source="$TIDELOCK" | paste -sd, | sed 's/,/, /g')"; done
  echo '  accounts:'
  for ((i = 1; i <= 8; i++)); do printf '    a%s: { %s }\n' "$i" "$(random_association | paste -sd, | sed 's/,/, /g')"; done
  echo '  users:'
  for ((i = 1; i <= 8; i++)); do printf '    u%s: { accounts: { a%s: { %s } } }\n' "$i" "$i" "$(random_association | paste -sd, | sed 's/,/, /g')"; done
  echo '  users_from: users.csv'
}
{
  echo 'user,account,default_account,qos,max_jobs,max_tres_per_job'
  for ((i = 1; i <= 300; i++)); do echo "v$i,research,research,normal q1,$((i % 7)),gpu=1 mem=2G"; done
  echo '# and one in two accounts'
  printf 'V7, a1, , "q3 normal", , \n'
} >users.csv
random_section | declare_slurm
expect 'fifty entities in odd values, and more from a file' 0 'Applied: 659 added, 0 changed, 0 destroyed.' apply --auto-approve
expect 'are read back as they were set' 0 'No changes.*' plan --detailed-exitcode
random_section | declare_slurm
expect 'fifty other values' 0 'Applied: 0 added, *' apply --auto-approve
expect 'too' 0 'No changes.*' plan --detailed-exitcode
declare_slurm </dev/null
expect 'so many deletions are refused' 4 'Plan: 0 to add, 0 to change, 659 to destroy.' apply --auto-approve
expect 'and done when they are meant' 0 'Applied: 0 added, 0 changed, 659 destroyed.' apply --auto-approve --max-deletions 1000
expect_same 'QoS are as before again' "$(<before.qos)" "$(shown qos)"

# --- odd names, and things that contradict each other

declare_slurm <<'YAML'
  qos: { "a,b": {}, "-x": {}, "x=y": {}, "": {}, Ünder: {} }
  accounts: { "two words": {}, ok: { parent: "$(id)" } }
  users:
    "it's": { accounts: { ok: {} } }
    bob: { accounts: { ok: { max_wall: 90s, grp_jobs: -1 } } }
YAML
tidelock validate
expect_exit 'odd names and values are refused' 1
for name in a,b -x x=y 'two words' "it's" '$(id)' 90s -1; do expect_contains "$name among them" "\"$name\""; done
declare_slurm <<'YAML'
  users: { bob: { default_account: other, accounts: { ok: { qos: [normal], default_qos: high, grp_tres: { mem: 5 } } } } }
YAML
tidelock validate
expect_exit 'what contradicts itself is refused' 1
for text in 'Default QoS is not allowed' "Default account is not one of the user's" '5 has no unit; write 5M or 5G'; do
  expect_contains "$text" "$text"
done
declare_slurm <<<'  users_from: users.csv'
printf 'user,acount\nx,y\n' >users.csv
tidelock validate
expect_contains 'a column is misspelt' 'users.csv:1:6: error: Unknown column'
printf 'user,account,max_jobs\nx,research,many\ny,research\n' >users.csv
tidelock validate
expect_contains 'a value is none' 'users.csv:2:12: error: Limit is not valid'
expect_contains 'a field is missing' 'users.csv:3:1: error: Line has another number of fields'

# --- daemons that are down

moonlight '' | declare_slurm
on "$HOST" systemctl stop slurmdbd
expect 'without slurmdbd nothing is known' 7 'Plan: 0 to add, 0 to change, 0 to destroy.' plan
expect_contains 'which is said once' 'slurmdbd does not answer'
expect 'and nothing is done' 7 '*' apply --auto-approve
on "$HOST" systemctl start slurmdbd
check 'slurmdbd is back' eventually daemon_answers
expect 'then all is' 0 'Applied: *' apply --auto-approve
on "$HOST" systemctl stop slurmctld
sed 's/grace_time: 60s/grace_time: 90s/' cluster.yaml >other.yaml
expect 'a QoS needs no slurmctld' 0 'Applied: 0 added, 1 changed, 0 destroyed.' apply other.yaml --auto-approve
declare_slurm </dev/null
expect 'to delete one does: nobody can say which jobs use it' 0 'Plan: 0 to add, 0 to change, 0 to destroy.' plan
expect_contains 'which is said' 'nobody can say whether jobs use it'
on "$HOST" systemctl start slurmctld
check 'slurmctld is back' eventually on "$HOST" squeue -h
expect 'it is deleted then' 0 'Applied: 0 added, 0 changed, 3 destroyed.' apply --auto-approve
expect_same 'and its user has the default that is left' 'portal|research' "$(shown user portal format=user,defaultaccount)"
script_on "$HOST" 'rm -rf /var/lib/tidelock'
