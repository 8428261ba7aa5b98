# shellcheck shell=sh disable=SC2154
# Writing steps of trees, whose releases are what was sent: see releases.sh.

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
  release_enter_folder "$1" || return 1
  tl_tree=$3 tl_keep=$9
  if [ -L "./$2" ] || [ ! -d "./$2" ]; then
    release_refuse 'the staged folder is not there' || return 1
  fi
  mv -T -- "./$2" "./$tl_new" && chown -h -- root:root "./$tl_new" || return 1
  (
    cd -P -- "./$tl_new" && chown -hR -- root:root . || exit 1
    tl_sum=$(tree_sum) || exit 1
    [ "${tl_sum%% *}" = "$tl_tree" ] || release_refuse 'what arrived is another tree than what was to be sent' || exit 1
    tree_dress "$4" "$5" "$6" "$7" "$8"
  ) || {
    rm -rf -- "./$tl_new"
    return 1
  }
  release_name "$tl_tree"
  sync -f -- "./$tl_new" && mv -T -- "./$tl_new" "./$tl_release" && release_switch && release_prune "$tl_keep"
}
