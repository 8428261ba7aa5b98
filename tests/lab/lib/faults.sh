# shellcheck shell=bash
# Trouble on demand.

cmd_cut() { host_require "${1:-}"; touch "$HOSTS/$1/cut"; port_down "$1"; }
cmd_uncut() { host_require "${1:-}"; rm -f "$HOSTS/$1/cut"; port_up "$1"; }

cmd_freeze() { host_require_running "${1:-}"; echo 1 >"$(cgroup_of "$1")/cgroup.freeze"; }
cmd_thaw() { host_require "${1:-}"; echo 0 >"$(cgroup_of "$1")/cgroup.freeze"; }

cmd_kill() { host_require "${1:-}"; host_kill "$1"; }

cmd_start() {
  host_require "${1:-}"
  ! host_runs "$1" || die "$1 runs"
  cgroup_kill "$(cgroup_of "$1")"
  # shellcheck disable=SC2034
  IMAGE=$(<"$RUN/image")
  [ -f "$HOSTS/$1/cut" ] || port_up "$1"
  host_boot "$1"
  host_wait "$1"
}

cmd_rate() { # host rate|off
  local way
  host_require "${1:-}"
  [[ ${2:-} =~ ^([1-9][0-9]*[kmg]bit|off)$ ]] || die "rate: '${2:-}' is no rate: 100mbit, 1gbit or off"
  for way in "$SWITCH $1" "$(namespace_of "$1") eth0"; do
    tc -n "${way% *}" qdisc delete dev "${way#* }" root 2>/dev/null || true
    [ "$2" = off ] || tc -n "${way% *}" qdisc add dev "${way#* }" root tbf rate "$2" burst 256kb latency 50ms
  done
}

# A small file system over a folder that keeps its owner and mode.
cmd_disk() { # host path size|off
  local path=${2:-} size=${3:-}
  host_require_running "${1:-}"
  [[ $path =~ ^(/[^/]+)+$ && $path != *..* ]] || die "disk: '$path' is no absolute path"
  [[ $size =~ ^([1-9][0-9]*[kmg]|off)$ ]] || die "disk: '$size' is no size: 64k, 10m, 1g or off"
  if [ "$size" = off ]; then
    host_exec "$1" umount "$path" || die "disk: nothing to undo at $path on $1"
  else
    # shellcheck disable=SC2016
    host_exec "$1" sh -c 'mkdir -p "$1" && mount -t tmpfs -o "size=$2,$(stat -c "uid=%u,gid=%g,mode=%a" "$1")" lab-disk "$1"' \
      sh "$path" "$size"
  fi
}

# stop: nobody new gets in, sessions go on. kill: sessions die too.
cmd_sshd() { # host stop|start|kill
  host_require_running "${1:-}"
  case ${2:-} in
    stop | start) "sshd_$2_$(kind_of "$1")" "$1" ;;
    kill)
      "sshd_stop_$(kind_of "$1")" "$1"
      host_exec "$1" pkill -KILL -x sshd || true
      ;;
    *) die "sshd: stop, start or kill" ;;
  esac
}

sshd_stop_heavy() { host_exec "$1" systemctl stop ssh; }
sshd_start_heavy() { host_exec "$1" systemctl start ssh; }
sshd_stop_light() { host_exec "$1" start-stop-daemon --stop --oknodo --retry 5 --remove-pidfile --pidfile /run/sshd.pid; }
sshd_start_light() { host_exec "$1" start-stop-daemon --start --oknodo --pidfile /run/sshd.pid --exec /usr/sbin/sshd; }
