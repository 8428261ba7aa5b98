#!/usr/bin/env bash
# needs: light 1
# Missing parents are made root:root 0755 and shown; users that are not there block what needs them.
# shellcheck source=/dev/null disable=SC2016,SC2034 # scripts for hosts are in single quotes; lib.sh reads settings
. "${0%/*}/lib.sh"

manifest <<'YAML'
node_types:
  node:
    directories: { /srv/deep/er/site: { owner: portal, group: portal, mode: "0700" } }
    files:
      /srv/far/away/file: { content: "x", owner: alice }
      /opt/ghostly/file: { content: "x", owner: ghost }
      /opt/lonely: { content: "x", group: ghosts }
      /opt/numbers: { content: "x", owner: 4711, group: "4712" }
YAML
expect 'plan' 0 'Plan: 8 to add, 0 to change, 0 to destroy.' plan
for path in /srv/deep /srv/deep/er /srv/far /srv/far/away; do expect_contains "$path is shown" "+ directory $path on $HOST"; done
expect_contains 'a user that is not there' 'blocked: the user ghost does not exist on this host'
expect_contains 'a group that is not there' 'blocked: the group ghosts does not exist on this host'
expect 'apply' 3 'Applied: 8 added, 0 changed, 0 destroyed.' apply --auto-approve
expect_same 'parents' "$(printf 'root:root 755\n%.0s' 1 2 3 4)" "$(like "$HOST" /srv/deep /srv/deep/er /srv/far /srv/far/away)"
expect_same 'the resources' "$(printf '%s\n' 'portal:portal 700' 'alice:root 644' 'UNKNOWN:UNKNOWN 644')" \
  "$(like "$HOST" /srv/deep/er/site /srv/far/away/file /opt/numbers)"
check 'what is blocked is not there' refuses on "$HOST" sh -c 'ls /opt/lonely /opt/ghostly/file 2>/dev/null | grep .'
on "$HOST" chmod 0700 /srv/deep
expect 'parents are nobody'"'"'s business later' 2 'Plan: 0 to add, 0 to change, 0 to destroy.' plan --detailed-exitcode
expect_same 'the ledger does not claim them' '' "$(ledger_of "$HOST" | grep -F '"/srv/deep"' || true)"
