#!/usr/bin/env bash
# needs: light 2
# takes: 60
# Folders as a whole: releases, the link to one of them, edits by hand, releases in use, and what is cut off on its way.
# shellcheck source=/dev/null disable=SC2016,SC2034 # scripts for hosts are in single quotes; lib.sh reads settings
. "${0%/*}/lib.sh"

mkdir -p dist/assets dist/empty dist/__pycache__
echo one >dist/index.html
echo 'odd' >$'dist/a\nb "c" $(touch x)'
echo dash >dist/-
printf '#!/bin/sh\necho runs\n' >dist/run
chmod 0700 dist/run
head -c 8000000 /dev/urandom >dist/assets/large
ln -s ../index.html dist/assets/link
echo local >dist/__pycache__/local
body='    directories: { /opt/site: {} }
    trees:
      /opt/site/dash: { from: dist, owner: portal, group: portal, file_mode: "0640", exclude: [__pycache__], keep: 2 }'
declare_it() { printf 'node_types:\n  node:\n%s\n' "$body" | manifest "$@"; }
live() { on "$HOST" readlink /opt/site/dash; }
releases() { on "$HOST" ls /opt/site/dash.releases | cut -d- -f1 | sort -n | tr '\n' ' '; }
text() { on "$HOST" cat /opt/site/dash/index.html; }

declare_it "$HOST"
before=$(listing "$HOST")
expect 'plan' 2 'Plan: 2 to add, *' plan --detailed-exitcode
expect_same 'plan touches nothing' "$before" "$(listing "$HOST")"
expect 'apply' 0 'Applied: 2 added, *' apply --auto-approve
expect 'nothing is left to do' 0 'No changes.*' plan --detailed-exitcode
check 'the link leads to the release' contains "$(live)" 'dash.releases/1-'
expect_same 'all names are there' "$(cd dist && find . ! -path '*__pycache__*' | sort)" "$(script_on "$HOST" 'cd /opt/site/dash && find . | sort')"
expect_same 'the large file is the same' "$(sum_of dist/assets/large)" "$(sum_on "$HOST" /opt/site/dash/assets/large)"
expect_same 'owner and modes' 'portal:portal 755,portal:portal 640,portal:portal 750,' \
  "$(like "$HOST" /opt/site/dash/assets /opt/site/dash/index.html /opt/site/dash/run | tr '\n' ',')"
expect_same 'its folder is root'\''s' 'root:root 755' "$(like "$HOST" /opt/site/dash.releases)"
expect_same 'nothing unfinished is left' '' "$(strays_on "$HOST")"

# what programs put there
script_on "$HOST" 'mkdir /opt/site/dash/__pycache__; echo x >/opt/site/dash/__pycache__/x'
expect 'what is excluded does not count' 0 'No changes.*' plan --detailed-exitcode

# a new release; readers never find nothing, and who has the old one open keeps it
echo two >dist/index.html
printf 'changed' | dd of=dist/assets/large bs=1 seek=4000000 conv=notrunc status=none
script_on "$HOST" 'cd /opt/site/dash; sleep 300 >/dev/null 2>&1 & echo $! >/tmp/holder
  cd /; (while [ ! -e /tmp/stop ]; do cat /opt/site/dash/index.html || echo gone; done >/tmp/read 2>&1) >/dev/null 2>&1 &'
expect 'plan of a new release' 2 'Plan: 0 to add, 1 to change, *' plan --detailed-exitcode
expect_contains 'it names what changes' '~ index.html'
expect_lacks 'and nothing else' '~ run'
expect_contains 'and who has the old one' '(sleep), process'
received=$(rx_of "$HOST")
expect 'apply' 0 'Applied: 0 added, 1 changed, *' apply --auto-approve
check 'only the difference is sent' test $(($(rx_of "$HOST") - received)) -lt 1500000
on "$HOST" touch /tmp/stop
expect_same 'the new one is live' two "$(text)"
expect_same 'readers saw the old and the new one only' 'one two ' "$(script_on "$HOST" 'sort -u /tmp/read | tr "\n" " "')"
expect_same 'the large file is the new one' "$(sum_of dist/assets/large)" "$(sum_on "$HOST" /opt/site/dash/assets/large)"
expect_same 'the old one is as it was' one "$(script_on "$HOST" 'cat /opt/site/dash.releases/1-*/index.html')"
expect_same 'both are there' '1 2 ' "$(releases)"

