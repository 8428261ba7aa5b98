# shellcheck shell=sh disable=SC2154
# Read-only questions about Python environments. Each function starts a fixed number of processes, however many
# environments it gets. Records that hold what somebody else may have written begin with "/" or "=".

# venv_look PATH...: what is at these paths, and where links lead; find says what it could not see in their order.
venv_look() {
  printf 'venv paths\0'
  {
    tl_errors=$(find "$@" -maxdepth 0 -printf '%p\0%y\0=%l\0' 2>&1 >&3)
  } 3>&1
  printf 'venv errors\0=%s\0' "$tl_errors"
}

# venv_state PATH...: of each environment its stamp, the owner and group of the build, whether what makes it an
# environment is there, and what builds there are.
venv_state() {
  printf 'venv builds\0'
  for tl_path; do
    for tl_build in "$tl_path".releases/[1-9]*-*; do
      if [ -d "$tl_build" ] && [ ! -L "$tl_build" ]; then printf '%s\0' "$tl_build"; fi
    done
  done
  printf 'venv stamps\0'
  tl_count=$#
  for tl_path; do
    if [ ! -L "$tl_path" ] || [ ! -d "$tl_path" ]; then continue; fi
    set -- "$@" "$tl_path/."
    tl_stamp=none
    if [ -f "$tl_path/tidelock.stamp" ] && [ ! -L "$tl_path/tidelock.stamp" ]; then
      IFS= read -r tl_stamp <"$tl_path/tidelock.stamp" || tl_stamp=none
    fi
    tl_whole=no
    if [ -f "$tl_path/pyvenv.cfg" ] && [ -f "$tl_path/bin/python" ] && [ -x "$tl_path/bin/python" ]; then tl_whole=yes; fi
    printf '%s\0=%s\0=%s\0' "$tl_path" "$tl_stamp" "$tl_whole"
  done
  shift "$tl_count"
  printf 'venv owners\0'
  if [ $# -gt 0 ]; then find "$@" -maxdepth 0 -printf '%p\0=%U\0=%G\0=%u\0=%g\0' 2>/dev/null; fi
  printf 'venv end\0'
}

# venv_version PYTHON: its version, as far as builds depend on it.
venv_version() {
  printf 'venv version\0%s\0=' "$1"
  "$1" -I -S -B -c 'import sys; sys.stdout.write("%d.%d" % sys.version_info[:2])' 2>/dev/null
  printf '\0'
}

# venv_accounts passwd|group NAME...: which of these exist.
venv_accounts() {
  printf 'venv %s\0' "$1"
  getent -- "$@" | cut -d: -f1 | while IFS= read -r tl_name; do printf '=%s\0' "$tl_name"; done
}
