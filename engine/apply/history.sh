# shellcheck shell=sh disable=SC2154
# What each run changed on this host, and what was there before: /var/lib/tidelock/history/RUN/changes, one JSON line a
# change, and beside it the files that were overwritten or deleted, by number.

# tl_history_record RUN PATH NUMBER...: appends the lines on stdin, and keeps the files. A hard link keeps a file, since
# nothing is ever written in place; on another file system it stays there, beside the path, with a link to it here.
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
  if [ -L "$1" ] || [ ! -f "$1" ]; then return 0; fi
  ln -fT -- "$1" "$tl_folder/$2" 2>/dev/null && return 0
  tl_beside=${1%/*}/.tidelock-kept-$tl_run-$2
  ln -fT -- "$1" "$tl_beside" 2>/dev/null && ln -sfT -- "$tl_beside" "$tl_folder/$2" && return 0
  cp -aT -- "$1" "$tl_folder/$2"
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
    tl_beside=$(readlink -- "$tl_kept")
    case ${tl_beside##*/} in .tidelock-kept-*) rm -f -- "$tl_beside" ;; esac
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
