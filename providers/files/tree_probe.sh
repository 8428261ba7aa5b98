# shellcheck shell=sh disable=SC2154
# Read-only questions about trees. Each function starts a fixed number of processes, however many trees it gets. Records
# that hold what somebody else may have named begin with "/", "./" or "=", so that none of them can pass for a label.

# tree_label WORD: where the answers about trees begin, and where those about other kinds do.
tree_label() { printf '%s\0' "$1"; }

# tree_links PATH...: where the links at these paths lead, and what releases lie beside them.
tree_links() {
  printf 'tree links\0'
  find "$@" -maxdepth 0 -type l -printf '%p\0=%l\0' 2>/dev/null
  printf 'tree releases\0'
  for tl_path; do
    for tl_release in "$tl_path".releases/[1-9]*-*; do
      if [ -d "$tl_release" ] && [ ! -L "$tl_release" ]; then printf '%s\0' "$tl_release"; fi
    done
  done
}

# tree_content PATH...: all that is in the releases to which the links at these paths lead, and whether that was all.
tree_content() {
  tl_count=$#
  for tl_path; do
    if [ -L "$tl_path" ] && cd -P -- "$tl_path.releases" 2>/dev/null; then
      tl_releases=$PWD
      if cd -P -- "$tl_path" 2>/dev/null && [ "${PWD%/*}" = "$tl_releases" ]; then
        set -- "$@" "$tl_path.releases/${PWD##*/}"
      fi
      cd /
    fi
  done
  shift "$tl_count"
  printf 'tree content\0'
  tl_status=0
  if [ $# -gt 0 ]; then
    find "$@" -printf '%H\0./%P\0=%y %m %U %G %s %D %i %T@ %C@\0=%u\0=%g\0=%l\0' || tl_status=$?
  fi
  printf 'tree end\0%s\0' "$tl_status"
}

# tree_sums RELEASE...: SHA-256 of all regular files in them.
tree_sums() {
  printf 'tree sums\0'
  find "$@" -type f -print0 | xargs -0 -r sha256sum -z --
}
