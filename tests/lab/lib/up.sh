# shellcheck shell=bash
# Bringing hosts up, and everything down again.

cmd_up() { # [--nodes N] [--bare] [--release NAME]
  local nodes=2 roles=all names name started
  while (($# > 0)); do
    case $1 in
      --nodes) nodes=${2:-}; shift 2 || die "--nodes needs a number" ;;
      --bare) roles=none; shift ;;
      --release) RELEASE=${2:-}; shift 2 || die "--release needs a name" ;;
      *) die "up: unknown option '$1'" ;;
    esac
  done
  check_count "$nodes" "$MAX_NODES" --nodes
  started=$(now_ms)
  ! already_up "$nodes $roles $RELEASE" || return 0

  prepare_run
  echo "$nodes $roles $RELEASE" >"$RUN/asked"
  munge_key_ensure
  nfs_create
  slurm_conf_write "$nodes"
  mapfile -t names < <(heavy_names "$nodes")
  for name in "${names[@]}"; do host_keys_ensure "$name"; done
  network_add "${names[@]}"
  for name in "${names[@]}"; do
    host_create "$name" "$(role_of "$name" "$roles")" "$HEAVY_DISK"
    host_boot "$name"
  done
  for name in "${names[@]}"; do host_wait "$name"; done
  if [ "$roles" = all ]; then
    cluster_wait $((nodes + 1))
    accounts_add
  fi
  finish_run
  say "up in $(seconds_since "$started"): ${names[*]}"
  say "next: lab ssh controller, or ssh -F $LAB_HOME/ssh_config controller"
}

# The same lab again is no error; another one is.
already_up() { # asked
  local name off=()
  network_is_up && [ -f "$RUN/asked" ] && [ ! -f "$RUN/unfinished" ] || return 1
  [ "$(<"$RUN/asked")" = "$1" ] || die "another lab is up ($(describe "$(<"$RUN/asked")")): lab down"
  client_keys_hand_over
  for name in $(host_names); do host_runs "$name" || off+=("$name"); done
  say "already up ($(describe "$1"))${off:+; switched off: ${off[*]}}"
}

describe() { # "nodes roles release"
  local nodes roles release
  read -r nodes roles release <<<"$1"
  echo "$nodes compute nodes, $([ "$roles" = all ] && echo 'full' || echo bare), Debian $release"
}

cmd_light() { # count
  local started name new=()
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
  for name in "${new[@]}"; do host_wait "$name"; done
  finish_run
  say "${#new[@]} light hosts up in $(seconds_since "$started")"
}

# `unfinished` is there while hosts are being added: seen at the start, it tells of a command that was killed.
prepare_run() {
  if network_is_up; then
    [ -d "$RUN" ] || die "a lab with another TIDELOCK_LAB_HOME is up on this machine: lab down"
    [ ! -f "$RUN/unfinished" ] || die "half a lab is up, left by a command that was killed or failed: lab down"
  else
    lab_remove # what a reboot of the machine left
  fi
  check_tools
  image_ensure
  client_keys_ensure
  mkdir -p "$HOSTS"
  touch "$RUN/unfinished"
  echo "$IMAGE" >"$RUN/image"
  network_is_up || network_up
  [ -d "$RUN/access" ] || access_layer_create
}

finish_run() {
  access_write
  rm "$RUN/unfinished"
}

cmd_down() {
  local started
  started=$(now_ms)
  lab_remove
  say "down in $(seconds_since "$started")"
}

# Goes by what is there and not by what a record says, so that it mends any state.
lab_remove() {
  cgroup_kill "$CGROUP_LAB"
  network_down
  cgroup_remove "$CGROUP_LAB"
  disks_unmount
  rm -rf --one-file-system "$RUN"
  access_remove
  image_drop_partial
  rmdir /run/systemd/nspawn /run/systemd /run/mount 2>/dev/null || true # made by nspawn and mount where there were none
}

disks_unmount() {
  awk -v own="^$PREFIX-" '$1 ~ own { print $2 }' /proc/mounts | xargs -r umount
}

cmd_purge() {
  cmd_down
  rm -rf --one-file-system "${LAB_HOME:?}"
}
