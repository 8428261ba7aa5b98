# shellcheck shell=sh disable=SC2154
# Writing steps of Python environments. An environment is a link to a build, as releases.sh has it. A build has its name
# from the beginning, since its path is written into its programs; what makes it one is the stamp that is put into it when
# all is done.

# venv_take_wheels STAGE SHA256: takes them out of the login user's reach, and checks them.
venv_take_wheels() {
  if [ -L "./$1" ] || [ ! -d "./$1" ]; then
    release_refuse 'the staged wheels are not there' || return 1
  fi
  mv -T -- "./$1" "./$tl_new/wheels" && chown -hR -- root:root "./$tl_new/wheels" || return 1
  chmod -R -- u=rwX,go=rX "./$tl_new/wheels" || return 1
  tl_sum=$(cd -P -- "./$tl_new/wheels" && find . ! -type d -print0 | sort -z | xargs -0 -r sha256sum -z -- | sha256sum)
  [ "${tl_sum%% *}" = "$2" ] || release_refuse 'what arrived are other wheels than those that were to be sent'
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
  release_enter_folder "$1" || return 1
  for tl_old in $(release_list); do # a build that was broken off
    if [ ! -f "./$tl_old/tidelock.stamp" ]; then rm -rf -- "./$tl_old" || return 1; fi
  done
  release_name "$2"
  if ! venv_prepare "$4" "$5" || ! venv_fill "$@"; then
    rm -rf -- "./$tl_new" "./$tl_release"
    return 1
  fi
  venv_switch "$3" "$9"
}

# venv_prepare OWNER GROUP: a folder for the build, which is theirs, and one for what it is made from.
venv_prepare() {
  mkdir -m 0755 -- "./$tl_new" "./$tl_release" && mkdir -m 0700 -- "./$tl_new/home" || return 1
  chown -h -- "$1" "./$tl_new/home" "./$tl_release" && chgrp -h -- "$2" "./$tl_new/home" "./$tl_release" || return 1
  cat >"./$tl_new/requirements.txt" && chmod 0644 -- "./$tl_new/requirements.txt"
}

# The same arguments: the environment itself, and what pip puts into it.
venv_fill() {
  if [ "$6" != - ]; then venv_take_wheels "$6" "$7" || return 1; fi
  umask 022
  venv_as "$4" "$5" "$3" -m venv -- "$PWD/$tl_release" || return 1
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
  venv_as "$tl_owner" "$tl_group" "$PWD/$tl_release/bin/python" -I -m pip install --no-input --disable-pip-version-check \
    --no-cache-dir --progress-bar off "$@" -r "$PWD/$tl_new/requirements.txt"
}

# venv_switch PYTHON STAMP: the build is complete; the link leads there from now on. The stamp is made where only root can
# be, and tells the version, too.
venv_switch() {
  tl_version=$("$1" -I -S -B -c 'import sys; sys.stdout.write("%d.%d" % sys.version_info[:2])') || return 1
  printf '%s version=%s\n' "$2" "$tl_version" >"./$tl_new/stamp" && chmod 0644 -- "./$tl_new/stamp" || return 1
  mv -fT -- "./$tl_new/stamp" "./$tl_release/tidelock.stamp" && sync -f -- "./$tl_release" || return 1
  rm -rf -- "./$tl_new" && release_switch && release_prune 2
}
