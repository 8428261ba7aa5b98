#!/usr/bin/env bash
# needs: light 2
# takes: 90
# Python environments: built from wheels that are brought along, rebuilt beside the old one, switched, and taken away.
# shellcheck source=/dev/null disable=SC2016,SC2034 # scripts for hosts are in single quotes; lib.sh reads settings
. "${0%/*}/lib.sh"

body='    python_venvs:
      /opt/app/venv: { requirements: requirements.txt, wheels: wheels, owner: portal, group: portal }'
declare_it() { printf 'node_types:\n  node:\n%s\n' "$body" | manifest "$HOST"; }
says() { on "$HOST" /opt/app/venv/bin/tiny; }
builds() { on "$HOST" ls /opt/app/venv.releases | cut -d- -f1 | sort -n | tr '\n' ' '; }

make_wheel wheels tiny 1.0
echo 'not a wheel' >wheels/README
echo 'tiny==1.0' >requirements.txt
declare_it
before=$(listing "$HOST")
expect 'plan' 2 'Plan: 2 to add, *' plan --detailed-exitcode
expect_same 'plan touches nothing' "$before" "$(listing "$HOST")"
expect 'apply' 0 'Applied: 2 added, *' apply --auto-approve
expect_same 'the program runs' 'tiny 1.0' "$(says)"
before=$(listing "$HOST")
expect 'nothing is left to do' 0 'No changes.*' plan --detailed-exitcode
expect_same 'looking leaves no trace' "$before" "$(listing "$HOST")"
expect_same 'all but our stamp is the owner'\''s' 'root tidelock.stamp' \
  "$(script_on "$HOST" 'find /opt/app/venv/ ! \( -user portal -group portal \) -printf "%u %P"')"
expect_same 'nothing unfinished is left' '' "$(strays_on "$HOST")"

make_wheel wheels tiny 2.0
echo 'tiny==2.0' >requirements.txt
script_on "$HOST" '/opt/app/venv/bin/python -c "import time; time.sleep(300)" >/dev/null 2>&1 & echo $! >/tmp/holder'
expect 'plan of other requirements' 2 'Plan: 0 to add, 1 to change, *' plan --detailed-exitcode
expect_contains 'it names who uses the old one' '(python): left with the build of before'
expect 'apply' 0 'Applied: 0 added, 1 changed, *' apply --auto-approve
expect_same 'the new program runs' 'tiny 2.0' "$(says)"
expect_same 'the old one is still there' 'tiny 1.0' "$(script_on "$HOST" '/opt/app/venv.releases/1-*/bin/tiny')"

expect 'back' 0 'Applied: 0 added, 1 changed, *' rollback --auto-approve
expect_same 'the old program runs' 'tiny 1.0' "$(says)"
expect 'forth' 0 'Applied: 0 added, 1 changed, *' rollback --auto-approve
expect_same 'the new program runs' 'tiny 2.0' "$(says)"
expect 'nothing is left to do' 0 'No changes.*' plan --detailed-exitcode

echo 'tiny==3.0' >requirements.txt
expect 'a build that fails' 1 'Applied: 0 added, 0 changed, 0 destroyed, 1 failed.' apply --auto-approve
expect_contains 'pip tells why' 'No matching distribution found for tiny==3.0'
expect_same 'the old one is in place' 'tiny 2.0' "$(says)"
expect_same 'nothing is left of it' '1 2 ' "$(builds)"
expect_same 'nothing unfinished either' '' "$(strays_on "$HOST")"

echo 'tiny' >requirements.txt
expect 'the newest' 0 'Applied: 0 added, 1 changed, *' apply --auto-approve
expect_same 'is in place' 'tiny 2.0' "$(says)"
script_on "$HOST" 'rm /opt/app/venv/bin/python'
expect 'a broken one is seen' 2 'Plan: 0 to add, 1 to change, *' plan --detailed-exitcode
expect_contains 'and named' 'broken → ready'
expect 'it is built anew' 0 'Applied: 0 added, 1 changed, *' apply --auto-approve
script_on "$HOST" 'sed -i s/version=3/version=2/ /opt/app/venv/tidelock.stamp; kill "$(cat /tmp/holder)"'
expect 'another version of Python' 2 'Plan: 0 to add, 1 to change, *' plan --detailed-exitcode
expect_contains 'is named' 'made for Python 2.'
expect 'it is built anew' 0 'Applied: 0 added, 1 changed, *' apply --auto-approve
expect_same 'old ones are gone' '4 5 ' "$(builds)"
expect 'nothing is left to do' 0 'No changes.*' plan --detailed-exitcode

echo '-r other.txt' >requirements.txt
tidelock validate
expect_exit 'requirements that need other files are refused' 1
expect_contains 'with file and line' 'requirements.txt:1: "-r other.txt"'

body='    directories: { /opt/app: {} }'
declare_it
script_on "$HOST" '/opt/app/venv/bin/python -c "import time; time.sleep(300)" >/dev/null 2>&1 & echo $! >/tmp/holder'
expect 'in use: it waits' 2 'Plan: 0 to add, 0 to change, 0 to destroy.' plan --detailed-exitcode
expect_contains 'and says for whom' '(python) uses it; it is deleted when nobody does'
script_on "$HOST" 'kill "$(cat /tmp/holder)"'
expect 'then it goes' 0 'Applied: 0 added, 0 changed, 1 destroyed.' apply --auto-approve
expect_same 'all of it' '/opt/app' "$(on "$HOST" find /opt/app)"
expect 'nothing is left to do' 0 'No changes.*' plan --detailed-exitcode

expect 'a deleted one comes back' 0 'Applied: 1 added, 0 changed, 0 destroyed.' rollback --auto-approve
expect_same 'and runs' 'tiny 2.0' "$(says)"

HOST=${HOSTS[1]:-}
echo 'tiny==2.0' >requirements.txt
body='    python_venvs: { /opt/app/venv: { requirements: requirements.txt, wheels: wheels, python: /opt/python } }'
declare_it
expect 'without an interpreter nothing is done' 0 'Plan: *' plan
expect_contains 'and it is said' 'blocked: /opt/python does not run on this host'
