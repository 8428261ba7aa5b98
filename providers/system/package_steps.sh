# shellcheck shell=sh disable=SC2154
# Writing steps for packages. Nobody is asked anything, configuration files of the host stay, and other programs' locks
# are waited for.

packages_setup() {
  umask 022
  export DEBIAN_FRONTEND=noninteractive APT_LISTCHANGES_FRONTEND=none NEEDRESTART_SUSPEND=1 UCF_FORCE_CONFFOLD=1
  if command -v dpkg-query >/dev/null 2>&1; then tl_manager=apt; else tl_manager=dnf; fi
}

packages_apt() {
  apt-get -y -q -o DPkg::Lock::Timeout=300 -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold \
    -o APT::Cmd::Pattern-Only=true "$@" 2>&1
}

# packages_install NAME[=VERSION]...: all in one run. Where something else would be removed for them it does nothing.
# Lists that are missing, or that name files which the sources have no more, are brought up to date first.
packages_install() {
  packages_setup
  if [ "$tl_manager" = dnf ]; then
    packages_install_dnf "$@"
    return
  fi
  tl_held=$(packages_held "$@")
  # shellcheck disable=SC2086 # names of packages have no white space
  if [ -n "$tl_held" ]; then apt-mark unhold -- $tl_held >/dev/null || return 1; fi
  packages_install_apt "$@"
  tl_done=$?
  # shellcheck disable=SC2086
  if [ -n "$tl_held" ]; then apt-mark hold -- $tl_held >/dev/null || return 1; fi
  return "$tl_done"
}

# packages_held NAME[=VERSION]...: those of them that are held.
packages_held() {
  apt-mark showhold | while read -r tl_name; do
    for tl_wanted; do if [ "${tl_wanted%%=*}" = "$tl_name" ]; then printf '%s\n' "$tl_name"; fi; done
  done
}

packages_install_apt() {
  case "$*" in
    *=*) tl_down=--allow-downgrades ;;
    *) tl_down=--no-allow-downgrades ;;
  esac
  tl_lists=no
  for tl_list in /var/lib/apt/lists/*_Packages*; do if [ -e "$tl_list" ]; then tl_lists=yes; fi; done
  if [ "$tl_lists" = no ]; then packages_apt update >/dev/null; fi
  if tl_told=$(packages_apt install --no-remove "$tl_down" -- "$@"); then return 0; fi
  case $tl_told in
    *'Failed to fetch'* | *'Unable to fetch'*)
      packages_apt update >/dev/null
      if tl_told=$(packages_apt install --no-remove "$tl_down" -- "$@"); then return 0; fi
      ;;
  esac
  printf '%s\n' "$tl_told" >&2
  return 1
}

packages_install_dnf() {
  for tl_name; do
    shift
    case $tl_name in
      *=*) tl_name=${tl_name%%=*}-${tl_name#*=} ;;
    esac
    set -- "$@" "$tl_name"
  done
  dnf -y -q install -- "$@" >&2
}

# packages_hold hold|unhold NAME...
packages_hold() {
  packages_setup
  tl_verb=$1
  shift
  if [ "$tl_manager" = apt ]; then
    apt-mark "$tl_verb" -- "$@" >/dev/null
  elif [ "$tl_verb" = hold ]; then
    dnf -q versionlock add -- "$@" >&2
  else
    dnf -q versionlock delete -- "$@" >&2
  fi
}

# packages_remove NAME...: these and no others, held or not; their configuration files stay.
packages_remove() {
  packages_setup
  if [ "$tl_manager" = dnf ]; then
    rpm --erase --test -- "$@" >&2 && dnf -y -q remove --noautoremove -- "$@" >&2
    return
  fi
  tl_goes=$(packages_apt -s --allow-change-held-packages remove -- "$@") || {
    printf '%s\n' "$tl_goes" >&2
    return 1
  }
  tl_others=$(printf '%s\n' "$tl_goes" | while read -r tl_word tl_name _; do
    [ "$tl_word" = Remv ] || continue
    tl_ours=no
    for tl_wanted; do if [ "$tl_wanted" = "$tl_name" ]; then tl_ours=yes; fi; done
    if [ "$tl_ours" = no ]; then printf ' %s' "$tl_name"; fi
  done)
  if [ -n "$tl_others" ]; then
    printf 'these would go with it:%s\n' "$tl_others" >&2
    return 1
  fi
  tl_held=$(packages_held "$@")
  # shellcheck disable=SC2086
  if [ -n "$tl_held" ]; then apt-mark unhold -- $tl_held >/dev/null || return 1; fi
  if tl_told=$(packages_apt remove -- "$@"); then return 0; fi
  printf '%s\n' "$tl_told" >&2
  return 1
}
