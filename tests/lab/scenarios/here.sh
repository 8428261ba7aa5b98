#!/usr/bin/env bash
# needs: light 0
# A node that is this machine needs no ssh. In a mount namespace of its own, so that the machine is not touched.
# shellcheck source=/dev/null disable=SC2016,SC2034 # scripts for hosts are in single quotes; lib.sh reads settings
. "${0%/*}/lib.sh"

[ "${INSIDE:-}" ] || exec env INSIDE=yes HOSTS= unshare --mount --propagation private -- bash "$0"
mount -t tmpfs tmpfs /opt
mount -t tmpfs tmpfs /var/lib
mkdir -p images
make_image images/one.sif 3000000
head -c 1500000 /dev/urandom >large
cat >cluster.yaml <<'YAML'
tidelock: 1
cluster: here
nodes: { here: { type: node, address: 127.0.0.1 } }
node_types:
  node:
    directories: { /opt/site: { owner: root, group: root, mode: "0750" } }
    files: { /opt/site/file: { content: "text\n" }, "/opt/site/it's large": { source: large } }
    images: { /opt/my images: { from: images } }
YAML
expect 'plan' 0 'Plan: 5 to add, 0 to change, 0 to destroy.' plan
expect 'apply' 0 'Applied: 5 added, 0 changed, 0 destroyed.' apply --auto-approve
expect 'nothing is left' 0 'No changes.*' plan --detailed-exitcode
expect_same 'the image' "755 $(sum_of images/one.sif)" "$(stat -c %a '/opt/my images/one.sif') $(sum_of '/opt/my images/one.sif')"
expect_same 'the large file' "$(sum_of large)" "$(sum_of "/opt/site/it's large")"
expect_same 'the ledger' '700 600' "$(stat -c %a /var/lib/tidelock) $(stat -c %a /var/lib/tidelock/ledger)"
chmod 0755 /opt/site
make_image images/one.sif 3000000
expect 'drift' 2 'Plan: 0 to add, 2 to change, 0 to destroy.' plan --detailed-exitcode
expect 'apply' 0 'Applied: 0 added, 2 changed, 0 destroyed.' apply --auto-approve
expect_same 'nothing unfinished is left' '' "$(find /opt -name '.tidelock-*' ! -name .tidelock-kept)"
