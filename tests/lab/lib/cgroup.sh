# shellcheck shell=bash
# Each host runs in a cgroup of its own below one of the lab's: killing or freezing a host is one write.
# Works with a pure cgroup v2 machine and with one that has v2 beside v1.

CGROUP_ROOT=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)
[ -n "$CGROUP_ROOT" ] || die "this machine has no cgroup v2 mounted"
CGROUP_LAB=$CGROUP_ROOT/$PREFIX-lab

cgroup_of() { echo "$CGROUP_LAB/$1"; }

# The host's own cgroup stays empty (v2 forbids processes beside children with controllers): the boot script
# runs in `keeper`, the machine it boots in `machine`. Whatever controllers the machine gives are passed on.
cgroup_add() { # name
  local group controller
  group=$(cgroup_of "$1")
  [ -d "$group" ] && return
  mkdir -p "$group"/{keeper,machine}
  for group in "$CGROUP_LAB" "$group"; do
    for controller in $(<"$group/cgroup.controllers"); do echo "+$controller" >"$group/cgroup.subtree_control"; done
  done
}

cgroup_populated() { # group
  local state
  { read -r _ state <"$1/cgroup.events"; } 2>/dev/null && [ "$state" = 1 ]
}

cgroup_kill() { # group: kills all in it, frozen or not, and waits for their end
  local tries
  [ -e "$1/cgroup.kill" ] || return 0
  echo 1 >"$1/cgroup.kill"
  for ((tries = 0; tries < 400; tries++)); do
    cgroup_populated "$1" || return 0
    sleep 0.025
  done
  die "processes in $1 do not die"
}

cgroup_remove() { # group
  [ ! -d "$1" ] || find "$1" -depth -type d -exec rmdir {} +
}
