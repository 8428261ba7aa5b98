# shellcheck shell=bash
# Bringing hosts up, and everything down again.

cmd_up() { # [--nodes N] [--bare]
  local nodes=2 roles=all started name pids=()
  while (($# > 0)); do
    case $1 in
      --nodes) nodes=${2:-}; shift 2 || die "--nodes needs a number" ;;
      --bare) roles=none; shift ;;
      *) die "up: unknown option '$1'" ;;
    esac
  done
  check_count "$nodes" "$MAX_NODES" --nodes
  started=$(now_ms)
  check_not_up "$nodes $roles" && return

  prepare_run
  echo "$nodes $roles" >"$RUN/asked"
  munge_key_ensure
  nfs_create
  slurm_conf_write "$nodes"
  local names
  mapfile -t names < <(heavy_names "$nodes")
  for name in "${names[@]}"; do host_keys_ensure "$name"; done
  network_add "${names[@]}"
  for name in "${names[@]}"; do
    host_create "$name" "$(role_of "$name" "$roles")" "$HEAVY_DISK"
    host_boot "$name"
  done
  for name in "${names[@]}"; do host_wait "$name" & pids+=($!); done
  wait_all "${pids[@]}"
  if [ "$roles" = all ]; then
    cluster_wait $((nodes + 1))
    accounts_add
  fi
  access_write
  touch "$RUN/ready"
  say "up in $(seconds_since "$started"): ${names[*]}"
  say "next: lab ssh controller, or ssh -F $LAB_HOME/ssh_config controller"
}

# The same lab again is no error; another one, or half a one, is.
check_not_up() { # asked
  local name off=()
  [ -f "$RUN/asked" ] || return 1
  [ -f "$RUN/ready" ] || die "half a lab is up, from an 'up' that did not end: lab down"
  [ "$(<"$RUN/asked")" = "$1" ] || die "another lab is up ($(describe "$(<"$RUN/asked")")): lab down"
  for name in $(host_names); do host_runs "$name" || off+=("$name"); done
  say "already up ($(describe "$1"))${off:+; switched off: ${off[*]}}"
}

describe() { # "nodes roles"
  local nodes=${1% *} roles=${1#* }
  echo "$nodes compute nodes, $([ "$roles" = all ] && echo 'full' || echo bare)"
}

cmd_light() { # count
  local started name new=() pids=()
  check_count "${1:-}" "$MAX_LIGHT" 'the number of light hosts'
  started=$(now_ms)
  for name in $(light_names "$1"); do host_exists "$name" || new+=("$name"); done
  if ((${#new[@]} == 0)); then
    say "light[001-$(printf %03d "$1")] are already up"
    return
  fi
  prepare_run
  for name in "${new[@]}"; do host_keys_ensure "$name"; done
  network_add "${new[@]}"
  for name in "${new[@]}"; do
    host_create "$name" none "$LIGHT_DISK"
    host_boot "$name"
  done
  for name in "${new[@]}"; do host_wait "$name" & pids+=($!); done
  wait_all "${pids[@]}"
  access_write
  say "${#new[@]} light hosts up in $(seconds_since "$started")"
}

prepare_run() {
  check_tools
  image_ensure
  client_keys_ensure
  mkdir -p "$HOSTS"
  echo "$IMAGE" >"$RUN/image"
  network_up
}

wait_all() { # pid...
  local pid failed=0
  for pid in "$@"; do wait "$pid" || failed=1; done
  ((failed == 0)) || die "not every host came up: lab down, and try again"
}

cmd_down() {
  local started
  started=$(now_ms)
  cgroup_kill "$CGROUP_LAB"
  network_down
  cgroup_remove "$CGROUP_LAB"
  unmount_below "$RUN"
  rm -rf --one-file-system "$RUN"
  access_remove
  image_drop_partial
  rmdir /run/systemd/nspawn /run/systemd 2>/dev/null || true
  say "down in $(seconds_since "$started")"
}

unmount_below() { # folder
  awk -v below="$1/" 'index($2, below) == 1 { print $2 }' /proc/mounts | tac | xargs -r umount
}

cmd_purge() {
  cmd_down
  rm -rf --one-file-system "${LAB_HOME:?}"
}
