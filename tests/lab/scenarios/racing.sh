#!/usr/bin/env bash
# needs: light 1
# takes: 100
# Two applies and somebody with an editor, on the same files at the same time: whoever is late is refused, and no edit is
# lost.
# shellcheck source=/dev/null disable=SC2016,SC2034 # scripts for hosts are in single quotes; lib.sh reads settings
. "${0%/*}/lib.sh"

mkdir p q
declare_it() { # who text
  manifest "$HOST" <<YAML
policy: { history: { runs: 200 } }
node_types:
  node:
    files: { /opt/race/a: { content: "$2\n" }, /opt/race/b: { content: "$2\n" }, /opt/race/c: { content: "$2\n" } }
YAML
  mv cluster.yaml "$1/"
}
# As editors do.
edit_in_it() { script_on "$HOST" 'echo "hand $1" >>/opt/race/b' "$1"; } # round
edit_a_copy() { # round
  script_on "$HOST" 'cp /opt/race/b /opt/race/.b.swp; echo "hand $1" >>/opt/race/.b.swp; mv /opt/race/.b.swp /opt/race/b' "$1"
}
edit_in_place() { on "$HOST" grep -qx "hand $1" /opt/race/b; } # round
edit_is_kept() { on "$HOST" grep -rqx "hand $1" /opt/race/b /var/lib/tidelock/history; } # round
texts() { on "$HOST" sort -u /opt/race/a /opt/race/c; }
# Who came too late must not have written; then everything is as the second applier wants it.
end_round() { # round
  check "round $1: the edit is there, or kept" edit_is_kept "$1"
  expect "round $1: the next apply ends it" 0 '*' apply q --auto-approve
  expect_same "round $1: as it says" "q $1" "$(texts)"
  check "round $1: the edit is kept" edit_is_kept "$1"
}

declare_it q start
expect 'begin' 0 '*' apply q --auto-approve

# One is stopped at a place while the other things happen.
staged_round() { # round place status message
  declare_it p "p $1"
  declare_it q "q $1"
  begin_stopped "round $1" "$2" apply p --auto-approve
  if (($1 % 2)); then edit_in_it "$1"; else edit_a_copy "$1"; fi
  expect "round $1: another one is refused" 5 '' apply q --auto-approve --lock-timeout 0s
  kill -CONT "$BEGUN"
  finish
  expect_exit "round $1: the first one goes on, and gives up" "$3"
  expect_contains "round $1: it says why" "$4"
  check "round $1: the edit is untouched" edit_in_place "$1"
  end_round "$1"
}
# Until the host has answered the apply a second time, an edit makes all of it stale. After that the file itself is looked at
# once more, right before it is replaced; and after that, the result.
round=0
for repeat in 1 2 3; do
  for place in 'before the fence is raised' 'after the fence is raised' 'before a program is started'; do
    staged_round $((++round)) "$place" 6 'Host changed since it was looked at'
  done
  staged_round $((++round)) 'before the host may go on' 3 'somebody changed it since it was looked at'
  staged_round $((++round)) 'before the host is looked at again' 3 'Still different after the change'
done

# All at once. The first has a plan from before: it must find everything as it was then, or write nothing. An edit within
# the file may hit it in the moment in which it is replaced, and is in what is kept then.
count=0 refused=0
while ((round < 30)); do
  declare_it p "p $((++round))"
  declare_it q "q $round"
  before=$(texts)
  tidelock plan p --out p.plan
  begin apply p.plan
  { sleep "0.$((RANDOM % 60 + 10))"; edit_in_it "$round"; } &
  editor=$!
  sleep "0.$((RANDOM % 50 + 10))"
  tidelock apply q --auto-approve --lock-timeout 5s
  second=$STATUS
  finish
  wait "$editor"
  check "round $round: each ends as it should ($STATUS, $second)" \
    contains ' 0 0, 0 3, 0 6, 3 0, 3 3, 3 6, 6 0, 6 3, 6 6, ' " $STATUS $second,"
  ((STATUS == 0)) || refused=$((refused + 1))
  [ "$second" != 0 ] || expect_same "round $round: the stale plan did not win" "q $round" "$(texts)"
  [ "$STATUS$second" != 66 ] || expect_same "round $round: who is refused writes nothing" "$before" "$(texts)"
  end_round "$round"
done
check "of 15 old plans $refused were refused" test "$refused" -gt 0
expect_same 'nothing unfinished is left' '' "$(strays_on "$HOST")"