# drift: mended by a new release, however well it is hidden
script_on "$HOST" 'cd /opt/site/dash; touch -r index.html /tmp/time; echo 2wo >index.html; touch -r /tmp/time index.html'
expect 'an edit of equal size and time is found' 2 'Plan: 0 to add, 1 to change, *' plan --detailed-exitcode
expect_contains 'and named' '~ index.html'
expect 'apply' 0 'Applied: 0 added, 1 changed, *' apply --auto-approve
expect_same 'it is mended' two "$(text)"
expect_same 'what was edited is kept as it was' 2wo "$(script_on "$HOST" 'cat /opt/site/dash.releases/2-*/index.html')"
expect_same 'one too many stays while it is used' '1 2 3 ' "$(releases)"
script_on "$HOST" 'kill "$(cat /tmp/holder)"; rm /opt/site/dash/run; ln -s /etc/passwd /opt/site/dash/run; chmod 0666 /opt/site/dash/index.html'
expect 'plan' 2 'Plan: 0 to add, 1 to change, *' plan --detailed-exitcode
expect_contains 'modes are compared' '"0640, 0666" → 0640'
expect_contains 'a link in place of a file is found' '~ run'
expect 'apply' 0 'Applied: 0 added, 1 changed, *' apply --auto-approve
expect_same 'old ones go when nobody uses them' '3 4 ' "$(releases)"
script_on "$HOST" 'cd /opt/site; ln -sfn dash.releases/3-* dash'
expect 'the link turned back by hand is drift' 0 'Applied: 0 added, 1 changed, *' apply --auto-approve
expect 'nothing is left to do' 0 'No changes.*' plan --detailed-exitcode
expect 'also when all is read again' 0 'No changes.*' plan --detailed-exitcode --rehash

# what is refused
ln -s ../../etc dist/out
tidelock validate
expect_exit 'a link that leads out is refused' 1
expect_contains 'and named' 'dist/out: this symbolic link leads, or may lead, out of the folder: ../../etc'
rm dist/out
mv dist away; mkdir dist
tidelock validate
expect_contains 'an empty folder is refused' 'Source of tree is empty'
rmdir dist; mv away dist

# cut off while it is sent: the old one stays, and the next apply goes on
head -c 30000000 /dev/urandom >dist/assets/larger
declare_it "$HOST"
printf 'transfers: { parallel: 1, bandwidth: 16Mbit }\n' >>cluster.yaml
begin apply --auto-approve
check 'the transfer is under way' eventually script_on "$HOST" '[ "$(du -s /opt/site/dash.releases/.tidelock-stage-* | cut -f1)" -gt 8500 ]'
kill -KILL "$(pgrep -P "$BEGUN")" 2>/dev/null || true
finish
expect_same 'the old one is live' two "$(text)"
check 'its link is whole' contains "$(live)" 'dash.releases/5-'
declare_it "$HOST"
expect 'the next apply ends the work' 0 'Applied: 0 added, 1 changed, *' apply --auto-approve
expect_same 'what arrived is right' "$(sum_of dist/assets/larger)" "$(sum_on "$HOST" /opt/site/dash/assets/larger)"
expect_same 'nothing unfinished is left' '' "$(strays_on "$HOST")"

# removing
body='    directories: { /opt/site: {} }'
declare_it "$HOST"
script_on "$HOST" 'exec 5<"$(ls -d /opt/site/dash.releases/5-*)/index.html"; sleep 300 <&5 >/dev/null 2>&1 & echo $! >/tmp/holder
  echo theirs >/opt/site/dash.releases/theirs'
