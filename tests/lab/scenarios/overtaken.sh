#!/usr/bin/env bash
# needs: light 2
# takes: 100
# An apply that is stopped, overtaken by another one, and goes on: it writes nothing more.
# shellcheck source=/dev/null disable=SC2016,SC2034 # scripts for hosts are in single quotes; lib.sh reads settings
. "${0%/*}/lib.sh"

declare_it() { # host folder text
  mkdir -p "$2/images"
  make_image "$2/images/one.sif" 500000
  manifest "$1" <<YAML
node_types:
  node:
    directories: { "/opt/$3": {} }
    files: { /opt/site/a: { content: "$3" }, "/opt/site/$3": { content: "$3" } }
    images: { /opt/apptainers: { from: images } }
YAML
  mv cluster.yaml "$2/"
}

says_why() { [[ $SAID == *'Overtaken by another apply'* || $SAID == *"The cluster's lock was lost"* ]]; }

# The second one takes the lock and ends its work; the first one goes on then.
overtake() { # what host folder
  expect "$1: the second applies" 0 'Applied: *' apply "$3" --auto-approve
  before=$(listing "$2")
  kill -CONT "$BEGUN"
  finish
  expect_exit "$1: the first gives up" 5
  check "$1: and says why" says_why
  expect_same "$1: it has written nothing more" "$before" "$(listing "$2")"
  expect "$1: all is as the second wants it" 0 'No changes.*' plan "$3" --detailed-exitcode
  expect_same "$1: nothing unfinished is left" '' "$(strays_on "$2")"
}

# --- silent for longer than its lease, and then nobody has to take it away
slow=${HOSTS[1]}
declare_it "$slow" slow2 zero
expect 'begin' 0 '*' apply slow2 --auto-approve
declare_it "$slow" slow1 one
begin_stopped 'the lease' 'before the host may go on' apply slow1 --auto-approve
began=$SECONDS asleep=$BEGUN

# --- taken away by `unlock`
host=${HOSTS[0]}
declare_it "$host" second zero
expect 'begin' 0 '*' apply second --auto-approve
number=0
for place in 'before the fence is raised' 'after the fence is raised' 'before a program is started' 'after the ledger is stored' \
  'before an upload' 'after an upload' 'before the host is looked at again'; do
  declare_it "$host" first "p$((++number))"
  declare_it "$host" second "q$number"
  begin_stopped taken "$place" apply first --auto-approve
  expect "$place: the second is refused" 5 '' apply second --auto-approve --lock-timeout 0s
  id=$(sed -n 's/.*; lock \([0-9a-f]*\).*/\1/p' <<<"$SAID" | head -n 1)
  expect "$place: unlock" 0 'Unlocked. *' unlock "$id" second
  overtake "$place" "$host" second
done

# --- while the second one sends to where the first one would send
declare_it "$host" first p
declare_it "$host" second q
begin_stopped first 'before an upload' apply first --auto-approve
tidelock apply second --auto-approve --lock-timeout 0s
tidelock unlock "$(sed -n 's/.*; lock \([0-9a-f]*\).*/\1/p' <<<"$SAID" | head -n 1)" second
first=$BEGUN
begin_stopped second 'after an upload' apply second --auto-approve
second=$BEGUN
before=$(listing "$host")
kill -CONT "$first"
finish "$first"
expect_exit 'the first gives up' 5
expect_same 'it has written nothing more' "$before" "$(listing "$host")"
kill -CONT "$second"
finish "$second"
expect_exit 'the second is not disturbed' 0
expect_same 'it has what it sent' "$(sum_of second/images/one.sif)" "$(sum_on "$host" /opt/apptainers/one.sif)"

# --- the lease again
BEGUN=$asleep
declare_it "$slow" slow2 two
while ((SECONDS - began < 61)); do sleep 0.5; done
overtake 'the lease' "$slow" slow2
