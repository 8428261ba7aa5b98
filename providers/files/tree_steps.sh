# shellcheck shell=sh disable=SC2154
# Writing steps of trees. A tree is a symbolic link to a release in the folder NAME.releases beside it; a release is
# never changed once it has its name. Entered is the folder that holds both, once, so that nobody can move it away.

tree_refuse() {
  printf '%s\n' "$*" >&2
  return 1
}

# Enters the parent of a path; tl_name is what is left. Nothing but a link to a release may be there. What an earlier run
# left under a temporary name is gone afterwards: the host's lock is ours.
tree_enter() {
  tl_parent=${1%/*}
  tl_name=${1##*/}
  cd -P -- "${tl_parent:-/}" || return 1
  tl_here=${PWD%/}
  tl_new=.tidelock-new-$tl_nonce
  rm -rf -- ./.tidelock-new-* || return 1
  if [ -L "./$tl_name" ]; then
    case $(readlink -- "./$tl_name") in
      "$tl_name.releases/"*) ;;
      *) tree_refuse 'a link to something else is in the way' || return 1 ;;
    esac
  elif [ -e "./$tl_name" ]; then
    tree_refuse 'something else than a link to a release is in the way' || return 1
  fi
  if [ -L "./$tl_name.releases" ] || { [ -e "./$tl_name.releases" ] && [ ! -d "./$tl_name.releases" ]; }; then
    tree_refuse 'something else is in the way of its releases' || return 1
  fi
}

# Whether ./NAME is a release: a directory called NUMBER-DIGEST, with twelve digits of the digest.
tree_is_release() {
  if [ -L "$1" ] || [ ! -d "$1" ]; then return 1; fi
  tl_serial=${1#./}
  tl_hash=${tl_serial#*-}
  tl_serial=${tl_serial%%-*}
  case $tl_serial in '' | *[!0-9]* | 0* | ??????????*) return 1 ;; esac
  case $tl_hash in *[!0-9a-f]*) return 1 ;; ????????????) return 0 ;; esac
  return 1
}

# The names of the releases in the current folder, newest first.
tree_releases() {
  for tl_each in ./[1-9]*-*; do
    if tree_is_release "$tl_each"; then printf '%s\n' "${tl_each#./}"; fi
  done | sort -t - -k 1,1nr
}

# tree_in_use FOLDER: whether a process has something in it open, mapped, or as its working folder.
tree_in_use() {
  find /proc/[0-9]*/cwd /proc/[0-9]*/root /proc/[0-9]*/exe /proc/[0-9]*/fd /proc/[0-9]*/map_files -maxdepth 1 -type l \
    -printf '%l/\0' 2>/dev/null | grep -zqF -- "$1/"
}

# tree_stage PATH USER STAGE: a staging folder among the releases, which the login user may write. What an earlier upload
# of the same tree left in it is kept, so that it goes on where it broke off; other ones go.
tree_stage() {
  tree_enter "$1" || return 1
  if [ ! -d "./$tl_name.releases" ]; then
    mkdir -m 0755 -- "./$tl_name.releases" && sync -- . || return 1
  fi
  cd -P -- "./$tl_name.releases" || return 1
  for tl_left in ./.tidelock-*; do
    if [ "$tl_left" = "./$3" ] && [ -d "$tl_left" ] && [ ! -L "$tl_left" ] &&
      { [ "$(stat -c %U -- "$tl_left")" = "$2" ] || [ "$(stat -c %u -- "$tl_left")" = "$2" ]; }; then continue; fi
    rm -rf -- "$tl_left" || return 1
  done
  if [ ! -d "./$3" ]; then mkdir -- "./$3" || return 1; fi
  chmod 0700 -- "./$3" && chown -h -- "$2" "./$3"
}

# The digest of all that is in the current folder: types and names, what links lead to, and contents.
tree_sum() {
  {
    find . -mindepth 1 \( -type f -perm -u=x -printf 'x%P//\0' -o -type l -printf 'l%P//%l\0' -o -printf '%y%P//\0' \) | sort -z
    find . -type f -print0 | sort -z | xargs -0 -r sha256sum -z --
  } | sha256sum
}

# tree_dress OWNER GROUP DIRECTORY-MODE FILE-MODE PROGRAM-MODE: of all in the current folder. Only a fifth digit has chmod
# take the setgid bit that directories inherit.
tree_dress() {
  chown -hR -- "$1" . && chgrp -hR -- "$2" . && find . -type d -exec chmod -- "0$3" {} + &&
    find . -type f -perm -u=x -exec chmod -- "$5" {} + -o -type f -exec chmod -- "$4" {} +
}

# tree_install PATH STAGE SHA256 OWNER GROUP DIRECTORY-MODE FILE-MODE PROGRAM-MODE KEEP: takes a staged tree out of the
# login user's reach, checks it, makes a release of it, and has the link lead there.
tree_install() {
  tree_enter "$1" || return 1
  tl_tree=$3 tl_keep=$9
  cd -P -- "./$tl_name.releases" || return 1
  if [ -L "./$2" ] || [ ! -d "./$2" ]; then
    tree_refuse 'the staged folder is not there' || return 1
  fi
  rm -rf -- ./.tidelock-new-* && mv -T -- "./$2" "./$tl_new" && chown -h -- root:root "./$tl_new" || return 1
  (
    cd -P -- "./$tl_new" && chown -hR -- root:root . || exit 1
    tl_sum=$(tree_sum) || exit 1
    [ "${tl_sum%% *}" = "$tl_tree" ] || tree_refuse 'what arrived is another tree than what was to be sent' || exit 1
    tree_dress "$4" "$5" "$6" "$7" "$8"
  ) || {
    rm -rf -- "./$tl_new"
    return 1
  }
  tl_last=$(tree_releases | head -n 1)
  tl_last=${tl_last%%-*}
  tl_release=$((${tl_last:-0} + 1))-$(printf %.12s "$tl_tree")
  sync -f -- "./$tl_new" && mv -T -- "./$tl_new" "./$tl_release" && sync -- . || return 1
  cd -P -- "$tl_here/" && ln -s -- "$tl_name.releases/$tl_release" "./$tl_new" || return 1
  mv -fT -- "./$tl_new" "./$tl_name" && sync -- . && tree_prune
}

# Releases that are too many go, the oldest first, unless a process uses them.
tree_prune() {
  cd -P -- "./$tl_name.releases" || return 1
  tl_kept=1
  for tl_old in $(tree_releases); do
    if [ "$tl_old" = "$tl_release" ]; then continue; fi
    tl_kept=$((tl_kept + 1))
    if [ "$tl_kept" -le "$tl_keep" ] || tree_in_use "$tl_here/$tl_name.releases/$tl_old"; then continue; fi
    rm -rf -- "./$tl_old" || return 1
  done
}

# tree_delete PATH: the link and its releases, and nothing else that lies among them. What is gone already is gone.
tree_delete() {
  tree_enter "$1" || return 1
  if tree_in_use "$tl_here/$tl_name.releases"; then
    tree_refuse 'a process uses it' || return 1
  fi
  if [ -L "./$tl_name" ]; then rm -f -- "./$tl_name" && sync -- . || return 1; fi
  if [ ! -d "./$tl_name.releases" ]; then return 0; fi
  cd -P -- "./$tl_name.releases" && rm -rf -- ./.tidelock-* || return 1
  for tl_old in $(tree_releases); do rm -rf -- "./$tl_old" || return 1; done
  cd -P -- "$tl_here/" || return 1
  rmdir -- "./$tl_name.releases" 2>/dev/null || :
  sync -- .
}
