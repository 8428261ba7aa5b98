#!/usr/bin/env bash
# needs: light 1
# takes: 40
# Packages by a real apt, from a repository that is made here.
# shellcheck source=/dev/null disable=SC2016,SC2034 # scripts for hosts are in single quotes; lib.sh reads settings
. "${0%/*}/lib.sh"

make_package tl-lib 1.0
make_package tl-tool 1.0-1 'Depends: tl-lib'
make_package tl-tool 1.1-1 'Depends: tl-lib'
make_package tl-tool 2.0-1 'Depends: tl-lib'
make_package tl-rival 1.0 'Conflicts: tl-other'
make_package tl-other 1.0
make_package tl-broken 1.0 'Depends: tl-nothing'
offer_packages "$HOST"
version() { on "$HOST" dpkg-query -W -f '${Version} ${db:Status-Abbrev}' "$1"; }
traces() { script_on "$HOST" 'find /var/lib/apt /var/lib/dpkg /var/cache/apt /etc -printf "%p %s %T@ %C@\n" | sort'; }

manifest <<'YAML'
node_types: { node: { packages: { tl-tool: { version: "1.*", hold: true }, tl-other: {} } } }
YAML
before=$(traces)
expect 'plan without lists' 2 'Plan: 2 to add, 0 to change, 0 to destroy.' plan --detailed-exitcode
expect_same 'it leaves no trace' "$before" "$(traces)"
expect 'apply' 0 'Applied: 2 added, *' apply --auto-approve
expect_same 'the version that was asked for' '1.1-1 hi ' "$(version tl-tool)"
expect 'nothing is left to do' 0 'No changes.*' plan --detailed-exitcode

before=$(traces)
sed -i 's/1\.\*/2.0-1/' cluster.yaml
expect 'another version of what is held' 2 'Plan: 0 to add, 1 to change, 0 to destroy.' plan --detailed-exitcode
expect_same 'still no trace' "$before" "$(traces)"
script_on "$HOST" 'echo mine >/etc/tl-tool.conf'
expect 'apply' 0 'Applied: 0 added, 1 changed, *' apply --auto-approve
expect_same 'it is there, and held again' '2.0-1 hi ' "$(version tl-tool)"
expect_same 'the configuration file is as it was' mine "$(on "$HOST" cat /etc/tl-tool.conf)"
sed -i 's/2\.0-1/1.0-1/' cluster.yaml
expect 'and back' 0 'Applied: 0 added, 1 changed, *' apply --auto-approve
expect_same 'it is back' '1.0-1 hi ' "$(version tl-tool)"

manifest <<'YAML'
node_types:
  node:
    packages: { tl-tool: { version: "1.*", hold: true }, tl-other: {}, tl-nosuch: {}, tl-lib: { version: "7*" } }
YAML
expect 'what apt does not have' 3 '*' apply --auto-approve
expect_contains 'is said' 'apt knows no package of that name here'
expect_contains 'versions too' 'apt has no version 7* of it here, but 1.0'
manifest <<'YAML'
node_types: { node: { packages: { tl-tool: {}, tl-other: {}, tl-rival: {} } } }
YAML
expect 'what would cost another package' 3 '*' apply --auto-approve
expect_contains 'is not installed' 'apt would remove tl-other for it'
manifest <<'YAML'
node_types: { node: { packages: { tl-tool: {}, tl-other: {}, tl-broken: {} } } }
YAML
expect 'what cannot be installed' 3 '*' apply --auto-approve
expect_contains 'says why' 'apt would refuse: '

# --- somebody else's apt is at work
manifest <<'YAML'
node_types: { node: { packages: { tl-tool: { hold: true }, tl-other: {} } } }
YAML
on "$HOST" apt-get -qq -y remove tl-other >/dev/null
script_on "$HOST" 'perl -e "use Fcntl; open F, q(+>), q(/var/lib/dpkg/lock-frontend); fcntl F, F_SETLK, pack(q(s s x4 q q i x4), F_WRLCK, 0, 0, 0, 0) or die; sleep 8" >/dev/null 2>&1 &'
expect 'its lock is waited for' 0 'Applied: 1 added, *' apply --auto-approve

# --- no longer declared
script_on "$HOST" 'cd /apps/repo; mkdir -p /tmp/d/DEBIAN; printf "Package: tl-user\nVersion: 1\nArchitecture: all\nMaintainer: x <x@x>\nDescription: x\nDepends: tl-tool\n" >/tmp/d/DEBIAN/control
  dpkg-deb --build /tmp/d /tmp/tl-user.deb >/dev/null; dpkg -i /tmp/tl-user.deb >/dev/null'
manifest <<'YAML'
node_types: { node: {} }
YAML
expect 'what others need stays' 3 '*' apply --auto-approve
expect_contains 'and names them' 'tl-user needs it'
on "$HOST" dpkg -r tl-user >/dev/null
expect 'what nobody needs goes' 0 'Applied: 0 added, 0 changed, 2 destroyed.' apply --auto-approve
expect_same 'its configuration stays' mine "$(on "$HOST" cat /etc/tl-tool.conf)"
check 'what came with it stays' on "$HOST" dpkg-query -W tl-lib

on "$HOST" apt-get -qq -y install tl-other >/dev/null
manifest <<'YAML'
node_types: { node: { packages: { tl-other: {} } } }
YAML
expect 'what was there is adopted' 0 'No changes.*' apply --auto-approve
manifest <<'YAML'
node_types: { node: {} }
YAML
expect 'and released' 0 'No changes.*' apply --auto-approve
check 'it is there' on "$HOST" dpkg-query -W tl-other
