#!/usr/bin/env bash
# needs: light 1
# A saved plan is carried out as it is, or not at all.
# shellcheck source=/dev/null disable=SC2016,SC2034 # scripts for hosts are in single quotes; lib.sh reads settings
. "${0%/*}/lib.sh"

declare_with() { # mode
  manifest <<YAML
node_types:
  node:
    directories: { /opt/site: { owner: root, group: root, mode: "$1" }, /opt/other: { mode: "0755" } }
    files: { /opt/site/file: { content: "text\n" } }
YAML
}
declare_with 0755
expect 'plan' 0 'Plan: 3 to add, 0 to change, 0 to destroy.' plan --out saved
plan=$OUT
OUT=$(<saved)
expect_same 'it is as its schema says' '' "$(against_schema)"
expect_same 'only we may read it' '600' "$(stat -c %a saved)"
expect 'show' 0 'Plan: 3 to add, 0 to change, 0 to destroy.' show saved
expect_same 'it shows the same' "$plan" "$OUT"

on "$HOST" mkdir -m 0700 /opt/site
before=$(listing "$HOST")
expect 'the host was changed' 6 '*' apply saved
expect_contains 'it says where' "$HOST:directory:/opt/site"
expect_same 'nothing is written' "$before" "$(listing "$HOST")"
on "$HOST" rmdir /opt/site

declare_with 0750
expect 'the manifest was changed' 6 '*' apply saved
expect_contains 'it says so' 'the manifest was changed'
declare_with 0755

sed 's/0755/0777/' saved >tampered
expect 'a plan that was tampered with' 1 '*' apply tampered
expect_contains 'it says so' 'changed after it was saved'
head -c 300 saved >tampered
expect 'a plan that is cut short' 1 '*' apply tampered
check 'nothing was written by any of these' refuses on "$HOST" test -e /opt/site

expect 'apply, without a question' 0 'Applied: 3 added, 0 changed, 0 destroyed.' apply saved
expect_same 'it is there' 'root:root 755' "$(like "$HOST" /opt/site)"
expect 'a plan goes once' 6 '*' apply saved

on "$HOST" chmod 0700 /opt/site
expect 'without agreement' 4 '*' apply
expect_contains 'nobody is there to agree' '--auto-approve'
expect_same 'nothing is done' 'root:root 700' "$(like "$HOST" /opt/site)"
expect 'a plan of what is right' 0 'Plan: 0 to add, 1 to change, 0 to destroy.' plan --out saved
on "$HOST" chmod 0755 /opt/site
expect 'what needs no change any more' 6 '*' apply saved

commit() { git -c user.name=admin -c user.email=admin@site commit -q --allow-empty -m "$1"; }
git init -q . && git add cluster.yaml && commit one
on "$HOST" chmod 0700 /opt/site
expect 'a plan of a commit' 0 'Plan: 0 to add, 1 to change, 0 to destroy.' plan --out saved
commit two
expect 'goes with that commit only' 6 '*' apply saved
expect_contains 'and says so' 'its manifest is of another commit now'
expect 'a plan of this one' 0 'Plan: *' plan --out saved
expect 'is applied' 0 'Applied: 0 added, 1 changed, 0 destroyed.' apply saved
