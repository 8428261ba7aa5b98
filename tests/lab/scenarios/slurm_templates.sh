#!/usr/bin/env bash
# needs: full
# takes: 40
# also on: trixie
# Job templates: deployed byte for byte, and checked against a real Slurm before anybody submits them.
# shellcheck source=/dev/null disable=SC2016,SC2034 # scripts for hosts are in single quotes; lib.sh reads settings
. "${0%/*}/lib.sh"

HOST=controller
mkdir jobs images
make_image images/vnc.sif 50000
declare_templates() { # more of the section on stdin
  {
    cat <<YAML
tidelock: 1
cluster: lab
connection: { user: portal, become: sudo, identity: $LAB_HOME/keys/id_ed25519, known_hosts: $LAB_HOME/known_hosts }
filesystems: { /shared: { scope: cluster, apply_on: controller } }
nodes:
  controller: { type: controller, address: $(address_of controller) }
  viz-node001: { type: viz, address: $(address_of viz-node001) }
  node[001-002]: { type: compute, address: "10.77.1.[1-2]" }
node_types:
  controller: {}
  compute: {}
  viz: { images: { /opt/apptainers: { from: images } } }
slurm:
  controllers: [controller]
  qos: { moonlight: { max_wall: "8:00:00", max_tres_per_user: { gpu: 2 }, priority: 100 } }
  accounts: { viz: {} }
  users: { portal: { default_account: viz, accounts: { viz: { qos: [normal, moonlight], default_qos: normal } } } }
  job_templates:
YAML
    cat
  } >cluster.yaml
}
job() { # name options... : what follows is on stdin
  { printf '#!/bin/bash\n#SBATCH %s\n' "${*:2}"; cat; } >"jobs/$1.sh"
}

# --- as the site has them

job fits '--partition=viz --cpus-per-task=2 --mem=2G --time=02:00:00 --qos=moonlight --gres=gpu:1' <<<$'exec apptainer exec /opt/apptainers/vnc.sif "{{SESSION_ID}}"\n# é \\ $(x) {{PORT}}\t'
declare_templates <<'YAML'
    /opt/portal/jobs/fits.sh: { from: jobs/fits.sh, submit_as: portal, owner: portal, mode: "0755" }
YAML
expect 'a template that fits is planned' 2 'Plan: 8 to add, 1 to change, 0 to destroy.' plan --detailed-exitcode
expect_contains 'one user for all under a limit of each user is named' 'Limit of one user holds for all: portal submits this job with QoS moonlight'
expect 'and deployed' 0 'Applied: 8 added, 1 changed, 0 destroyed.' apply --auto-approve
expect_same 'byte for byte' "$(sum_of jobs/fits.sh)" "$(sum_on "$HOST" /opt/portal/jobs/fits.sh)"
expect_same 'with its owner and mode' 'portal:root 755' "$(like "$HOST" /opt/portal/jobs/fits.sh)"
expect 'and as declared' 0 'No changes.*' plan --detailed-exitcode
check 'Slurm takes it' on "$HOST" runuser -u portal -- sh -c 'cd /tmp && sbatch --test-only /opt/portal/jobs/fits.sh'
script_on "$HOST" 'echo "echo by hand" >>/opt/portal/jobs/fits.sh'
expect 'an edit by hand is drift' 2 'Plan: 0 to add, 1 to change, 0 to destroy.' plan --detailed-exitcode
expect_contains 'as a difference of lines' '-echo by hand'
expect 'and mended' 0 'Applied: 0 added, 1 changed, 0 destroyed.' apply --auto-approve
expect 'which can be taken back' 0 'Applied: 0 added, 1 changed, 0 destroyed.' rollback --auto-approve
check 'to the edit' on "$HOST" grep -q 'by hand' /opt/portal/jobs/fits.sh

# --- troubles that people had

