#!/usr/bin/env bash
# needs: full
# The koo manifest on the four hosts: everything is made once, and then there is nothing to do.
# shellcheck source=/dev/null disable=SC2016,SC2034 # scripts for hosts are in single quotes; lib.sh reads settings
. "${0%/*}/lib.sh"

export MOONLIGHT_REDIS_PASSWORD=moonlight
mkdir manifests
cp -r "$TOP/examples" .
cp -r "$TOP/manifests/koo" manifests/
find . -name '*.sif' -delete
examples/sample-images
sed -i "s|/var/cache/tidelock-lab|$LAB_HOME|" examples/lab/cluster.yaml

wipe_heavy
expect 'a plan of bare hosts' 0 'Plan: * to add, 6 to change, 0 to destroy.' plan examples/lab
expect_contains 'equal changes are folded' '+ directory /scratch/vnc_logs on controller,viz-node001,node[001-002]'
planned=${OUT##*Plan: } planned=${planned%% *}
expect 'the first apply makes what was planned' 0 "Applied: $planned added, 6 changed, 0 destroyed." apply --auto-approve examples/lab

for host in "${HOSTS[@]}"; do
  expect_same "directories on $host" "$(printf '%s\n' 'root:root 755' 'root:root 755' 'portal:portal 755' 'portal:portal 755' 'root:root 755')" \
    "$(like "$host" /opt/apptainers /opt/apptainers/apps /scratch/vnc_logs /scratch/vnc_sandboxes /shared/apptainer/images/compute)"
  expect_same "the ledger of $host is root's alone" "$(printf '%s\n' 'root:root 700' 'root:root 600' 'root:root 600')" \
    "$(like "$host" /var/lib/tidelock /var/lib/tidelock/ledger /var/lib/tidelock/lock)"
  expect_same "nothing unfinished on $host" '' "$(strays_on "$host")"
done
for host in controller viz-node001; do
  for image in viz-node-images/vnc_desktop viz-node-images/vnc_gnome; do
    path=/opt/apptainers/${image#*/}.sif
    expect_same "$path on $host" "root:root 755 $(sum_of "manifests/koo/apptainer/$image.sif")" "$(like "$host" "$path") $(sum_on "$host" "$path")"
  done
  expect_same "gedit.sif on $host" "$(sum_of manifests/koo/apptainer/apps/gedit/gedit.sif)" "$(sum_on "$host" /opt/apptainers/apps/gedit/gedit.sif)"
  expect_same "the sandboxes of slurm on $host" 'slurm:slurm 755' "$(like "$host" /scratch/apptainer_sandboxes)"
done
expect_same 'no images on compute nodes' '' "$(on node001 find /opt/apptainers -name '*.sif')"
expect_same 'a job template arrives byte for byte' "portal:portal 755 $(sum_of manifests/koo/jobs/gedit_vnc_job.sh)" \
  "$(like controller /opt/portal/jobs/gedit_vnc_job.sh) $(sum_on controller /opt/portal/jobs/gedit_vnc_job.sh)"
expect_same 'the catalogue is one for all nodes' "$(sum_of manifests/koo/catalogue/compute.json)" \
  "$(sum_on node002 /shared/apptainer/images/compute/catalogue.json)"

before=$(for host in "${HOSTS[@]}"; do listing "$host"; done)
expect 'the second apply has nothing to do' 0 'No changes.*' apply --auto-approve examples/lab
expect_same 'and does nothing' "$before" "$(for host in "${HOSTS[@]}"; do listing "$host"; done)"
expect 'a plan agrees' 0 'No changes.*' plan --detailed-exitcode examples/lab
expect 'a plan as JSON' 0 '}' plan --json examples/lab
expect_same 'it is as its schema says' '' "$(against_schema)"
expect_same 'it has every resource as a no-op' true "$(jq '.summary.no_op == (.resource_changes | length) and .format_version == "1.0" and .unchecked == []' <<<"$OUT")"
on controller sh -c 'sacctmgr -i modify user portal set defaultaccount=research; sacctmgr -i delete user portal account=viz
  sacctmgr -i delete account viz; sacctmgr -i delete qos moonlight
  redis-cli ACL DELUSER moonlight; redis-cli ACL SAVE; redis-cli DEL catalogue:images' >/dev/null
