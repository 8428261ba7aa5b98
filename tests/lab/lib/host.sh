# shellcheck shell=bash
# The life of one host. What is true of it is read from its cgroup, so that no record of ours can be stale.
#   $HOSTS/NAME/role          none, controller, viz or compute
#   $HOSTS/NAME/disk          tmpfs: the host's own layer (upper), kept over `kill` and `start`
#   $HOSTS/NAME/console.log   what its boot said
#   $HOSTS/NAME/cut           there while its cable is pulled

host_exists() { address_of "$1" >/dev/null && [ -f "$HOSTS/$1/role" ] && network_is_up; }
host_runs() { cgroup_populated "$(cgroup_of "$1")/machine"; }
host_frozen() { [ "$(cat "$(cgroup_of "$1")/cgroup.freeze" 2>/dev/null)" = 1 ]; }
host_require() { host_exists "$1" || die "no host '$1' is up (see: lab hosts)"; }
host_require_running() {
  host_require "$1"
  host_runs "$1" || die "$1 is off (lab start $1)"
}

host_names() { # in the order of their addresses
  local folder
  network_is_up || return 0
  for folder in "$HOSTS"/*/; do
    [ -d "$folder" ] || continue
    folder=${folder%/}
    printf '%s %s\n' "$(address_of "${folder##*/}")" "${folder##*/}"
  done | sort -V | cut -d' ' -f2
}

host_create() { # name role size: everything but its network
  local folder=$HOSTS/$1
  mkdir -p "$folder/disk"
  mount -t tmpfs -o "size=$3,mode=755" "$PREFIX-$1" "$folder/disk"
  mkdir "$folder/disk/upper" "$folder/disk/work" "$folder/disk/root"
  echo "$2" >"$folder/role"
  cgroup_add "$1"
}

# Descriptor 9 is the lock; what outlives this command must not hold it, and has joined its cgroup before it lets go.
host_boot() { # name
  local boot
  boot=$LAB_SRC/boot/$(kind_of "$1")
  (
    echo "$BASHPID" >"$(cgroup_of "$1")/keeper/cgroup.procs"
    exec setsid unshare --mount --propagation slave -- "$boot" "$1" "$IMAGE" \
      </dev/null >>"$HOSTS/$1/console.log" 2>&1 9>&-
  ) &
  { echo $! >"$(cgroup_of "$1")/keeper/cgroup.procs"; } 2>/dev/null || true # so that it counts as running from now on
}

host_kill() { # name: as if the power went; peers hear nothing
  port_down "$1"
  cgroup_kill "$(cgroup_of "$1")"
  echo 0 >"$(cgroup_of "$1")/cgroup.freeze"
}

# Process 1 of the host as the machine sees it: the one with just two process ids, the inner being 1.
host_leader() { # name
  local pid
  find "$(cgroup_of "$1")/machine" -name cgroup.procs -exec cat {} + 2>/dev/null | while read -r pid; do
    awk -v pid="$pid" '/^NSpid:/ { if (NF == 3 && $3 == 1) print pid; exit }' "/proc/$pid/status" 2>/dev/null || true
  done | head -n1
}

# Runs a command as root in all of the host's namespaces and in the cgroup of its process 1.
host_exec() { # name command...
  local leader name=$1
  shift
  ! host_frozen "$name" || die "$name is frozen (lab thaw $name)"
  leader=$(host_leader "$name")
  [ -n "$leader" ] || die "$name has no process 1 just now"
  (
    echo "$BASHPID" >"$CGROUP_ROOT$(sed -n 's/^0:://p' "/proc/$leader/cgroup")/cgroup.procs"
    exec nsenter -t "$leader" --mount --uts --ipc --net --pid --cgroup --root --wdns=/ -- \
      env -i HOME=/root USER=root LOGNAME=root SHELL=/bin/bash TERM="${TERM:-dumb}" LANG=C.UTF-8 \
      PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@" 9>&-
  )
}

sshd_answers() { (exec 3<>"/dev/tcp/$(address_of "$1")/22") 2>/dev/null; }

host_wait() { # name: until people can log in
  local end=$((SECONDS + 60)) state
  while ((SECONDS < end)); do
    kill -0 $$ 2>/dev/null || exit 1
    cgroup_populated "$(cgroup_of "$1")" || { tail -n 20 "$HOSTS/$1/console.log" >&2; die "$1 died while it booted"; }
    if [ "$(kind_of "$1")" = light ]; then
      if [ -f "$HOSTS/$1/cut" ] || sshd_answers "$1"; then return; fi
    else
      state=$(host_exec "$1" systemctl is-system-running --wait 2>/dev/null) || true
      [[ $state == running || $state == degraded ]] && return
    fi
    sleep 0.05
  done
  die "$1 does not come up: see $HOSTS/$1/console.log"
}
