#!/usr/bin/env bash
# needs: heavy
# explain, init, validate and observe.
# shellcheck source=/dev/null disable=SC2016,SC2034 # scripts for hosts are in single quotes; lib.sh reads settings
. "${0%/*}/lib.sh"

wipe_heavy
script_on viz-node001 '
  install -d -o root -g root -m 0755 /opt/apptainers
  install -d -o portal -g portal -m 0775 /scratch/vnc_logs
  install -d -o slurm -g research -m 2770 /scratch/vnc_sessions
  echo x >"/opt/apptainers/a b.sif"'
addresses=(10.77.0.10 10.77.0.11 '10.77.1.[1-2]')
expect 'init' 0 '*' init "${addresses[@]}" --user portal --become --identity "$LAB_HOME/keys/id_ed25519" --known-hosts "$LAB_HOME/known_hosts" \
  --out cluster.yaml
expect 'what it wrote is valid' 0 'The manifest is valid: * on 4 hosts.' validate
expect 'and right' 0 'No changes.*' plan --detailed-exitcode
check 'directories are in it' grep -qF '/scratch/vnc_sessions: { owner: slurm, group: research, mode: "2770" }' cluster.yaml
check 'images are named' grep -qF '/opt/apptainers/a b.sif' cluster.yaml
before=$(sum_of cluster.yaml)
expect 'init again' 4 '*' init "${addresses[@]}" --user portal --become --out cluster.yaml
expect_contains 'says why not' 'never overwritten'
expect_same 'the file stays' "$before" "$(sum_of cluster.yaml)"
expect 'init without sudo and with names nobody knows' 7 '*' init nowhere.invalid --out other.yaml
expect 'writes what it can' 0 'The manifest is valid: *' validate other.yaml

manifest node001 node002 <<'YAML'
node_types:
  base:
    directories: { /opt/site: { owner: root, group: root, mode: "0755" } }
  node:
    extends: base
    files: { /opt/site/file: { content: "text\n", mode: "0644" } }
YAML
expect 'explain what is not there' 0 '*' explain node001:file:/opt/site/file
expect_contains 'who asked' 'cluster.yaml:'
expect_contains 'what it needs' 'directory /opt/site'
expect_contains 'how it is' 'new: it is declared and not there yet'
expect_contains 'and why it waits' 'first comes directory /opt/site (cluster.yaml:'
expect 'graph' 0 '}' graph --limit node001
expect_contains 'draws what waits for what' ' -> '
expect 'as a picture' 0 '</svg>' graph --format svg
expect_contains 'with all that is done' '+ file /opt/site/file'
expect 'apply' 0 'Applied: 4 added, 0 changed, 0 destroyed.' apply --auto-approve
on node001 chmod 0600 /opt/site/file
expect 'explain what drifted' 0 '*' explain node001:file:/opt/site/file
expect_contains 'how it is' 'mode is 0600 and must be 0644'
expect 'explain the other host' 0 '*' explain node002:file:/opt/site/file
expect_contains 'how it is there' 'as declared'
expect 'explain what nobody declared' 1 '' explain node001:file:/opt/site/fil
expect_contains 'with what was meant' 'did you mean'

sed -i '/files:/d' cluster.yaml
expect 'explain what is declared no more' 0 '*' explain node002:file:/opt/site/file
expect_contains 'says so' 'no longer; the host'
expect_contains 'and what becomes of it' 'orphan: it is no longer declared'
printf '    files: { /opt/site/file: { content: "text\\n", mode: "0644" } }\n' >>cluster.yaml

expect 'a plan that tells about itself' 0 '*' plan --log-level info
check 'how it logged in' grep -q 'node001 (portal@10.77.1.1): logged in with ssh-ed25519 SHA256:.* ms$' stderr
expect 'a plan' 0 '*' plan
expect_same 'which is no matter of others' '' "$ERR"
expect 'observe' 0 '' observe --out recording
on node001 chmod 0644 /opt/site/file
expect 'a plan from a recording is of that moment' 2 'Plan: 0 to add, 1 to change, 0 to destroy.' plan --observed recording --detailed-exitcode
expect 'a plan from the hosts is of now' 0 'No changes.*' plan --detailed-exitcode
wipe_heavy
