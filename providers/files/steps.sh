# shellcheck shell=sh disable=SC2154
# Writing steps. All of them work inside the parent folder, entered once, so that nobody can move it away under
# them; what they make has a temporary name there until it is complete.

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

# files_make_directory PATH OWNER GROUP MODE
files_make_directory() {
  files_enter "$1" || return 1
  mkdir -- "$tl_new" && files_dress "$tl_new" "$2" "$3" "$4" || return 1
  mv -T -- "$tl_new" "./$tl_name" && sync -- .
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

# files_arrived NAME: gives the most that any upload brought of it that name. An rsync that was cut off puts what it has
# there when it notices, which is too late for the next try; one that was killed never does (rsync(1), --partial).
files_arrived() {
  tl_most=-1
  for tl_left in "./$1" ./."$1".??????; do
    if [ -f "$tl_left" ] && [ ! -L "$tl_left" ]; then
      tl_size=$(stat --printf=%s -- "$tl_left") || continue
      if [ "$tl_size" -gt "$tl_most" ]; then tl_most=$tl_size tl_best=$tl_left; fi
    fi
  done
  if [ "$tl_most" -ge 0 ] && [ "$tl_best" != "./$1" ]; then
    rm -rf -- "./$1" && mv -T -- "$tl_best" "./$1"
  fi
}

# files_stage FOLDER USER STAGE NAME KEEP...: a staging folder for one file, which the login user may write. What
# earlier uploads of that name left in it is kept, so that it goes on where it broke off. Staging folders beside it go,
# unless their names are among KEEP: nobody will finish them.
files_stage() {
  cd -P -- "$1" || return 1
  tl_user=$2 tl_stage=$3 tl_name=$4
  shift 4
  for tl_left in ./.tidelock-stage-*; do
    tl_keep=no
    for tl_known; do if [ "$tl_left" = "./$tl_known" ]; then tl_keep=yes; fi; done
    if [ "$tl_keep" = no ]; then rm -rf -- "$tl_left" || return 1; fi
  done
  if [ -L "./$tl_stage" ] || { [ -e "./$tl_stage" ] && [ ! -d "./$tl_stage" ]; }; then rm -f -- "./$tl_stage"; fi
  if [ ! -d "./$tl_stage" ]; then mkdir -- "./$tl_stage" || return 1; fi
  cd -P -- "./$tl_stage" && chmod 0700 . && chown -h -- "$tl_user" . && files_arrived "$tl_name" || return 1
  for tl_left in ./* ./.[!.]* ./..?*; do
    if [ "$tl_left" = "./$tl_name" ] && [ -f "$tl_left" ] && [ ! -L "$tl_left" ]; then
      chown -h -- "$tl_user" "$tl_left" || return 1
    else
      rm -rf -- "$tl_left" || return 1
    fi
  done
}

# files_install PATH STAGE SHA256 OWNER GROUP MODE: takes a staged file out of the login user's reach, checks it, and puts
# it in place. Says how to know these bytes again without reading them.
files_install() {
  files_enter "$1" || return 1
  if [ -L "./$tl_name" ] || { [ -e "./$tl_name" ] && [ ! -f "./$tl_name" ]; }; then
    files_refuse 'something else than a regular file is in the way'
    return 1
  fi
  tl_staged=./$2/$tl_name
  if [ -L "$tl_staged" ] || [ ! -f "$tl_staged" ]; then
    files_refuse 'the staged file is not there'
    return 1
  fi
  mv -fT -- "$tl_staged" "$tl_new" && chown -h -- root:root "$tl_new" && chmod 0600 -- "$tl_new" || return 1
  if ! files_verify "$tl_new" "$3"; then
    rm -f -- "$tl_new"
    return 1
  fi
  rmdir -- "./$2" 2>/dev/null || :
  if [ -f "./$tl_name" ]; then
    cp -a --attributes-only --no-preserve=timestamps -- "./$tl_name" "$tl_new" || return 1
  fi
  files_dress "$tl_new" "$4" "$5" "$6" && files_swap - || return 1
  stat --printf="%d %i %s %.9Y %.9Z $3" -- "./$tl_name"
}
