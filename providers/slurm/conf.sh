# shellcheck shell=sh disable=SC2154
# The files of Slurm's configuration, /etc/slurm/slurm.conf, /etc/slurm/gres.conf and what they include.

# slurm_conf_texts: whether an apply still owes slurmctld their reading, and every file with its text.
slurm_conf_texts() {
  printf 'configuration\0'
  if [ -e /var/lib/tidelock/slurm/owed ]; then printf 'owed\0'; else printf 'read\0'; fi
  tl_seen=' '
  tl_most=100
  slurm_conf_text /etc/slurm/slurm.conf
  slurm_conf_text /etc/slurm/gres.conf
}

# slurm_conf_text PATH: the file and those that it includes. An Include begins in the first column; a relative one lies in
# /etc/slurm.
slurm_conf_text() {
  case $tl_seen in *" $1 "*) return 0 ;; esac
  tl_seen="$tl_seen$1 "
  tl_most=$((tl_most - 1))
  if [ "$tl_most" -lt 0 ]; then
    if [ "$tl_most" = -1 ]; then printf '%s\0too many\0\0' "$1"; fi
    return 0
  fi
  if [ ! -e "$1" ] && [ ! -L "$1" ]; then
    printf '%s\0absent\0\0' "$1"
    return 0
  fi
  if [ ! -f "$1" ] || [ ! -r "$1" ]; then
    printf '%s\0unreadable\0\0' "$1"
    return 0
  fi
  printf '%s\0file\0' "$1"
  head -c 4194305 -- "$1" | tr -d '\0'
  printf '\0'
  for tl_included in $(slurm_conf_includes "$1"); do slurm_conf_text "$tl_included"; done
}

# Paths with blanks or patterns are none that Slurm could include.
slurm_conf_includes() {
  grep -ai '^include[[:space:]]' -- "$1" | while read -r _ tl_included _; do
    case $tl_included in
      *[!A-Za-z0-9_./-]*) ;;
      /*) printf '%s\n' "$tl_included" ;;
      ?*) printf '/etc/slurm/%s\n' "$tl_included" ;;
    esac
  done
}

# The digests of all that lies there, for hosts that are to have the same.
slurm_conf_digests() {
  printf 'conf digests\0'
  if [ ! -d /etc/slurm ]; then
    printf 'absent\0'
    return 0
  fi
  printf 'present\0'
  find -H /etc/slurm -maxdepth 3 -type f -size -4097k ! -name '*.key' ! -name 'slurmdbd.conf' -print0 2>/dev/null |
    head -z -n 200 | xargs -0 -r sha256sum -z -- 2>/dev/null
  return 0
}
