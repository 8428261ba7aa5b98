# shellcheck shell=sh disable=SC2154
# Writing steps of what lives in releases: a symbolic link NAME to a folder in NAME.releases beside it. A release is called
# NUMBER-DIGEST, with a number that grows and twelve digits of a digest, and is never changed once the link leads there.

release_refuse() {
  printf '%s\n' "$*" >&2
  return 1
}

# release_enter PATH: enters its parent, once, so that nobody can move it away; tl_name is what is left. Nothing but a link
# to a release may be there. What an earlier run left under a temporary name is gone afterwards: the host's lock is ours.
release_enter() {
  tl_parent=${1%/*}
  tl_name=${1##*/}
  cd -P -- "${tl_parent:-/}" || return 1
  tl_here=${PWD%/}
  tl_new=.tidelock-new-$tl_nonce
  rm -rf -- ./.tidelock-new-* || return 1
  if [ -L "./$tl_name" ]; then
    case $(readlink -- "./$tl_name") in
      "$tl_name.releases/"*) ;;
      *) release_refuse 'a link to something else is in the way' || return 1 ;;
    esac
  elif [ -e "./$tl_name" ]; then
    release_refuse 'something else than a link to a release is in the way' || return 1
  fi
  if [ -L "./$tl_name.releases" ] || { [ -e "./$tl_name.releases" ] && [ ! -d "./$tl_name.releases" ]; }; then
    release_refuse 'something else is in the way of its releases' || return 1
  fi
}

# release_enter_folder PATH: enters the folder of its releases, which is made where it is missing.
release_enter_folder() {
  release_enter "$1" || return 1
  if [ ! -d "./$tl_name.releases" ]; then
    mkdir -m 0755 -- "./$tl_name.releases" && sync -- . || return 1
  fi
  cd -P -- "./$tl_name.releases" && rm -rf -- ./.tidelock-new-*
}

# Whether ./NAME is called like a release, and is a folder.
release_is() {
  if [ -L "$1" ] || [ ! -d "$1" ]; then return 1; fi
  tl_serial=${1#./}
  tl_hash=${tl_serial#*-}
  tl_serial=${tl_serial%%-*}
  case $tl_serial in '' | *[!0-9]* | 0* | ??????????*) return 1 ;; esac
  case $tl_hash in *[!0-9a-f]*) return 1 ;; ????????????) return 0 ;; esac
  return 1
}

# The names of the releases in the current folder, newest first.
release_list() {
  for tl_each in ./[1-9]*-*; do
    if release_is "$tl_each"; then printf '%s\n' "${tl_each#./}"; fi
  done | sort -t - -k 1,1nr
}

# release_name DIGEST: tl_release is what the next release in the current folder is called.
release_name() {
  tl_last=$(release_list | head -n 1)
  tl_last=${tl_last%%-*}
  tl_release=$((${tl_last:-0} + 1))-$(printf %.12s "$1")
}

# release_in_use FOLDER LINK: whether a process has something in the folder open, mapped, or as its working folder, or was
# started with a name in it. To grep the lines of a name are several names, hence another letter for new lines; and names
# are no arguments of its, since it would find itself by them.
release_in_use() {
  tl_names=$(printf '%s/\0%s/\0' "$1" "$2" | tr '\n\0' '\001\n')
  {
    find /proc/[0-9]*/cwd /proc/[0-9]*/root /proc/[0-9]*/exe /proc/[0-9]*/fd /proc/[0-9]*/map_files -maxdepth 1 -type l \
      -printf '%l/\0' 2>/dev/null
    cat /proc/[0-9]*/cmdline 2>/dev/null
  } | tr '\n' '\001' | grep -zqaF --file=/dev/fd/3 3<<EOF
$tl_names
EOF
}

# release_stage PATH USER STAGE: a staging folder among the releases, which the login user may write. What an earlier
# upload of the same left in it is kept, so that it goes on where it broke off; other ones go.
release_stage() {
  release_enter_folder "$1" || return 1
  for tl_left in ./.tidelock-*; do
    if [ "$tl_left" = "./$3" ] && [ -d "$tl_left" ] && [ ! -L "$tl_left" ] &&
      { [ "$(stat -c %U -- "$tl_left")" = "$2" ] || [ "$(stat -c %u -- "$tl_left")" = "$2" ]; }; then continue; fi
    rm -rf -- "$tl_left" || return 1
  done
  if [ ! -d "./$3" ]; then mkdir -- "./$3" || return 1; fi
  chmod 0700 -- "./$3" && chown -h -- "$2" "./$3"
}

# The link leads to tl_release from now on. All that is in there must be on the disk.
release_switch() {
  sync -- . && cd -P -- "$tl_here/" && ln -s -- "$tl_name.releases/$tl_release" "./$tl_new" || return 1
  mv -fT -- "./$tl_new" "./$tl_name" && sync -- .
}

# release_prune KEEP: so many stay, tl_release among them. Those that are too many go, the oldest first, unless a process
# uses them.
release_prune() {
  cd -P -- "./$tl_name.releases" || return 1
  tl_kept=1
  for tl_old in $(release_list); do
    if [ "$tl_old" = "$tl_release" ]; then continue; fi
    tl_kept=$((tl_kept + 1))
    tl_folder=$tl_here/$tl_name.releases/$tl_old
    if [ "$tl_kept" -le "$1" ] || release_in_use "$tl_folder" "$tl_folder"; then continue; fi
    rm -rf -- "./$tl_old" || return 1
  done
}

# release_bring_back PATH RELEASE KEPT: the link leads to that release again. One that is gone is made of what is kept of it.
release_bring_back() {
  release_enter_folder "$1" || return 1
  if ! release_is "./$2"; then
    if [ -z "$3" ] || [ ! -d "$3/" ]; then release_refuse 'the release is gone, and was not kept' || return 1; fi
    if ! cp -alT -- "$3/" "./$tl_new" 2>/dev/null; then
      rm -rf -- "./$tl_new"
      cp -aT -- "$3/" "./$tl_new" || return 1
    fi
    sync -f -- "./$tl_new" && mv -T -- "./$tl_new" "./$2" || return 1
  fi
  tl_release=$2
  release_switch
}

# release_delete PATH: the link and its releases, and nothing else that lies among them. What is gone already is gone.
release_delete() {
  release_enter "$1" || return 1
  if release_in_use "$tl_here/$tl_name.releases" "$1"; then
    release_refuse 'a process uses it' || return 1
  fi
  if [ -L "./$tl_name" ]; then rm -f -- "./$tl_name" && sync -- . || return 1; fi
  if [ ! -d "./$tl_name.releases" ]; then return 0; fi
  cd -P -- "./$tl_name.releases" && rm -rf -- ./.tidelock-* || return 1
  for tl_old in $(release_list); do rm -rf -- "./$tl_old" || return 1; done
  cd -P -- "$tl_here/" || return 1
  rmdir -- "./$tl_name.releases" 2>/dev/null || :
  sync -- .
}