job memory '-p viz --mem=4G' <<<'sleep 1'
job image '--partition=viz --mem=1G' <<<'apptainer run /opt/apptainers/apps/gedit/gedit.sif'
job qos '--partition=viz --mem=1G --qos=moonligth' <<<'sleep 1'
job sessions '--partition=viz --mem={{MEMORY_GB}}G --time={{TIME_HOURS}}:00:00 --qos=moonlight' <<<'sleep 1'
job one '--partition=viz --mem=1G' <<<'vncserver :1 -rfbport 5901'
job two '--partition=viz --mem=1G' <<<'Xvnc :1 -rfbport 5901'
job partition '--partition=vnc --gres=gpu:1 --cpus-per-task=4' <<<'sleep 1'
job gres '--partition=group1 --gres=gpu:1' <<<'sleep 1'
job cpus '--partition=viz --cpus-per-task=9' <<<'sleep 1'
job lacks '--partition=viz --mem=1G --qos=moonlight' <<<'sleep 1'
declare_templates <<'YAML'
    /opt/portal/jobs/memory.sh: { from: jobs/memory.sh, submit_as: portal }
    /opt/portal/jobs/image.sh: { from: jobs/image.sh, submit_as: portal }
    /opt/portal/jobs/qos.sh: { from: jobs/qos.sh, submit_as: portal }
    /opt/portal/jobs/sessions.sh: { from: jobs/sessions.sh, submit_as: portal, parameters: { MEMORY_GB: 1-8, TIME_HOURS: [4, 12] } }
    /opt/portal/jobs/partition.sh: { from: jobs/partition.sh }
    /opt/portal/jobs/gres.sh: { from: jobs/gres.sh }
    /opt/portal/jobs/cpus.sh: { from: jobs/cpus.sh }
    /opt/portal/jobs/lacks.sh: { from: jobs/lacks.sh, submit_as: alice }
    /opt/portal/jobs/one.sh: { from: jobs/one.sh }
    /opt/portal/jobs/two.sh: { from: jobs/two.sh }
YAML
tidelock plan
for text in \
  'jobs/memory.sh:2:16: Job asks for more memory than any node has: --mem=4G, and no node of partition viz has more than 3584M' \
  'jobs/image.sh:3:15: Image is not on every node of the partition: /opt/apptainers/apps/gedit/gedit.sif is not put on viz-node001' \
  'jobs/qos.sh:2:34: QoS does not exist: "moonligth" is no QoS of the cluster (Slurm: Invalid qos specification); did you mean "moonlight"?' \
  '--mem=8G (MEMORY_GB = 8)' '--time=12:00:00 (TIME_HOURS = 12)' \
  'jobs/partition.sh:2:9: Partition does not exist: "vnc"' 'jobs/gres.sh:2:28:' 'jobs/cpus.sh:2:25:' 'jobs/lacks.sh:2:34:' \
  'display :1'; do
  expect_contains "$text" "$text"
done
expect_contains 'with the line of the manifest' '(cluster.yaml:'
tidelock apply --auto-approve
expect_exit 'none of them is deployed' 3
check 'really' refuses on "$HOST" test -e /opt/portal/jobs/memory.sh

# --- what cannot be asked, and what goes

declare_templates <<'YAML'
    /opt/portal/jobs/memory.sh: { from: jobs/memory.sh }
    /opt/portal/jobs/fits.sh: { from: jobs/fits.sh }
YAML
on "$HOST" systemctl stop slurmctld
expect 'without slurmctld a template is deployed unchecked' 0 'Applied: 2 added, 0 changed, 1 destroyed.' apply --auto-approve
on "$HOST" systemctl start slurmctld
check 'slurmctld is back' eventually on "$HOST" squeue -h
expect 'then it is known not to fit' 2 'Plan: 0 to add, 0 to change, 0 to destroy.' plan --detailed-exitcode
expect_contains 'although it is there' 'Job asks for more memory than any node has'
sed -i '/^slurm:/,$d' cluster.yaml
expect 'what is no longer declared goes' 0 'Applied: 0 added, 0 changed, *' apply --auto-approve
check 'from the host' refuses on "$HOST" test -e /opt/portal/jobs/fits.sh
for host in controller viz-node001 node001 node002; do script_on "$host" 'rm -rf /var/lib/tidelock /opt/*'; done
on "$HOST" sacctmgr -i modify user portal set defaultaccount=research >/dev/null || true
