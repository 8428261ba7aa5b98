# shellcheck shell=sh disable=SC2154
# Read-only questions about packages: dpkg and apt, or rpm and dnf. Each function starts a fixed number of processes.
# apt keeps no cache of what it is asked here: looking leaves no trace.

packages_manager() {
  if command -v dpkg-query >/dev/null 2>&1; then
    tl_manager=apt
  elif command -v rpm >/dev/null 2>&1; then
    tl_manager=dnf
  else
    tl_manager=none
  fi
}

# packages_installed NAME...: the manager, a line for each package that it knows and a message for each other, and what
# dnf holds.
packages_installed() {
  packages_manager
  printf 'installed\0%s\0' "$tl_manager"
  case $tl_manager in
    apt)
      # shellcheck disable=SC2016 # these are dpkg's
      printf '%s\0\0' "$(dpkg-query --show --showformat='${Package}\t${Version}\t${db:Status-Abbrev}\n' -- "$@" 2>&1)"
      ;;
    dnf)
      printf '%s\0%s\0' "$(rpm --query --queryformat '%{NAME}\t%{EVR}\tii \n' -- "$@" 2>&1)" \
        "$(cat /etc/dnf/plugins/versionlock.list 2>/dev/null)"
      ;;
    *) printf '\0\0' ;;
  esac
}

packages_ask_apt() {
  tl_apt=$1
  shift
  LC_ALL=C "$tl_apt" -o Debug::NoLocking=1 -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= "$@" 2>&1
}

# packages_candidates NAME...: whether apt has any lists of packages, and what it could install.
packages_candidates() {
  packages_manager
  [ "$tl_manager" = apt ] || return 0
  tl_lists=no
  for tl_list in /var/lib/apt/lists/*_Packages*; do if [ -e "$tl_list" ]; then tl_lists=yes; fi; done
  printf 'candidates\0%s\0%s\0' "$tl_lists" "$(packages_ask_apt apt-cache policy -- "$@")"
}

# packages_trial install|remove ARGUMENT...: what apt would do.
packages_trial() {
  packages_manager
  [ "$tl_manager" = apt ] || return 0
  tl_what=$1
  shift
  printf 'trial\0%s\0%s\0' "$tl_what" \
    "$(packages_ask_apt apt-get -s -y --allow-downgrades --allow-change-held-packages "$tl_what" -- "$@")"
}
