#!/usr/bin/env bash
# needs: light 1
# Sources that are not what they should be are refused before anything is sent.
# shellcheck source=/dev/null disable=SC2016,SC2034 # scripts for hosts are in single quotes; lib.sh reads settings
. "${0%/*}/lib.sh"

mkdir images
declare_with() { # options of the images
  manifest <<YAML
node_types:
  node:
    images: { /opt/apptainers: { from: images$1 } }
    directories: { /opt/site: {} }
YAML
}
refused() { # what text [status]
  local before status=${3:-1}
  before=$(listing "$HOST")
  expect "$1: plan" "$status" '' plan
  expect_contains "$1: why" "$2"
  expect_contains "$1: where" 'cluster.yaml:'
  expect "$1: apply" "$status" '' apply --auto-approve
  expect_same "$1: nothing is done" "$before" "$(listing "$HOST")"
}
declare_with ''
tidelock validate
expect_exit 'an empty folder is an error' 1
refused 'an empty folder' 'Image folder is empty' 4
declare_with ', allow_empty: true'
expect 'an empty folder may be allowed' 0 'Plan: 1 to add, *' plan
declare_with ''
make_image images/good.sif 70000
echo 'no image' >images/bad.sif
refused 'something else than an image' 'Image is not whole'
expect_contains 'by name' bad.sif
head -c 50000 images/good.sif >images/bad.sif
refused 'an image that is cut short' 'it is cut short'
rm images/bad.sif
ln -s /nowhere images/bad.sif
refused 'a link to nothing' bad.sif
rm images/bad.sif
mkfifo images/bad.sif
refused 'a FIFO' bad.sif
rm images/bad.sif
chmod 0755 images
mv images elsewhere
refused 'a folder that is not there' 'Image source is missing' 4
mv elsewhere images

make_image images/grows.sif 60000000
while :; do head -c 1000 /dev/zero >>images/grows.sif; done &
writer=$!
refused 'an image that is being written' 'Source changed while it was read'
kill "$writer"
expect 'when it is complete' 0 'Plan: 4 to add, *' plan # two directories, two images
rm images/grows.sif

# A source that changes between the plan and its transfer: what arrives is not what was agreed to.
make_image images/a.sif 4000000
make_image images/b.sif 70000
lab rate "$HOST" 16mbit
begin apply --auto-approve
check 'the first image is under way' eventually script_on "$HOST" 'find /opt/apptainers -name "*a.sif*" -size +200k | grep -q .'
make_image images/b.sif 70000
finish
lab rate "$HOST" off
check 'the changed one is refused' ended 3 'Applied: 4 added, 0 changed, 0 destroyed, 1 failed.'
expect_contains 'by name' b.sif
check 'it is not there' refuses on "$HOST" test -e /opt/apptainers/b.sif
expect_same 'the other one is' "$(sum_of images/a.sif)" "$(sum_on "$HOST" /opt/apptainers/a.sif)"
expect 'the next apply sends it' 0 'Applied: 1 added, *' apply --auto-approve
expect_same 'nothing unfinished is left' '' "$(strays_on "$HOST")"

ln -s "$WORK/images/a.sif" images/linked.sif
expect 'a link to an image stands for it' 0 'Applied: 1 added, *' apply --auto-approve
expect_same 'it arrives as a file' "regular file $(sum_of images/a.sif)" \
  "$(on "$HOST" stat -c %F /opt/apptainers/linked.sif) $(sum_on "$HOST" /opt/apptainers/linked.sif)"
