# shellcheck shell=sh disable=SC2154
# Slurm's accounting, through sacctmgr(1). Always with a time limit: without -i and with an empty stdin it asks for ever.

# slurm_cluster: what slurm.conf calls this cluster. slurmdbd may serve several; all that is asked and done is about this one.
slurm_cluster() {
  tl_cluster=$(sed -n 's/^[[:space:]]*[Cc][Ll][Uu][Ss][Tt][Ee][Rr][Nn][Aa][Mm][Ee][[:space:]]*=[[:space:]]*\([A-Za-z0-9_.-]*\).*/\1/p' \
    "${SLURM_CONF:-/etc/slurm/slurm.conf}" 2>/dev/null | tail -n 1 | tr '[:upper:]' '[:lower:]')
  [ -n "$tl_cluster" ]
}

# slurm_hear COMMAND...: all that the command says, and its exit status on the last line.
slurm_hear() { { "$@" 2>&1; printf '\n%s' "$?"; } | head -c 50000000 | tr -d '\0'; }

# slurm_say WHAT COMMAND...: a record with WHAT, and one with that.
slurm_say() {
  printf '%s\0' "$1"
  shift
  slurm_hear "$@"
  printf '\0'
}

slurm_show() {
  tl_what=$1
  shift
  slurm_say "$tl_what" timeout 20 sacctmgr -nP show "$@"
}

# slurm_accounting QOS-FIELDS ASSOCIATION-FIELDS: all that slurmdbd holds of this cluster. The questions are asked at the
# same time, since each spends its own waiting for an answer.
slurm_accounting() {
  if ! command -v sacctmgr >/dev/null; then
    printf 'missing\0'
    return 0
  fi
  if ! slurm_cluster; then
    printf 'no cluster\0'
    return 0
  fi
  printf 'accounting\0%s\0' "$tl_cluster"
  slurm_show associations associations cluster="$tl_cluster" wopl format="$2" | {
    slurm_show users user format=User,DefaultAccount,AdminLevel
    cat
  } | {
    slurm_show accounts account format=Account,Organization,Description
    cat
  } | {
    slurm_show qos qos format="$1,Description"
    cat
  } | {
    slurm_show tres tres format=Type,Name
    cat
  }
}

# slurm_account: commands for sacctmgr on stdin, in one session. It goes on after those that fail, and its exit status only
# says whether one did; what each did is looked at afterwards.
slurm_account() {
  slurm_cluster || {
    echo 'slurm.conf has no ClusterName' >&2
    return 1
  }
  # Users and accounts that this cluster alone has go as a whole.
  tl_alone=/^$/
  if [ "$(timeout 20 sacctmgr -nP show cluster format=Cluster </dev/null 2>/dev/null)" = "$tl_cluster" ]; then
    tl_alone='/^delete [a-z]* where name=[^ ]* cluster/'
  fi
  tl_said=$({
    sed -e "$tl_alone s/ cluster=\"@\"//" -e "s/ cluster=\"@\"/ cluster=$tl_cluster/g" | LC_ALL=C.UTF-8 timeout 900 sacctmgr -i 2>&1
    printf '\n%s' "$?"
  } | head -c 1000000 | tr -d '\0')
  printf '%s\n' "${tl_said%?*}" | grep -v -e '^sacctmgr: add ' -e '^sacctmgr: modify ' -e '^sacctmgr: delete ' |
    grep -iE 'error|unknown|problem|bad |refused|denied|nothing|invalid' | head -n 20 >&2
  return "${tl_said##*
}"
}
