#!/usr/bin/env bash
# needs: light 1
# A user who may not use sudo, or does not exist, is told so.
# shellcheck source=/dev/null disable=SC2016,SC2034 # scripts for hosts are in single quotes; lib.sh reads settings
. "${0%/*}/lib.sh"

body='
node_types:
  node:
    directories: { /opt/site: { mode: "0755" } }'
SSH_USER=nosudo
manifest <<<"$body"
expect 'a user without sudo' 7 'Plan: 0 to add, 0 to change, 0 to destroy.' plan
expect_contains 'it says so' 'sudo was refused'
expect 'apply' 1 '' apply --auto-approve
expect_contains 'it says so too' 'sudo was refused'

BECOME=none
manifest <<<"$body"
expect 'without become a plan is possible' 0 'Plan: 1 to add, 0 to change, 0 to destroy.' plan
expect 'and an apply is refused' 1 '' apply --auto-approve
expect_contains 'with advice' 'root is needed'
check 'nothing is done' refuses on "$HOST" test -e /opt/site

SSH_USER=nobody-there
manifest <<<"$body"
expect 'a user who is not there' 7 'Plan: 0 to add, 0 to change, 0 to destroy.' plan
expect_contains 'it says so' 'Login was refused'
