# shellcheck shell=bash
# Getting in and looking around. None of these takes the lock.

cmd_exec() { # host command...
  local name=${1:-}
  host_require_running "$name"
  shift
  (($# > 0)) || die "exec: which command?"
  host_exec "$name" "$@"
}

cmd_ssh() { # host [command...]
  host_require "${1:-}"
  exec ssh -F "$LAB_HOME/ssh_config" "$@"
}

cmd_path() { echo "$LAB_HOME"; }

cmd_hosts() {
  local name
  for name in $(host_names); do echo "$name $(address_of "$name")"; done
}

cmd_status() {
  local name names
  names=$(host_names)
  if [ -z "$names" ]; then
    echo "the lab is down"
    return
  fi
  printf '%-12s %-12s %-11s %-20s %8s %10s %6s\n' HOST ADDRESS ROLE STATE MEM_MiB DISK_MiB PROCS
  for name in $names; do
    printf '%-12s %-12s %-11s %-20s %8s %10s %6s\n' "$name" "$(address_of "$name")" "$(role_label "$name")" \
      "$(state_of "$name")" "$(memory_of "$name")" "$(df -m --output=used "$HOSTS/$name/disk" | tail -n1 | tr -d ' ')" \
      "$(processes_of "$name" | grep -c . || true)"
  done
}

role_label() {
  local role
  role=$(<"$HOSTS/$1/role")
  if [ "$role" != none ]; then echo "$role"; elif [ "$(kind_of "$1")" = light ]; then echo light; else echo bare; fi
}

state_of() {
  local state
  if ! host_runs "$1"; then
    state=off
  elif host_frozen "$1"; then
    state=frozen
  elif [ "$(kind_of "$1")" = light ] || [ "$(id -u)" != 0 ]; then
    state=running
  else
    state=$(host_exec "$1" timeout 3 systemctl is-system-running 2>/dev/null) || state=${state:-starting}
  fi
  [ ! -f "$HOSTS/$1/cut" ] || state+=',cut'
  echo "$state"
}

processes_of() { find "$(cgroup_of "$1")/machine" -name cgroup.procs -exec cat {} + 2>/dev/null; }

memory_of() { # proportional share, in MiB
  processes_of "$1" | sed 's|.*|/proc/&/smaps_rollup|' | xargs -r cat 2>/dev/null |
    awk '/^Pss:/ { sum += $2 } END { printf "%d", sum / 1024 }' || true
}
