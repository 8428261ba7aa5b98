# shellcheck shell=sh disable=SC2154
# Writing steps of files that lie in a folder of others. All of them work inside the parent folder, entered once, so that
# nobody can move it away under them; what they make has a temporary name there until it is complete.

files_refuse() {
  printf '%s\n' "$*" >&2
  return 1
}

# Enters the parent of a path; tl_name is what is left, and tl_new a name for what is being made. Whatever an earlier
# run left under such a name is gone afterwards: the host's lock is ours.
files_enter() {
  tl_parent=${1%/*}
  tl_name=${1##*/}
  cd -P -- "${tl_parent:-/}" || return 1
  rm -rf -- ./.tidelock-new-* || return 1
  tl_new=./.tidelock-new-$tl_nonce
}

# files_dress PATH OWNER GROUP MODE: "-" leaves an attribute as it is. Owner first: chown takes setuid bits away. Modes
# have four digits; only with a fifth does chmod take setuid and setgid bits from a directory.
files_dress() {
  if [ "$2" != - ]; then chown -h -- "$2" "$1" || return 1; fi
  if [ "$3" != - ]; then chgrp -h -- "$3" "$1" || return 1; fi
  if [ "$4" != - ]; then chmod -- "0$4" "$1" || return 1; fi
}

# files_still SHA256|none|-: the file is still the one that was looked at; "-" where that is not known. Other steps may have
# taken minutes since then, and an editor that renames leaves nothing of an edit that is overwritten.
files_still() {
  case $1 in
    -) return 0 ;;
    none) if [ ! -e "./$tl_name" ] && [ ! -L "./$tl_name" ]; then return 0; fi ;;
    *)
      tl_digest=$(sha256sum <"./$tl_name")
      if [ "${tl_digest%% *}" = "$1" ]; then return 0; fi
      ;;
  esac
  rm -f -- "$tl_new"
  files_refuse 'somebody changed it since it was looked at'
}

# files_swap SHA256|none|-: a complete new file takes the place of that old one: fsync, rename, fsync of the folder.
files_swap() {
  sync -- "$tl_new" && files_still "$1" && mv -fT -- "$tl_new" "./$tl_name" && sync -- .
}

# files_put PATH SHA256 SEEN OWNER GROUP MODE, the content on stdin. A file that is there hands its ACL and labels on.
files_put() {
  files_enter "$1" || return 1
  if [ -L "./$tl_name" ] || { [ -e "./$tl_name" ] && [ ! -f "./$tl_name" ]; }; then
    files_refuse 'something else than a regular file is in the way'
    return 1
  fi
  : >"$tl_new" || return 1
  if [ -f "./$tl_name" ]; then
    cp -a --attributes-only --no-preserve=timestamps -- "./$tl_name" "$tl_new" || return 1
  else
    chmod 0600 -- "$tl_new" || return 1
  fi
  cat >"$tl_new" && files_verify "$tl_new" "$2" && files_dress "$tl_new" "$4" "$5" "$6" && files_swap "$3"
}

files_verify() {
  tl_digest=$(sha256sum <"$1") || return 1
  [ "${tl_digest%% *}" = "$2" ] || files_refuse 'what arrived has another digest than what was to be sent'
}

# files_restore PATH SHA256 SEEN KEPT OWNER GROUP MODE: a copy of what the host kept takes its old place.
files_restore() {
  files_enter "$1" || return 1
  if [ -L "./$tl_name" ] || { [ -e "./$tl_name" ] && [ ! -f "./$tl_name" ]; }; then
    files_refuse 'something else than a regular file is in the way'
    return 1
  fi
  cp -aL --reflink=auto -- "$4" "$tl_new" && files_verify "$tl_new" "$2" && files_dress "$tl_new" "$5" "$6" "$7" && files_swap "$3"
}

# files_dress_open PATH directory|file OWNER GROUP MODE: changes attributes of what is there without following a link
# that somebody puts in its place meanwhile: it is opened, compared with the path, and changed through the open file.
files_dress_open() {
  if [ "$2" = directory ]; then
    cd -P -- "$1" || return 1
    tl_open=.
  else
    exec 8<"$1" || return 1
    tl_open=/dev/fd/8
  fi
  [ "$(stat -L --printf='%d:%i' -- "$tl_open")" = "$(stat --printf='%d:%i' -- "$1")" ] ||
    files_refuse 'it was replaced by a symbolic link meanwhile' || return 1
  if [ "$3" != - ]; then chown -- "$3" "$tl_open" || return 1; fi
  if [ "$4" != - ]; then chgrp -- "$4" "$tl_open" || return 1; fi
  if [ "$5" != - ]; then chmod -- "0$5" "$tl_open" || return 1; fi
  sync -- "$tl_open"
}

# files_delete PATH directory|file|image SEEN: what is there as that, and nothing else. A directory must be empty, an image
# must not be in use. What is gone already is gone.
files_delete() {
  files_enter "$1" || return 1
  if [ ! -e "./$tl_name" ] && [ ! -L "./$tl_name" ]; then return 0; fi
  if [ "$2" = directory ]; then
    rmdir -- "./$tl_name" && sync -- .
    return
  fi
  if [ -L "./$tl_name" ] || [ ! -f "./$tl_name" ]; then
    files_refuse 'something else is there now'
    return 1
  fi
  if [ "$2" = image ]; then
    tl_inode=$(stat --printf=%i -- "./$tl_name") && tl_device=$(stat --printf=%d -- "./$tl_name") || return 1
    tl_holder=$(find -L /proc/[0-9]*/fd /proc/[0-9]*/map_files -maxdepth 1 -inum "$tl_inode" -printf '%D %p\n' 2>/dev/null |
      grep -m 1 "^$tl_device ")
    if [ -n "$tl_holder" ]; then
      files_refuse "it is in use: ${tl_holder#* }"
      return 1
    fi
  fi
  files_still "$3" && rm -f -- "./$tl_name" && sync -- .
}
