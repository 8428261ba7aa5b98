#!/usr/bin/env bash
# needs: light 2
# takes: 110
# sshd dies, or the power goes, in the middle of an apply: the ledger stays whole and the next apply ends the work.
# shellcheck source=/dev/null disable=SC2016,SC2034 # scripts for hosts are in single quotes; lib.sh reads settings
. "${0%/*}/lib.sh"

mkdir images
make_image images/one.sif 4000000
{
  printf 'node_types:\n  node:\n    images: { /opt/apptainers: { from: images } }\n    files:\n'
  for i in $(seq 150); do printf '      /opt/site/file%s: { content: "%s", mode: "0644" }\n' "$i" "$i"; done
} >body
whole_ledger() { # host
  ledger_of "$1" >ledger
  [ "$(head -n -1 ledger | sha256sum | cut -d' ' -f1)" = "$(tail -n 1 ledger | jq -r .sha256)" ]
}
half_way() { script_on "$1" '[ "$(ls /opt/site | wc -l)" -gt 20 ]' 2>/dev/null; }
interrupt() { # what host command...
  manifest "$2" <body
  begin apply --auto-approve
  check "$1: apply is half-way" eventually half_way "$2"
  "${@:3}"
}
afterwards() { # what host
  check "$1: the ledger is whole" whole_ledger "$2"
  expect "$1: the next apply ends the work" 0 'Applied: *' apply --auto-approve
  expect "$1: nothing is left to do" 0 'No changes.*' plan --detailed-exitcode
  expect_same "$1: all files are right" "$(seq 150 | sort)" "$(script_on "$2" 'for i in /opt/site/*; do cat "$i"; echo; done' | sort)"
  expect_same "$1: nothing unfinished is left" '' "$(strays_on "$2")"
  expect_same "$1: what was made is known as ours" 151 "$(ledger_of "$2" | grep -c '"created":true')"
}

interrupt sshd "${HOSTS[0]}" lab sshd "${HOSTS[0]}" kill
finish
check 'sshd: apply says that it is not done' ended 3 'Applied: 0 added, 0 changed, 0 destroyed, * failed.'
expect_contains 'sshd: and that it cannot know' 'may be done all the same'
lab sshd "${HOSTS[0]}" start
afterwards sshd "${HOSTS[0]}"

interrupt power "${HOSTS[1]}" lab kill "${HOSTS[1]}"
finish
check 'power: apply says that it is not done' ended 3 'Applied: 0 added, 0 changed, 0 destroyed, * failed.'
expect_contains 'power: and that it cannot know' 'may be done all the same'
lab start "${HOSTS[1]}"
afterwards power "${HOSTS[1]}"
