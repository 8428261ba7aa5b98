# shellcheck shell=sh disable=SC2154
# What nginx is configured with, and what it does now. Nothing is asked of nginx itself: `nginx -T` would open its logs.

# nginx_look FILE...: the configuration, those files too, who serves, and whether a reload is owed.
nginx_look() {
  printf 'nginx\0'
  if [ ! -f /etc/nginx/nginx.conf ] || ! command -v nginx >/dev/null; then
    printf 'absent\0'
    return 0
  fi
  nginx_gather "$@"
  nginx_serving
  nginx_owed
}

# A reload that waits for clients to go: for a minute in any case, so that an apply which left it waiting finds it so.
nginx_owed() {
  tl_owed=/var/lib/tidelock/nginx/owed
  if [ ! -f "$tl_owed" ]; then return 0; fi
  tl_word=$(head -c 100 -- "$tl_owed" | tr -d '\0')
  if [ "$tl_word" = idle ] && [ -z "$(find "$tl_owed" -mmin +1)" ]; then tl_word=waiting; fi
  printf 'owed\0%s\0' "$tl_word"
}

# Every file that is included, by rough reading: who reads exactly can tell whether an include was missed.
nginx_gather() {
  tl_line='
'
  tl_seen=$tl_line
  tl_todo=/etc/nginx/nginx.conf
  for tl_named; do tl_todo=$tl_todo$tl_line$tl_named; done
  tl_count=0 tl_bytes=0
  while [ -n "$tl_todo" ] && [ "$tl_count" -lt 1000 ] && [ "$tl_bytes" -lt 20000000 ]; do nginx_expand; done
  if [ -n "$tl_todo" ]; then printf 'too many\0'; fi
}

# One round: files that the patterns in tl_todo match, and the patterns that these include.
nginx_expand() {
  printf 'patterns\0%s\0' "$tl_todo"
  tl_ifs=$IFS
  IFS=$tl_line
  tl_new=
  # shellcheck disable=SC2086 # patterns, one a line
  for tl_file in $tl_todo; do
    case $tl_seen in *"$tl_line$tl_file$tl_line"*) continue ;; esac
    if [ -f "$tl_file" ] && [ -r "$tl_file" ]; then
      tl_seen=$tl_seen$tl_file$tl_line
      tl_new=$tl_new$tl_file$tl_line
    elif [ -f "$tl_file" ]; then
      printf 'unreadable\0%s\0' "$tl_file"
    fi
  done
  set -f
  # shellcheck disable=SC2086 # paths, one a line
  set -- $tl_new
  set +f
  IFS=$tl_ifs
  tl_todo=
  if [ $# -gt 0 ]; then
    nginx_files "$@"
    tl_todo=$(nginx_included "$@")
  fi
}

# nginx_included FILE...: what they include. A process each for all of them together.
nginx_included() {
  head -q -c 1000000 -- "$@" | tr -d '\0' | tr ';{}\r' '\n' |
    sed -n 's/^[[:space:]]*include[[:space:]]\{1,\}//p' |
    sed -e 's/[[:space:]]*$//' -e 's/^"\(.*\)"$/\1/' -e "s/^'\(.*\)'\$/\1/" -e '/^$/d' -e '/^\//!s|^|/etc/nginx/|'
}

# nginx_files PATH...: their names, where they are when links are followed, what they are, and their texts.
nginx_files() {
  tl_count=$((tl_count + $#))
  printf 'files\0%s\0' "$#"
  printf '%s\0' "$@"
  realpath -zm -- "$@"
  stat -L --printf='stat\0%n\0%F|%s\0' -- "$@"
  for tl_size in $(stat -L --printf='%s\n' -- "$@"); do tl_bytes=$((tl_bytes + tl_size)); done
  for tl_file; do
    printf 'text\0%s\0' "$tl_file"
    head -c 1000000 -- "$tl_file" | tr -d '\0'
    printf '\0'
  done
}

# nginx_master: the process that takes signals.
nginx_master() {
  tl_pid_file=$(sed -n 's/^[[:space:]]*pid[[:space:]]\{1,\}\([^;]*\);.*/\1/p' /etc/nginx/nginx.conf 2>/dev/null | head -n 1)
  tl_master=$(head -c 20 -- "${tl_pid_file:-/run/nginx.pid}" 2>/dev/null | tr -cd '0-9')
  [ -n "$tl_master" ] && tr '\0' ' ' <"/proc/$tl_master/cmdline" 2>/dev/null | grep -q '^nginx: master'
}

# nginx_workers MASTER: its workers that take new requests.
nginx_workers() {
  sed -n "s/^\([0-9]*\) (nginx) [^ ]* $1 .*/\1/p" /proc/[0-9]*/stat 2>/dev/null | while read -r tl_worker; do
    case $(tr '\0' ' ' 2>/dev/null <"/proc/$tl_worker/cmdline") in
      *'shutting down'*) ;;
      'nginx: worker'*) printf '%s ' "$tl_worker" ;;
    esac
  done
}

nginx_serving() {
  if ! nginx_master; then
    printf 'down\0'
    return 0
  fi
  printf 'serving\0%s\0' "$(nginx_connections "$tl_master")"
}

# nginx_connections MASTER: how many at each local port, which is a hexadecimal number.
nginx_connections() {
  tl_sockets=" $(for tl_worker in $(nginx_workers "$1"); do
    find "/proc/$tl_worker/fd" -maxdepth 1 -lname 'socket:*' -printf '%l ' 2>/dev/null
  done | tr -cd '0-9 ') "
  sed -n 's/^ *[0-9]*: [0-9A-F]*:\([0-9A-F]\{4\}\) [0-9A-F:]* 01 [^ ]* [^ ]* [^ ]* *[0-9]* *[0-9]* \([0-9]*\) .*/\2 \1/p' \
    /proc/net/tcp /proc/net/tcp6 2>/dev/null | while read -r tl_inode tl_port; do
    case $tl_sockets in *" $tl_inode "*) printf '%s\n' "$tl_port" ;; esac
  done | sort | uniq -c
}

# nginx_kept PATH KEPT...: what was at a path before, as the host's history has it.
nginx_kept() {
  while [ $# -gt 1 ]; do
    if [ -f "$2" ] && [ -r "$2" ]; then
      printf 'kept\0%s\0' "$1"
      head -c 1000000 -- "$2" | tr -d '\0'
      printf '\0'
    fi
    shift 2
  done
}
