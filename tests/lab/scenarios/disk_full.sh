#!/usr/bin/env bash
# needs: light 1
# A disk that is too small is known before anything is sent; one that fills up meanwhile leaves no half file.
# shellcheck source=/dev/null disable=SC2016,SC2034 # scripts for hosts are in single quotes; lib.sh reads settings
. "${0%/*}/lib.sh"

mkdir images
make_image images/big.sif 20000000
manifest <<'YAML'
node_types:
  node:
    images: { /opt/apptainers: { from: images } }
YAML
lab disk "$HOST" /opt/apptainers 10m
expect 'too large for the disk' 0 'Plan: 0 to add, 0 to change, 0 to destroy.' plan
expect_contains 'with the figures' 'blocked: it needs 20.0 MB in /opt/apptainers, where 10.5 MB are free'
before=$(rx_of "$HOST")
expect 'apply leaves it' 3 'Plan: 0 to add, 0 to change, 0 to destroy.' apply --auto-approve
check 'nothing was sent' test $(($(rx_of "$HOST") - before)) -lt 200000
expect_same 'nothing was written' '' "$(on "$HOST" ls -A /opt/apptainers)"

make_image images/big.sif 8000000
expect 'a smaller one fits' 0 'Plan: 1 to add, 0 to change, 0 to destroy.' plan
lab rate "$HOST" 16mbit
begin apply --auto-approve
check 'it is under way' eventually script_on "$HOST" 'find /opt/apptainers -name "*big.sif*" -size +1000k | grep -q .'
script_on "$HOST" 'head -c 9000000 /dev/zero >/opt/apptainers/eater 2>/dev/null || :'
finish
check 'the disk is full' ended 1 'Applied: 0 added, 0 changed, 0 destroyed, 1 failed.'
expect_contains 'it says so' 'No space left on the host'
check 'there is no half image' refuses on "$HOST" test -e /opt/apptainers/big.sif
on "$HOST" rm /opt/apptainers/eater
lab rate "$HOST" off
expect 'with room again' 0 'Applied: 1 added, 0 changed, 0 destroyed.' apply --auto-approve
expect_same 'the image is whole' "$(sum_of images/big.sif)" "$(sum_on "$HOST" /opt/apptainers/big.sif)"

# Small files have no figures in a plan: what does not fit is an error of its step.
lab disk "$HOST" /opt/small 64k
head -c 200000 /dev/urandom >blob
manifest <<'YAML'
node_types:
  node:
    files: { /opt/small/blob: { source: blob } }
YAML
expect 'a file that does not fit' 3 'Applied: 0 added, 0 changed, 1 destroyed, 1 failed.' apply --auto-approve
expect_contains 'it says why' 'No space left on device'
check 'there is no half file' refuses on "$HOST" test -e /opt/small/blob
lab disk "$HOST" /opt/small off
expect 'with room' 0 'Applied: *' apply --auto-approve
expect_same 'nothing unfinished is left' '' "$(strays_on "$HOST")"
