#!/usr/bin/env bash
# needs: light 1
# Special mode bits, ACLs and labels.
# shellcheck source=/dev/null disable=SC2016,SC2034 # scripts for hosts are in single quotes; lib.sh reads settings
. "${0%/*}/lib.sh"

declare_with() { # content [more directories]
  manifest <<YAML
node_types:
  node:
    directories:
      /opt/sticky: { owner: root, group: root, mode: "1777" }
      /opt/setgid: { owner: alice, group: research, mode: "2775" }
${2:-}
    files:
      /opt/setuid: { content: "$1", owner: alice, group: research, mode: "4755" }
      /opt/acl: { content: "$1", owner: alice, mode: "0644" }
      /opt/free: { content: "$1" }
YAML
}
all() { like "$HOST" /opt/sticky /opt/setgid /opt/setuid /opt/acl; }
declare_with one
expect 'apply' 0 'Applied: 5 added, 0 changed, 0 destroyed.' apply --auto-approve
declared=$(printf '%s\n' 'root:root 1777' 'alice:research 2775' 'alice:research 4755' 'alice:root 644')
expect_same 'special bits are set' "$declared" "$(all)"
expect_same 'what is left open is root:root 0644' 'root:root 644' "$(like "$HOST" /opt/free)"

script_on "$HOST" '
  setfacl -m u:bob:r /opt/acl
  setfacl -m u:bob:rw /opt/free
  setfattr -n trusted.site -v kept /opt/acl
  chown carol:research /opt/free'
before=$(on "$HOST" getfacl -p /opt/acl /opt/free)
declare_with two
expect 'new content' 0 'Applied: 0 added, 3 changed, 0 destroyed.' apply --auto-approve
expect_same 'it is there' 'twotwo' "$(on "$HOST" cat /opt/acl /opt/free)"
expect_same 'ACLs stay' "$before" "$(on "$HOST" getfacl -p /opt/acl /opt/free)"
expect_same 'labels stay' kept "$(on "$HOST" getfattr --only-values -n trusted.site /opt/acl)"
expect_same 'and the bits' "$declared" "$(all)"
expect 'nothing is left' 0 'No changes.*' plan --detailed-exitcode

# chown takes setuid away: the mode has to be set after it.
script_on "$HOST" 'chown root:root /opt/setuid /opt/setgid; chmod 0700 /opt/sticky'
expect 'attributes alone' 0 'Applied: 0 added, 3 changed, 0 destroyed.' apply --auto-approve
expect_same 'bits are back' "$declared" "$(all)"

# Directories inherit setgid, and chmod leaves it to them.
script_on "$HOST" 'mkdir -m 0755 /opt/plain; chmod 2775 /opt/plain; mkdir /opt/team; chmod 2770 /opt/team'
declare_with two '
      /opt/plain: { mode: "0755" }
      /opt/team/inside: { mode: "0755" }'
expect 'bits that nobody declared' 0 'Applied: 1 added, 1 changed, 0 destroyed.' apply --auto-approve
expect_same 'are taken away' "$(printf '%s\n' 'root:root 755' 'root:root 755')" "$(like "$HOST" /opt/plain /opt/team/inside)"
expect 'nothing is left' 0 'No changes.*' plan --detailed-exitcode
