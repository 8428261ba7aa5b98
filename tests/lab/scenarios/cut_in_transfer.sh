#!/usr/bin/env bash
# needs: light 2
# takes: 120
# A host is cut off in the middle of an image: the others go on, and the next apply goes on from what arrived.
# shellcheck source=/dev/null disable=SC2016,SC2034 # scripts for hosts are in single quotes; lib.sh reads settings
. "${0%/*}/lib.sh"

cut=${HOSTS[0]} well=${HOSTS[1]}
mkdir images
make_image images/big.sif 12000000
manifest <<'YAML'
node_types:
  node:
    images: { /opt/apptainers: { from: images } }
    directories: { /opt/site: { owner: root, group: root, mode: "0755" } }
YAML
arrived() { script_on "$cut" '[ "$(find /opt/apptainers -name "*big.sif*" -size +6000k | wc -l)" = 1 ]' 2>/dev/null; }

lab rate "$cut" 16mbit
begin apply --auto-approve
check 'half of the image arrives' eventually arrived
# Its rsync is the last to notice: what it holds is nowhere else than where it writes it.
script_on "$cut" 'pkill -STOP -x rsync'
lab cut "$cut"
finish
check 'apply is done in part' ended 3 'Applied: 3 added, 0 changed, 0 destroyed, 3 failed.'
expect_contains 'the host is named' "image /opt/apptainers/big.sif on $cut"
expect_contains 'what it may have done is said too' 'may be done all the same'
expect_same 'the other host has its image' "$(sum_of images/big.sif)" "$(sum_on "$well" /opt/apptainers/big.sif)"
check 'there is no half image' refuses on "$cut" test -e /opt/apptainers/big.sif

lab rate "$cut" off
lab uncut "$cut"
before=$(rx_of "$cut")
expect 'the next apply ends it' 0 'Applied: *' apply --auto-approve
check 'it goes on from what arrived' test $(($(rx_of "$cut") - before)) -lt 8000000
expect_same 'the image is whole' "$(sum_of images/big.sif)" "$(sum_on "$cut" /opt/apptainers/big.sif)"
script_on "$cut" 'pkill -CONT -x rsync; while pgrep -x rsync; do sleep 0.1; done' >/dev/null
expect_same 'an rsync that wakes up late changes nothing' "$(sum_of images/big.sif)" "$(sum_on "$cut" /opt/apptainers/big.sif)"
expect 'nothing is left to do' 0 'No changes.*' plan --detailed-exitcode
expect_same 'nothing unfinished is left' '' "$(strays_on "$cut")$(strays_on "$well")"
