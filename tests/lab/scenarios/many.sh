#!/usr/bin/env bash
# needs: light 16
# Sixteen hosts at once, as an ordinary user and as root.
# shellcheck source=/dev/null disable=SC2016,SC2034 # scripts for hosts are in single quotes; lib.sh reads settings
. "${0%/*}/lib.sh"

body() {
  cat <<'YAML'
node_types:
  node:
    directories:
      /opt/site: { owner: root, group: root, mode: "0755" }
      "/scratch/vnc_{sandboxes,sessions,logs}": { owner: portal, group: portal, mode: "0755" }
    files:
      /etc/site.conf: { content: "one for all\n", mode: "0644" }
YAML
}
body | manifest
folded=${HOSTS[0]%???}[${HOSTS[0]#light}-${HOSTS[15]#light}]
expect 'plan' 0 'Plan: 96 to add, 0 to change, 0 to destroy.' plan # five and /scratch itself
expect_contains 'hosts are folded' "+ directory /opt/site on $folded"
expect 'apply' 0 'Applied: 96 added, 0 changed, 0 destroyed.' apply --auto-approve
expect_same 'no host is left out' 16 "$(for host in "${HOSTS[@]}"; do like "$host" /scratch/vnc_logs; done | grep -cx 'portal:portal 755')"

SSH_USER=root BECOME=none
body | manifest
expect 'root sees the same' 0 'No changes. 80 resources on 16 hosts *' plan --detailed-exitcode
for host in "${HOSTS[@]}"; do on "$host" rm -r /opt/site; done
expect 'root mends' 0 'Applied: 16 added, 0 changed, 0 destroyed.' apply --auto-approve
expect 'with one thread too' 0 'No changes.*' plan --parallelism 1
