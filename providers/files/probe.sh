# shellcheck shell=sh disable=SC2154
# Read-only questions about paths. Each function starts a fixed number of processes, however many paths it gets.

# files_stat PATH...: what is at each path, as far as it is there, then what stat said of the others. stat names them
# in the order of its arguments, so that each message can be given back to its path.
files_stat() {
  printf 'stat\0'
  {
    tl_errors=$(stat --printf='%n\0%f %d %i %h %u %g %s %.9Y %.9Z\0%U\0%G\0' -- "$@" 2>&1 >&3)
  } 3>&1
  printf 'errors\0%s\0' "$tl_errors"
}

# files_digest PATH...: SHA-256 of those that are regular files. sha256sum would wait for ever at a FIFO.
files_digest() {
  tl_count=$#
  for tl_path; do
    if [ -f "$tl_path" ] && [ ! -L "$tl_path" ]; then set -- "$@" "$tl_path"; fi
  done
  shift "$tl_count"
  printf 'digests\0'
  if [ $# -gt 0 ]; then sha256sum -z -- "$@"; fi
}

# files_images FOLDER...: the images in these folders.
files_images() {
  printf 'images\0'
  for tl_folder; do
    for tl_path in "$tl_folder"/*.sif; do
      if [ -f "$tl_path" ]; then printf '%s\0' "$tl_path"; fi
    done
  done
}

# files_text LIMIT PATH...: the beginnings of regular files, one behind the other, as one base64 record.
files_text() {
  tl_limit=$1
  shift
  printf 'text\0'
  head -q -c "$tl_limit" -- "$@" </dev/null | base64 -w 0
  printf '\0'
}

# files_accounts passwd|group NAME...: which of these exist.
files_accounts() {
  printf '%s\0' "$1"
  getent -- "$@" | cut -d: -f1 | tr '\n' '\0'
}

# files_entries FOLDER...: what is in these folders, each of which is named once with an empty name before.
files_entries() {
  printf 'entries\0'
  for tl_folder; do printf '%s\0\0' "$tl_folder"; done
  find "$@" -mindepth 1 -maxdepth 1 -printf '%H\0%f\0' 2>/dev/null | head -c 1000000
}

# files_kept: what the history of this host keeps by a hard link.
files_kept() {
  printf 'kept\0'
  find -L /var/lib/tidelock/history -mindepth 2 -maxdepth 2 -type f -links +1 -printf '%D %i\0' 2>/dev/null
}

# files_space FOLDER...: free bytes where each folder is, or will be: blocks for ordinary users and their size, and the
# file system's id.
files_space() {
  printf 'space\0'
  for tl_folder; do
    tl_here=$tl_folder
    while [ ! -d "$tl_here" ]; do
      tl_here=${tl_here%/*}
      tl_here=${tl_here:-/}
    done
    printf '%s\0%s\0' "$tl_folder" "$(stat -f --printf='%a %S %i' -- "$tl_here")"
  done
}
