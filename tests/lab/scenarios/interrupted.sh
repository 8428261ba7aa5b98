#!/usr/bin/env bash
# needs: light 3
# takes: 60
# Ctrl-C, or the death of the program, in the middle of an apply: the next one ends the work.
# shellcheck source=/dev/null disable=SC2016,SC2034 # scripts for hosts are in single quotes; lib.sh reads settings
. "${0%/*}/lib.sh"

mkdir images
make_image images/one.sif 8000000
body() { # number of files
  printf 'node_types:\n  node:\n    images: { /opt/apptainers: { from: images } }\n    files:\n'
  for i in $(seq "$1"); do printf '      /opt/site/file%s: { content: "%s" }\n' "$i" "$i"; done
}
start() { # host number-of-files
  manifest "$1" < <(body "$2")
  "$TIDELOCK" apply --auto-approve >begun.stdout 2>begun.stderr </dev/null &
  BEGUN=$! COMMAND='tidelock apply --auto-approve'
}
files_under_way() { script_on "$1" '[ "$(ls /opt/site | wc -l)" -gt 10 ]' 2>/dev/null; }
image_under_way() { script_on "$1" 'find /opt/apptainers -name "*one.sif*" -size +500k | grep -q .' 2>/dev/null; }
afterwards() { # what host
  expect "$1: the next apply ends the work" 0 'Applied: *' apply --auto-approve
  expect "$1: nothing is left" 0 'No changes.*' plan --detailed-exitcode
  expect_same "$1: nothing unfinished is left" '' "$(strays_on "$2")"
  expect_same "$1: the image is whole" "$(sum_of images/one.sif)" "$(sum_on "$2" /opt/apptainers/one.sif)"
}

start "${HOSTS[0]}" 200
check 'Ctrl-C: files are under way' eventually files_under_way "${HOSTS[0]}"
sent=$SECONDS
kill -INT "$BEGUN"
finish
check 'Ctrl-C: it ends soon' test $((SECONDS - sent)) -lt 15
check 'Ctrl-C: not as if all were well' ended 3 'Applied: *'
expect_contains 'Ctrl-C: it says so' Interrupted
afterwards 'Ctrl-C' "${HOSTS[0]}"

lab rate "${HOSTS[1]}" 8mbit
start "${HOSTS[1]}" 1
check 'Ctrl-C in a transfer: it is under way' eventually image_under_way "${HOSTS[1]}"
sent=$SECONDS
kill -INT "$BEGUN"
finish
check 'Ctrl-C in a transfer: it ends soon' test $((SECONDS - sent)) -lt 15
check 'Ctrl-C in a transfer: not as if all were well' ended 3 'Applied: *'
expect_contains 'Ctrl-C in a transfer: it says so' Interrupted
check 'Ctrl-C in a transfer: no rsync is left' refuses pgrep -f "rsync .*$WORK/images"
lab rate "${HOSTS[1]}" off
afterwards 'Ctrl-C in a transfer' "${HOSTS[1]}"

start "${HOSTS[2]}" 200
check 'kill -9: files are under way' eventually files_under_way "${HOSTS[2]}"
kill -KILL "$BEGUN"
finish 2>/dev/null
afterwards 'kill -9' "${HOSTS[2]}"

make_image images/one.sif 8000000
lab rate "${HOSTS[2]}" 8mbit
start "${HOSTS[2]}" 200
check 'kill -9 in a transfer: it is under way' eventually image_under_way "${HOSTS[2]}"
kill -KILL "$BEGUN"
finish 2>/dev/null
check 'kill -9 in a transfer: its rsync dies too' eventually refuses pgrep -f "rsync .*$WORK/images"
lab rate "${HOSTS[2]}" off
afterwards 'kill -9 in a transfer' "${HOSTS[2]}"