expect 'in use: it waits' 2 'Plan: 0 to add, 0 to change, 0 to destroy.' plan --detailed-exitcode
expect_contains 'and says for whom' '(sleep) uses it; it is deleted when nobody does'
script_on "$HOST" 'kill "$(cat /tmp/holder)"'
live_before=$(live)
expect 'then it goes' 0 'Applied: 0 added, 0 changed, 1 destroyed.' apply --auto-approve
expect_same 'and nothing but it' '/opt/site /opt/site/dash.releases /opt/site/dash.releases/theirs' "$(on "$HOST" find /opt/site | sort | tr '\n' ' ' | sed 's/ $//')"
expect_same 'no ledger entry is left of it' 0 "$(ledger_of "$HOST" | grep -c '"tree"' || true)"
expect 'nothing is left to do' 0 'No changes.*' plan --detailed-exitcode

expect 'a deleted one comes back' 0 'Applied: 1 added, 0 changed, 0 destroyed.' rollback --auto-approve
expect_same 'as it was' "$(sum_of dist/assets/larger)" "$(sum_on "$HOST" /opt/site/dash/assets/larger)"
expect_same 'by its name' "$live_before" "$(live)"
expect 'and goes again' 0 'Applied: 0 added, 0 changed, 1 destroyed.' apply --auto-approve

# back to an earlier release, and forth
body='    trees: { /opt/site/dash: { from: dist, keep: 1 } }'
declare_it "$HOST"
echo one >dist/index.html
expect 'one' 0 'Applied: 1 added, *' apply --auto-approve
echo two >dist/index.html
expect 'two' 0 'Applied: 0 added, 1 changed, *' apply --auto-approve
expect_same 'only one release stays' 1 "$(script_on "$HOST" 'ls -d /opt/site/dash.releases/[1-9]* | wc -l')"
expect 'back' 0 'Applied: 0 added, 1 changed, *' rollback --auto-approve
expect_same 'one is live, from what was kept' one "$(text)"
expect 'forth' 0 'Applied: 0 added, 1 changed, *' rollback --auto-approve
expect_same 'two is live' two "$(text)"
expect 'nothing is left to do' 0 'No changes.*' plan --detailed-exitcode
expect_same 'nothing unfinished is left' '' "$(strays_on "$HOST")"

# something else is in the way
HOST=${HOSTS[1]:-}
script_on "$HOST" 'mkdir -p /opt/site/dash /opt/mine; chgrp portal /opt/site; chmod 2755 /opt/site; echo mine >/opt/site/dash/mine; ln -s /opt/mine /opt/site/link'
body=$'    trees:
      /opt/site/dash: { from: dist }
      /opt/site/link: { from: dist }
      /opt/site/fresh: { from: dist }
      "/opt/site/-it\'s $(touch x)\\n*`y`": { from: dist }'
declare_it "$HOST"
expect 'what is in the way is left alone' 3 'Applied: 2 added, 0 changed, 0 destroyed.' apply --auto-approve
expect_contains 'a directory' 'blocked: a directory is in the way; move it away by hand'
expect_contains 'a link' 'blocked: a symbolic link to /opt/mine is in the way'
expect_same 'they are as they were' 'mine /opt/mine' "$(script_on "$HOST" 'echo $(cat /opt/site/dash/mine) $(readlink /opt/site/link)')"
expect_same 'a name may hold anything' dash "$(on "$HOST" cat $'/opt/site/-it\'s $(touch x)\n*`y`/-')"
printf 'node_types: { node: {} }\n' | manifest "$HOST"
expect 'all of it goes, its folder too' 0 'Applied: 0 added, 0 changed, *' apply --auto-approve
expect_same 'what is not ours stays' 'dash link' "$(script_on "$HOST" 'echo $(ls /opt/site)')"
