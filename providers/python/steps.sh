# shellcheck shell=sh disable=SC2154
# Writing steps of Python environments. An environment is a symbolic link to a build in the folder NAME.releases beside
# it. A build has its name from the beginning, since its path is written into its programs; what makes it one is the stamp
# that is put into it when all is done.

venv_refuse() {
  printf '%s\n' "$*" >&2
  return 1
}

# Enters the parent of a path; tl_name is what is left. Nothing but a link to a build may be there.
venv_enter() {
  tl_parent=${1%/*}
  tl_name=${1##*/}
  cd -P -- "${tl_parent:-/}" || return 1
  tl_here=${PWD%/}
  tl_new=.tidelock-new-$tl_nonce
  rm -rf -- ./.tidelock-new-* || return 1
  if [ -L "./$tl_name" ]; then
    case $(readlink -- "./$tl_name") in
      "$tl_name.releases/"*) ;;
      *) venv_refuse 'a link to something else is in the way' || return 1 ;;
    esac
  elif [ -e "./$tl_name" ]; then
    venv_refuse 'something else than a link to a build is in the way' || return 1
  fi
  if [ -L "./$tl_name.releases" ] || { [ -e "./$tl_name.releases" ] && [ ! -d "./$tl_name.releases" ]; }; then
    venv_refuse 'something else is in the way of its builds' || return 1
  fi
}

# Enters the folder of the builds, which is made where it is missing.
venv_enter_builds() {
  venv_enter "$1" || return 1
  if [ ! -d "./$tl_name.releases" ]; then
    mkdir -m 0755 -- "./$tl_name.releases" && sync -- . || return 1
  fi
  cd -P -- "./$tl_name.releases" || return 1
}

# Whether ./NAME is called like a build: NUMBER-DIGEST, with twelve digits of the digest.
venv_is_build() {
  if [ -L "$1" ] || [ ! -d "$1" ]; then return 1; fi
  tl_serial=${1#./}
  tl_hash=${tl_serial#*-}
  tl_serial=${tl_serial%%-*}
  case $tl_serial in '' | *[!0-9]* | 0* | ??????????*) return 1 ;; esac
  case $tl_hash in *[!0-9a-f]*) return 1 ;; ????????????) return 0 ;; esac
  return 1
}

# The names of the builds in the current folder, newest first.
venv_builds() {
  for tl_each in ./[1-9]*-*; do
    if venv_is_build "$tl_each"; then printf '%s\n' "${tl_each#./}"; fi
  done | sort -t - -k 1,1nr
}

# venv_in_use FOLDER LINK: whether a process runs from there, or has something in it open or mapped.
venv_in_use() {
  if find /proc/[0-9]*/cwd /proc/[0-9]*/root /proc/[0-9]*/exe /proc/[0-9]*/fd /proc/[0-9]*/map_files -maxdepth 1 -type l \
    -printf '%l/\0' 2>/dev/null | grep -zqF -- "$1/"; then return 0; fi
  # shellcheck disable=SC2062 # these are files
  printf '%s/\n%s/bin/\n' "$1" "$2" | grep -zsqaF --file=- -- /proc/[0-9]*/cmdline
}

# venv_stage PATH USER STAGE: a staging folder for wheels among the builds, which the login user may write. What an
# earlier upload of the same wheels left in it is kept; other ones go.
venv_stage() {
  venv_enter_builds "$1" || return 1
  for tl_left in ./.tidelock-*; do
    if [ "$tl_left" = "./$3" ] && [ -d "$tl_left" ] && [ ! -L "$tl_left" ] &&
      { [ "$(stat -c %U -- "$tl_left")" = "$2" ] || [ "$(stat -c %u -- "$tl_left")" = "$2" ]; }; then continue; fi
    rm -rf -- "$tl_left" || return 1
  done
  if [ ! -d "./$3" ]; then mkdir -- "./$3" || return 1; fi
  chmod 0700 -- "./$3" && chown -h -- "$2" "./$3"
}

# venv_take_wheels STAGE SHA256: takes them out of the login user's reach, and checks them.
venv_take_wheels() {
  if [ -L "./$1" ] || [ ! -d "./$1" ]; then
    venv_refuse 'the staged wheels are not there' || return 1
  fi
  mv -T -- "./$1" "./$tl_new/wheels" && chown -hR -- root:root "./$tl_new/wheels" || return 1
  chmod -R -- u=rwX,go=rX "./$tl_new/wheels" || return 1
  tl_sum=$(cd -P -- "./$tl_new/wheels" && find . ! -type d -print0 | sort -z | xargs -0 -r sha256sum -z -- | sha256sum)
  [ "${tl_sum%% *}" = "$2" ] || venv_refuse 'what arrived are other wheels than those that were to be sent'
}

# venv_as OWNER GROUP COMMAND...: as that user, with nothing of our environment. What it says is for people.
venv_as() {
  tl_owner=$1 tl_group=$2
  shift 2
  set -- env -i "PATH=$PATH" LC_ALL=C.UTF-8 "HOME=$PWD/$tl_new/home" "TMPDIR=$PWD/$tl_new/home" "$@"
  if [ "$tl_owner" != root ] && [ "$tl_owner" != 0 ]; then
    set -- setpriv --reuid "$tl_owner" --regid "$tl_group" --clear-groups -- "$@"
  fi
  "$@" >&2
}

