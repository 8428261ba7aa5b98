#!/usr/bin/env bash
# needs: light 1
# Who has an image or a file open keeps its old bytes; who opens it later gets the new ones.
# shellcheck source=/dev/null disable=SC2016,SC2034 # scripts for hosts are in single quotes; lib.sh reads settings
. "${0%/*}/lib.sh"

mkdir images
make_image images/one.sif 1000000
echo 'old text' >text
old=$(sum_of images/one.sif)
manifest <<'YAML'
node_types:
  node:
    images: { /opt/apptainers: { from: images } }
    files: { /opt/site/text: { source: text } }
YAML
expect 'apply' 0 'Applied: *' apply --auto-approve
holder=$(script_on "$HOST" 'setsid sleep 300 </opt/apptainers/one.sif >/dev/null 2>&1 & echo $!')
script_on "$HOST" 'setsid tail -f /opt/site/text >/root/tail 2>&1 & sleep 0.2'
make_image images/one.sif 1000000
echo 'new text' >text
expect 'apply the new ones' 0 'Applied: 0 added, 2 changed, 0 destroyed.' apply --auto-approve
expect_same 'the job that runs keeps the old image' "$old" "$(sum_on "$HOST" "/proc/$holder/fd/0")"
expect_same 'who opens it gets the new one' "$(sum_of images/one.sif)" "$(sum_on "$HOST" /opt/apptainers/one.sif)"
expect_same 'a reader of the old file sees no mixture' 'old text' "$(on "$HOST" cat /root/tail)"
