# shellcheck shell=sh disable=SC2154
# Read-only questions about services. Each function starts a fixed number of processes.

# services_state UNIT...: what systemd knows of each, as blocks of lines in that order.
services_state() {
  if [ ! -d /run/systemd/system ]; then
    printf 'state\0no systemd\0\0'
    return
  fi
  printf 'state\0systemd\0%s\0' "$(systemctl show --no-pager \
    --property=Names,LoadState,ActiveState,UnitFileState,FragmentPath,CanReload -- "$@" 2>/dev/null)"
}

# services_files UNIT FILE ...: what is at FILE, whether a change of it waits for its restart, and its lines.
services_files() {
  while [ $# -ge 2 ]; do
    tl_owed=no
    if [ -e "/var/lib/tidelock/services/$1/owed" ]; then tl_owed=yes; fi
    printf 'file\0%s\0%s\0' "$2" "$tl_owed"
    if [ -L "$2" ]; then
      printf 'link\0\0'
    elif [ ! -e "$2" ]; then
      printf 'none\0\0'
    elif [ ! -f "$2" ] || [ ! -r "$2" ]; then
      printf 'odd\0\0'
    else
      printf 'file\0'
      while IFS= read -r tl_line || [ -n "$tl_line" ]; do printf '%s\n' "$tl_line"; done <"$2"
      printf '\0'
    fi
    shift 2
  done
}

# services_secrets FILE...: digest, and owner, mode and times, of those that are regular files.
services_secrets() {
  tl_count=$#
  for tl_path; do
    if [ -f "$tl_path" ] && [ ! -L "$tl_path" ]; then set -- "$@" "$tl_path"; fi
  done
  shift "$tl_count"
  if [ $# = 0 ]; then
    printf 'secrets\0\0\0'
    return
  fi
  printf 'secrets\0%s\0%s\0' "$(sha256sum -- "$@")" "$(stat --printf='%u %g %a %i %s %.9Y %.9Z %n\n' -- "$@")"
}

# services_listening: the sockets that wait for connections.
services_listening() {
  printf 'listening\0%s\0' "$(grep -hs ' 0A ' /proc/net/tcp /proc/net/tcp6)"
}

# services_holders INODE...: which processes have these sockets open; whose they are, where they belong, and how they were
# started; and what the host's users are called.
services_holders() {
  tl_count=$#
  for tl_inode; do set -- "$@" -o -lname "socket:\\[$tl_inode\\]"; done
  shift "$((tl_count + 1))"
  tl_found=$(find /proc/[0-9]*/fd -maxdepth 1 \( "$@" \) -printf '%p %l\n' 2>/dev/null)
  set --
  tl_folders=
  for tl_word in $tl_found; do
    case $tl_word in
      /proc/*) tl_folders="$tl_folders ${tl_word%/fd/*}" ;;
    esac
  done
  for tl_word in $tl_folders; do set -- "$@" "$tl_word/cmdline" "$tl_word/status" "$tl_word/cgroup"; done
  printf 'holders\0%s\0%s\0%s\0' "$tl_found" "$(grep -sHaz '' "$@" /dev/null | tr '\0' '\n')" "$(cat /etc/passwd)"
}
