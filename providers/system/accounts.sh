# shellcheck shell=sh disable=SC2154
# Read-only questions about users and groups. Each function starts a fixed number of processes.

# accounts_local: what usermod and groupmod work on.
accounts_local() {
  printf 'local\0%s\0%s\0' "$(cat /etc/passwd)" "$(cat /etc/group)"
}

# accounts_known passwd|group KEY...: what the host's name services say of these names and numbers.
accounts_known() {
  printf 'known\0%s\0%s\0' "$1" "$(getent -- "$@")"
}

# accounts_home LINES USER: sets tl_home from lines of a passwd file; starts no process.
accounts_home() {
  tl_home='
'$1
  case $tl_home in
    *'
'"$2":*) tl_home=${tl_home#*'
'"$2":*:*:*:*:} ;;
    *)
      tl_home=
      return
      ;;
  esac
  tl_home=${tl_home%%:*}
}

# accounts_keys USER...: owner, mode and size of each user's ~/.ssh and ~/.ssh/authorized_keys in one record, and the
# lines of those files as far as no link leads to them and they are of a reasonable size.
accounts_keys() {
  tl_lines=$(getent -- passwd "$@")
  tl_users=$#
  for tl_user; do
    accounts_home "$tl_lines" "$tl_user"
    set -- "$@" "$tl_home/.ssh" "$tl_home/.ssh/authorized_keys"
  done
  tl_stats=$(
    shift "$tl_users"
    stat --printf='%u %f %s %n\n' -- "$@" 2>/dev/null
  )
  printf 'dress\0%s\0' "$tl_stats"
  for tl_user; do
    if [ "$tl_users" = 0 ]; then break; fi
    tl_users=$((tl_users - 1))
    accounts_home "$tl_lines" "$tl_user"
    printf 'keys\0%s\0%s\0' "$tl_user" "$tl_home"
    accounts_key_lines "$tl_home/.ssh/authorized_keys"
  done
}

# accounts_key_lines FILE: what it is, and its lines.
accounts_key_lines() {
  tl_size=${tl_stats%% "$1"*}
  tl_size=${tl_size##* }
  if [ ! -d "${1%/.ssh/*}" ]; then
    printf 'homeless\0\0'
  elif [ -L "${1%/*}" ] || [ -L "$1" ]; then
    printf 'link\0\0'
  elif [ ! -e "$1" ]; then
    printf 'none\0\0'
  elif [ ! -f "$1" ] || [ "${#tl_size}" -gt 5 ]; then
    printf 'odd\0\0'
  else
    printf 'file\0'
    while IFS= read -r tl_line || [ -n "$tl_line" ]; do printf '%s\n' "$tl_line"; done <"$1"
    printf '\0'
  fi
}

# accounts_processes: the numbers of the users that every process belongs to.
accounts_processes() {
  printf 'processes\0%s\0' "$(grep -hs '^Uid:' /proc/[0-9]*/status)"
}
