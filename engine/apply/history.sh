# shellcheck shell=sh disable=SC2154
# What each run changed on this host, and what was there before: /var/lib/tidelock/history/RUN/changes, one JSON line a
# change, and beside it the files and folders that were overwritten or deleted, by number.

# tl_history_record RUN PATH NUMBER...: appends the lines on stdin, and keeps what is at the paths. Hard links keep it, since
# nothing is ever written in place; on another file system they are in .tidelock-kept at its top, with a link to them here.
tl_history_record() {
  tl_folder=/var/lib/tidelock/history/$1
  tl_run=$1
  shift
  mkdir -p -- "$tl_folder" || return 1 # nobody else can look inside: the umask
  cat >>"$tl_folder/changes" || return 1
  while [ $# -gt 1 ]; do
    tl_history_keep "$1" "$2" || return 1
    shift 2
  done
  sync -- "$tl_folder/changes" && sync -- "$tl_folder"
}

tl_history_keep() {
  if [ -L "$1" ] || { [ ! -f "$1" ] && [ ! -d "$1" ]; }; then return 0; fi
  tl_history_link "$1" "$tl_folder/$2" && return 0
  tl_top=$(stat -c %m -- "$1") || return 1
  tl_top=${tl_top%/}/.tidelock-kept
  tl_apart=$tl_top/$tl_run-$2
  if tl_history_top "$tl_top" && tl_history_link "$1" "$tl_apart"; then
    ln -sfT -- "$tl_apart" "$tl_folder/$2"
    return
  fi
  cp -aT -- "$1" "$tl_folder/$2"
}

tl_history_link() {
  rm -rf -- "$2"
  cp -alT -- "$1" "$2" 2>/dev/null && return 0
  rm -rf -- "$2"
  return 1
}

# Who may write at the top of a file system must not choose where we keep things.
tl_history_top() {
  if [ ! -e "$1" ] && [ ! -L "$1" ]; then mkdir -m 0700 -- "$1" 2>/dev/null; fi
  [ -d "$1" ] && [ ! -L "$1" ] && [ "$(stat -c %u.%a -- "$1")" = 0.700 ]
}

# tl_history_trim RUNS KILOBYTES: forgets the oldest runs until no more than so many are left, with no more than so much.
tl_history_trim() {
  cd /var/lib/tidelock/history 2>/dev/null || return 0
  tl_count=0
  tl_sum=0
  for tl_old in $(printf '%s\n' * | sort -r); do
    tl_count=$((tl_count + 1))
    tl_size=$(du -skL -- "$tl_old" | cut -f1)
    tl_sum=$((tl_sum + tl_size))
    if [ "$tl_count" -gt "$1" ] || { [ "$tl_count" -gt 1 ] && [ "$tl_sum" -gt "$2" ]; }; then
      tl_history_drop "$tl_old" || return 1
    fi
  done
}

tl_history_drop() {
  for tl_kept in "$1"/*; do
    if [ ! -L "$tl_kept" ]; then continue; fi
    tl_apart=$(readlink -- "$tl_kept")
    tl_top=${tl_apart%/*}
    case $tl_top in */.tidelock-kept) rm -rf -- "$tl_apart" && rmdir -- "$tl_top" 2>/dev/null ;; esac
  done
  rm -rf -- "./$1"
}

# tl_history_read: every run that is remembered, oldest first: its name and its changes.
tl_history_read() {
  cd /var/lib/tidelock/history 2>/dev/null || return 0
  for tl_old in *; do
    if [ -f "$tl_old/changes" ]; then
      printf '%s\0' "$tl_old"
      cat -- "$tl_old/changes"
      printf '\0'
    fi
  done
}