# venv_build PATH DIGEST PYTHON OWNER GROUP WHEELS-STAGE WHEELS-SHA256 INDEX-URL STAMP, the requirements on stdin; "-" for
# what there is none of. Makes a build and has the link lead there. One that fails leaves nothing.
venv_build() {
  venv_enter_builds "$1" || return 1
  rm -rf -- ./.tidelock-new-* || return 1
  for tl_old in $(venv_builds); do # a build that was broken off
    if [ ! -f "./$tl_old/tidelock.stamp" ]; then rm -rf -- "./$tl_old" || return 1; fi
  done
  tl_last=$(venv_builds | head -n 1)
  tl_last=${tl_last%%-*}
  tl_build=$((${tl_last:-0} + 1))-$(printf %.12s "$2")
  if ! venv_prepare "$4" "$5" || ! venv_fill "$@"; then
    rm -rf -- "./$tl_new" "./$tl_build"
    return 1
  fi
  venv_switch "$3" "$9"
}

# venv_prepare OWNER GROUP: a folder for the build, which is theirs, and one for what it is made from.
venv_prepare() {
  mkdir -m 0755 -- "./$tl_new" "./$tl_build" && mkdir -m 0700 -- "./$tl_new/home" || return 1
  chown -h -- "$1" "./$tl_new/home" "./$tl_build" && chgrp -h -- "$2" "./$tl_new/home" "./$tl_build" || return 1
  cat >"./$tl_new/requirements.txt" && chmod 0644 -- "./$tl_new/requirements.txt"
}

# The same arguments: the environment itself, and what pip puts into it.
venv_fill() {
  if [ "$6" != - ]; then venv_take_wheels "$6" "$7" || return 1; fi
  umask 022
  venv_as "$4" "$5" "$3" -m venv -- "$PWD/$tl_build" || return 1
  set -- "$4" "$5" "$6" "$8"
  if [ "$3" != - ]; then
    set -- "$1" "$2" --no-index --find-links "$PWD/$tl_new/wheels"
  elif [ "$4" != - ]; then
    set -- "$1" "$2" --index-url "$4"
  else
    set -- "$1" "$2"
  fi
  tl_owner=$1 tl_group=$2
  shift 2
  venv_as "$tl_owner" "$tl_group" "$PWD/$tl_build/bin/python" -I -m pip install --no-input --disable-pip-version-check \
    --no-cache-dir --progress-bar off "$@" -r "$PWD/$tl_new/requirements.txt"
}

# venv_switch PYTHON STAMP: the build is complete; the link leads there from now on. The stamp is made where only root can
# be, and tells the version, too.
venv_switch() {
  tl_version=$("$1" -I -S -B -c 'import sys; sys.stdout.write("%d.%d" % sys.version_info[:2])') || return 1
  printf '%s version=%s\n' "$2" "$tl_version" >"./$tl_new/stamp" && chmod 0644 -- "./$tl_new/stamp" || return 1
  mv -fT -- "./$tl_new/stamp" "./$tl_build/tidelock.stamp" && sync -f -- "./$tl_build" && sync -- . || return 1
  rm -rf -- "./$tl_new" && cd -P -- "$tl_here/" && ln -s -- "$tl_name.releases/$tl_build" "./$tl_new" || return 1
  mv -fT -- "./$tl_new" "./$tl_name" && sync -- . && venv_prune
}

# Two builds stay, the one in use among them; older ones go unless a process uses them.
venv_prune() {
  cd -P -- "./$tl_name.releases" || return 1
  tl_kept=1
  for tl_old in $(venv_builds); do
    if [ "$tl_old" = "$tl_build" ]; then continue; fi
    tl_kept=$((tl_kept + 1))
    if [ "$tl_kept" -le 2 ] || venv_in_use "$tl_here/$tl_name.releases/$tl_old" "$tl_here/$tl_name.releases/$tl_old"; then
      continue
    fi
    rm -rf -- "./$tl_old" || return 1
  done
}

# venv_delete PATH: the link and its builds, and nothing else that lies among them. What is gone already is gone.
venv_delete() {
  venv_enter "$1" || return 1
  if venv_in_use "$tl_here/$tl_name.releases" "$1"; then
    venv_refuse 'a process uses it' || return 1
  fi
  if [ -L "./$tl_name" ]; then rm -f -- "./$tl_name" && sync -- . || return 1; fi
  if [ ! -d "./$tl_name.releases" ]; then return 0; fi
  cd -P -- "./$tl_name.releases" && rm -rf -- ./.tidelock-* || return 1
  for tl_old in $(venv_builds); do rm -rf -- "./$tl_old" || return 1; done
  cd -P -- "$tl_here/" || return 1
  rmdir -- "./$tl_name.releases" 2>/dev/null || :
  sync -- .
}
