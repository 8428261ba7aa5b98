# shellcheck shell=sh disable=SC2154
# A read-only question: who uses something. It starts a fixed number of processes, however many paths it gets.

# holders PATH...: what all processes are called, and which of them belong to a Slurm job; where these paths really are;
# which processes have one of them, or something in its folder of releases, open or mapped, or are in there; which have
# words in their command lines that lie in such a folder; and what loop devices stand on.
holders() {
  printf 'holders\0%s\0%s\0' "$(grep -sH '' /proc/[0-9]*/comm)" "$(grep -sHo 'job_[0-9][0-9]*' /proc/[0-9]*/cgroup)"
  tl_words=
  tl_count=$#
  for tl_path; do
    if cd -P -- "$tl_path.releases" 2>/dev/null; then
      tl_real=$PWD
      tl_words="$tl_words$tl_real/
$tl_path/
"
    elif cd -P -- "${tl_path%/*}/" 2>/dev/null; then
      tl_real=${PWD%/}/${tl_path##*/}
    else
      continue
    fi
    printf '%s\0%s\0' "$tl_path" "$tl_real"
    set -- "$@" -e "$tl_real/"
    cd /
  done
  shift "$tl_count"
  printf 'uses\0'
  if [ $# -gt 0 ]; then
    find /proc/[0-9]*/cwd /proc/[0-9]*/root /proc/[0-9]*/exe /proc/[0-9]*/fd /proc/[0-9]*/map_files -maxdepth 1 -type l \
      -printf '%p %l/\0' 2>/dev/null | grep -zF "$@"
  fi
  printf 'programs\0'
  if [ -n "$tl_words" ]; then
    # shellcheck disable=SC2062 # these are files
    printf %s "$tl_words" | grep -zsHaF --file=- -- /proc/[0-9]*/cmdline
  fi
  printf 'loops\0'
  for tl_loop in /sys/block/loop*/loop/backing_file; do
    if [ -r "$tl_loop" ]; then
      printf '%s ' "$tl_loop"
      tr -d '\n' <"$tl_loop"
      printf '/\0'
    fi
  done
  printf 'holders end\0'
}
