#!/usr/bin/env bash
# needs: light 2
# takes: 60
# Two applies at once on one host: one waits or gives up, and neither spoils the other.
# shellcheck source=/dev/null disable=SC2016,SC2034 # scripts for hosts are in single quotes; lib.sh reads settings
. "${0%/*}/lib.sh"

mkdir images first second
make_image images/one.sif 4000000
{
  printf 'node_types:\n  node:\n    images: { /opt/apptainers: { from: %s } }\n    files:\n' "$WORK/images"
  for i in $(seq 200); do printf '      /opt/site/file%s: { content: "%s" }\n' "$i" "$i"; done
} >body
manifest "${HOSTS[0]}" <body
expect 'apply a part, so that there is a ledger' 0 'Applied: 2 added, 0 changed, 0 destroyed.' apply --auto-approve --target '*:/opt/site/file1'

begin apply --auto-approve
check 'the first is under way' eventually script_on "${HOSTS[0]}" '[ "$(ls /opt/site | wc -l)" -gt 10 ]'
expect 'the second gives up' 5 '' apply --auto-approve --lock-timeout 1s --target '*:/opt/site/file200'
expect_contains 'it names the holder' "Cluster is locked"
expect_contains 'by process' "@$(hostname), process "
finish
check 'the first is not disturbed' ended 0 'Applied: 201 added, 0 changed, 0 destroyed.'
expect 'nothing is left' 0 'No changes.*' plan --detailed-exitcode

# Both want the same image, and the link is slow: the second waits for the first, and then has nothing to do.
host=${HOSTS[1]}
manifest "$host" <body
lab rate "$host" 16mbit
begin apply --auto-approve
check 'the image of the first is under way' eventually script_on "$host" 'find /opt/apptainers -name "*one.sif*" -size +500k | grep -q .'
tidelock apply --auto-approve
second="$STATUS ${OUT##*$'\n'}"
finish
first="$STATUS ${OUT##*$'\n'}"
lab rate "$host" off
check "one of them does the work ($first; $second)" contains "$first" '0 Applied: '
check 'the other has nothing to do' contains "$second" '0 No changes.'
expect 'the next apply agrees' 0 '*' apply --auto-approve
expect 'nothing is left' 0 'No changes.*' plan --detailed-exitcode
expect_same 'the image is whole' "$(sum_of images/one.sif)" "$(sum_on "$host" /opt/apptainers/one.sif)"
expect_same 'nothing unfinished is left' '' "$(strays_on "$host")"
