#!/usr/bin/env bash
# needs: light 1
# A ledger that is broken, cut short or gone is said, costs nothing, and is written anew.
# shellcheck source=/dev/null disable=SC2016,SC2034 # scripts for hosts are in single quotes; lib.sh reads settings
. "${0%/*}/lib.sh"

manifest <<'YAML'
node_types:
  node:
    directories: { /opt/site: { mode: "0755" } }
    files: { /opt/site/file: { content: "text\n" } }
YAML
ledger=/var/lib/tidelock/ledger
whole() { [ "$(ledger_of "$HOST" | head -n -1 | sha256sum | cut -d' ' -f1)" = "$(ledger_of "$HOST" | tail -n 1 | jq -r .sha256)" ]; }
try() { # what note script
  script_on "$HOST" "$3"
  local before
  before=$(listing "$HOST")
  expect "$1: nothing to do" 0 'No changes.*' plan --detailed-exitcode
  expect_contains "$1: it says so" "$2"
  expect_same "$1: plan leaves it" "$before" "$(listing "$HOST")"
  expect "$1: apply" 0 'No changes.*' apply --auto-approve
  check "$1: the ledger is whole again" whole
  expect_same "$1: it has everything" 2 "$(ledger_of "$HOST" | grep -c '"applied"')"
  expect_same "$1: it is root's alone" 'root:root 600' "$(like "$HOST" $ledger)"
  expect_same "$1: nothing is deleted" text "$(on "$HOST" cat /opt/site/file)"
  expect "$1: nobody speaks of it any more" 0 'No changes.*' plan
  expect_lacks "$1: no note" note:
}
expect 'apply' 0 'Applied: 2 added, 0 changed, 0 destroyed.' apply --auto-approve
check 'the ledger is whole' whole
try changed 'The ledger cannot be used' "sed -i s/0755/0700/ $ledger; cp $ledger /root/changed"
expect_same 'the broken one is kept' '' "$(on "$HOST" diff /root/changed $ledger.broken)"
try 'cut short' 'The ledger cannot be used' "head -c 100 $ledger >/root/cut; cp /root/cut $ledger"
expect_same 'the one cut short is kept' '' "$(on "$HOST" diff /root/cut $ledger.broken)"
try empty 'The ledger cannot be used' ": >$ledger"
try lost 'The ledger is lost' "rm $ledger"
try newer 'it has format 2' "sed -i '1s/\"tidelock_ledger\":1/\"tidelock_ledger\":2/; \$d' $ledger
  printf '{\"sha256\":\"%s\"}\n' \"\$(sha256sum <$ledger | cut -d' ' -f1)\" >>$ledger"
