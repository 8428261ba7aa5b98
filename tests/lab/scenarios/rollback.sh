#!/usr/bin/env bash
# needs: light 2
# What an apply overwrote or deleted comes back, with its attributes; what it made goes.
# shellcheck source=/dev/null disable=SC2016,SC2034 # scripts for hosts are in single quotes; lib.sh reads settings
. "${0%/*}/lib.sh"

export PW=first
mkdir images
make_image images/one.sif 3000000
cp images/one.sif first.sif
declare_with() { # text file-mode
  manifest "$HOST" <<YAML
node_types:
  node:
    directories: { /opt/site: { owner: alice, mode: "$2" } }
    files:
      /opt/site/text: { content: "$1\n", owner: alice, group: research, mode: "0640" }
      /opt/site/secret: { content: !env PW, mode: "0600" }
      /opt/site/$1: { content: "only $1" }
    images: { /opt/apptainers: { from: images } }
YAML
}
state() { # host
  script_on "$1" 'find /opt -printf "%p %y %u %g %m\n" | sort; cat /opt/site/text /opt/site/secret /opt/site/one /opt/site/two 2>/dev/null || :
    sha256sum /opt/apptainers/one.sif'
}
declare_with one 0750
expect 'the first apply' 0 'Applied: *' apply --auto-approve
before=$(state "$HOST")
expect 'history knows it' 0 '*' history
first=$(cut -d' ' -f1 <<<"$OUT")

make_image images/one.sif 3000000
PW=second
declare_with two 0755
expect 'the second apply' 0 'Applied: 1 added, 4 changed, 1 destroyed.' apply --auto-approve
after=$(state "$HOST")
check 'it changed everything' refuses same "$before" "$after"
expect 'history knows both' 0 '*' history
expect_same 'in their order' "$first" "$(head -n 1 <<<"$OUT" | cut -d' ' -f1)"
tidelock history --json
expect_same 'as JSON too' 2 "$(jq '.runs | length' <<<"$OUT")"
expect_lacks 'and no secret' second

tidelock rollback
expect_exit 'without a terminal nobody can agree' 4
expect_same 'and nothing is done' "$after" "$(state "$HOST")"
expect 'back' 0 'Applied: 1 added, 4 changed, 1 destroyed.' rollback --auto-approve
expect_same 'everything is as before' "$before" "$(state "$HOST")"
expect_lacks 'no secret is shown' first
expect 'the manifest still wants the new state' 2 'Plan: 1 to add, 4 to change, 1 to destroy.' plan --detailed-exitcode
expect 'a rollback can be rolled back' 0 'Applied: 1 added, 4 changed, 1 destroyed.' rollback --auto-approve
expect_same 'everything is new again' "$after" "$(state "$HOST")"
expect 'and the plan has nothing to do' 0 'No changes.*' plan --detailed-exitcode
expect 'back to the very beginning' 0 'Applied: *' rollback "$first" --auto-approve
expect_same 'nothing of ours is left' '/opt' "$(on "$HOST" find /opt)"
expect 'a run that nobody knows' 64 '' rollback 20200101T000000Z-000000 --auto-approve
expect_contains 'is named' 'No such run'

# A failure may bring everything back at once.
manifest "$HOST" <<'YAML'
policy: { history: { runs: 2 } }
node_types: { node: { files: { /opt/a: { content: "a" } } } }
YAML
expect 'one file' 0 'Applied: 1 added, *' apply --auto-approve
lab disk "$HOST" /opt/small 64k
head -c 200000 /dev/urandom >blob
manifest "$HOST" <<'YAML'
policy: { history: { runs: 2 } }
node_types: { node: { files: { /opt/a: { content: "b" }, /opt/small/blob: { source: blob } } } }
YAML
expect 'what does not fit rolls back' 8 'Applied: 0 added, 1 changed, 0 destroyed.' apply --auto-approve --on-failure rollback
expect_same 'all of it' a "$(on "$HOST" cat /opt/a)"
lab disk "$HOST" /opt/small off
tidelock history
expect_same 'only so many runs are remembered' 2 "$(wc -l <<<"$OUT")"
expect_same 'nothing unfinished is left' '' "$(strays_on "$HOST" )"
