# shellcheck shell=sh disable=SC2154
# Writing steps of Slurm's configuration. files_put and its like stand in common/files.sh. What a change replaces is kept in
# /var/lib/tidelock/slurm until slurmctld is known to work with what is new; the file `owed` in there says that it is not.

slurm_conf_say() { printf '%s\n' "$*" >&2; }

# slurm_try USER HOSTS {PATH SHA256 BYTES KEPT}...: starts a slurmctld with the files that are to come, in a copy of
# /etc/slurm, with a state folder and a port of its own, as USER, and in a network without ways out: it knows no job, and no
# node and no slurmdbd hears of it. On stdin the files one after the other, then HOSTS bytes: a hosts file with every node.
slurm_try() {
  tl_user=$1 tl_hosts=$2
  shift 2
  if ! command -v slurmctld >/dev/null; then
    slurm_conf_say 'slurmctld is not installed here, and the configuration cannot be tried without it'
    return 1
  fi
  umask 022
  tl_trial=/run/tidelock-slurm-trial
  rm -rf -- "$tl_trial" && mkdir -m 0755 -- "$tl_trial" "$tl_trial/etc" && mkdir -m 0700 -- "$tl_trial/state" || return 1
  if [ -d /etc/slurm ]; then cp -a -- /etc/slurm/. "$tl_trial/etc" || return 1; fi
  rm -f -- "$tl_trial/etc/slurmdbd.conf"
  while [ $# -ge 4 ]; do
    tl_file=$tl_trial/etc/${1#/etc/slurm/}
    mkdir -p -- "${tl_file%/*}" || return 1
    if [ "$4" = - ]; then head -c "$3" >"$tl_file"; else cat <"$4" >"$tl_file"; fi || return 1
    shift 4
  done
  { head -c "$tl_hosts" && printf '192.0.2.1 %s\n' "$(uname -n)"; } >"$tl_trial/hosts" || return 1
  # Without slurmdbd there are no TRES but its own, and no limits to enforce.
  printf '\n%s\n' "StateSaveLocation=$tl_trial/state" "SlurmctldPidFile=$tl_trial/state/pid" \
    "SlurmctldLogFile=$tl_trial/state/log" SlurmctldPort=16817 SlurmctldDebug=info SuspendTime=-1 \
    AccountingStorageType=accounting_storage/none AccountingStorageTRES=cpu JobCompType=jobcomp/none \
    >>"$tl_trial/etc/slurm.conf" || return 1
  chown -R -- "$tl_user" "$tl_trial/state" || return 1
  slurm_trial_run
  tl_status=$?
  rm -rf -- "$tl_trial"
  return "$tl_status"
}

# An address that is no loopback one: without any, no name is looked up (getaddrinfo(3), AI_ADDRCONFIG).
# shellcheck disable=SC2016 # it is the inner shell that puts its arguments in
slurm_trial_run() {
  timeout -s KILL 40 unshare --mount --net sh -c '
    ip link set lo up && ip address add 192.0.2.1/32 dev lo || exit 3
    mount --bind "$1/etc" /etc/slurm && mount --bind "$1/hosts" /etc/hosts || exit 3
    slurmctld -D >"$1/said" 2>&1 &
    tl_left=150
    while [ "$tl_left" -gt 0 ] && kill -0 $! 2>/dev/null; do
      if grep -q "Running as primary controller" "$1/state/log" 2>/dev/null; then
        kill -KILL $!
        exit 0
      fi
      tl_left=$((tl_left - 1))
      sleep 0.2
    done
    kill -KILL $! 2>/dev/null
    exit 1' sh "$tl_trial"
  tl_ended=$?
  tl_wrong=$(cat "$tl_trial/said" "$tl_trial/state/log" 2>/dev/null | tr -d '\0' | sed 's/^\[[^]]*\] //; s/^slurmctld: //' |
    grep -a -e '^fatal: ' -e '^error: Invalid GRES' -e '^error: Parse error' -e '^error: .*recognized' -e '^error: Bad value' \
      -e '^error: cannot find .* plugin for ' -e 'lookup failure' |
    sort -u | head -n 8 | cut -c 1-300)
  case $tl_ended:$tl_wrong in
    0:*'Invalid GRES'*) ;;
    0:*) return 0 ;;
    3:*) slurm_conf_say 'no network of its own can be made for the trial: unshare(1) or ip(8) failed' ;;
    *:) slurm_conf_say 'a slurmctld that tried it did not start in time, and did not say why' ;;
  esac
  slurm_conf_say "A slurmctld that tried it said:
$tl_wrong"
  return 1
}

# slurm_configure restart|reconfigure {PATH SEEN SHA256 BYTES KEPT}..., the files on stdin one after the other: all take their
# places, slurmctld reads them, and everything works as before; otherwise what was there comes back.
slurm_configure() {
  tl_verb=$1
  shift
  tl_kept=/var/lib/tidelock/slurm
  (umask 077 && mkdir -p -- "$tl_kept") || return 1
  slurm_keep "$@" || return 1
  slurm_nodes | LC_ALL=C sort >"$tl_kept/nodes"
  tl_since=$(date '+%Y-%m-%dT%H:%M:%S')
  if slurm_switch "$@" && slurm_act "$tl_verb" && slurm_settled; then
    rm -rf -- "$tl_kept"
    return 0
  fi
  slurm_put_back
}

# What an earlier run, cut off, had kept is what last worked: that stays.
slurm_keep() {
  if [ -e "$tl_kept/owed" ]; then return 0; fi
  rm -rf -- "$tl_kept/old" && mkdir -- "$tl_kept/old" || return 1
  tl_count=0
  while [ $# -ge 5 ]; do
    tl_count=$((tl_count + 1))
    printf '%s\n' "$1" >"$tl_kept/old/$tl_count.path" || return 1
    if [ -e "$1" ]; then cp -a -- "$1" "$tl_kept/old/$tl_count" || return 1; fi
    shift 5
  done
  sync -- "$tl_kept/old"/* "$tl_kept/old" 2>/dev/null
  : >"$tl_kept/owed" && sync -- "$tl_kept"
}

slurm_switch() {
  while [ $# -ge 5 ]; do
    mkdir -p -- "${1%/*}" || return 1
    if [ "$5" = - ]; then
      head -c "$4" | files_put "$1" "$3" "$2" - - 0644 || return 1
    else
      (files_restore "$1" "$3" "$2" "$5" - - -) || return 1
    fi
    shift 5
  done
}

# Every node and its state: "node001 IDLE+DRAIN". It says nothing where slurmctld does not answer.
slurm_nodes() {
  timeout 10 scontrol -o -a show node 2>/dev/null | sed -n 's/^NodeName=\([^ ]*\) .* State=\([^ ]*\) .*/\1 \2/p'
}

slurm_answers() { timeout 8 scontrol ping 2>/dev/null | grep -q ' is UP'; }

slurm_await_answer() {
  tl_left=30
  until slurm_answers; do
    tl_left=$((tl_left - 1))
    if [ "$tl_left" -le 0 ]; then return 1; fi
    sleep 0.5
  done
}

# slurm_act restart|reconfigure: slurmctld tells all slurmd to read their files again. One that does not run reads them when it
# starts.
slurm_act() {
  if [ "$1" = restart ] && systemctl --quiet is-active slurmctld; then
    systemctl restart slurmctld || return 1
    slurm_await_answer || return 1
  fi
  if ! slurm_answers; then
    if systemctl --quiet is-active slurmctld; then
      slurm_conf_say 'slurmctld does not answer'
      return 1
    fi
    return 0
  fi
  timeout 60 scontrol reconfigure >&2
}

# Nodes that were well are well still, for three seconds: a slurmd that finds less than its line says registers as invalid.
slurm_settled() {
  if ! slurm_answers && ! systemctl --quiet is-active slurmctld; then return 0; fi
  tl_good=0 tl_left=40
  while [ "$tl_left" -gt 0 ]; do
    tl_left=$((tl_left - 1))
    tl_ill=$(slurm_ill)
    if [ -z "$tl_ill" ]; then tl_good=$((tl_good + 1)); else tl_good=0; fi
    slurm_resume_wronged "$tl_since"
    if [ "$tl_good" -ge 6 ]; then return 0; fi
    sleep 0.5
  done
  slurm_conf_say "Not as well as before: $(printf '%s' "$tl_ill" | head -c 1000 | tr '\n' ';')"
  return 1
}

# slurm_resume_wronged SINCE [HOSTNAME]: while some daemons have read the new files and others have not, slurmctld may have
# drained a node for being less than its line says. One that is valid again did nothing wrong; whatever else drained it stays.
slurm_resume_wronged() {
  timeout 10 scontrol -o -a show node 2>/dev/null | grep 'reported lower than configured\|Low RealMemory\|Low socket\|Low CPUs' |
    while read -r tl_line; do
      case $tl_line in *INVAL*) continue ;; esac
      if [ -n "${2-}" ]; then case $tl_line in *" NodeHostName=$2 "*) ;; *) continue ;; esac fi
      tl_when=${tl_line##*@}
      tl_when=${tl_when%%]*}
      if [ "$(printf '%s\n%s\n' "$1" "$tl_when" | sort | head -n 1)" != "$1" ]; then continue; fi
      tl_node=${tl_line#NodeName=}
      timeout 10 scontrol update NodeName="${tl_node%% *}" State=RESUME
    done
}

# Lines of nodes that are worse than they were.
slurm_ill() {
  if ! slurm_answers; then
    echo 'slurmctld does not answer'
    return 0
  fi
  slurm_nodes | LC_ALL=C sort | LC_ALL=C join -a 1 -- - "$tl_kept/nodes" | while read -r tl_node tl_state tl_was; do
    case $tl_was in
      *INVAL* | *DOWN* | *DRAIN* | *FAIL* | *'*'*) continue ;;
    esac
    case $tl_was:$tl_state in
      *:*INVAL*) printf '%s %s\n' "$tl_node" "$tl_state" ;;
      :*) ;;
      *:*DOWN* | *:*DRAIN* | *:*FAIL* | *:*'*'*) printf '%s %s\n' "$tl_node" "$tl_state" ;;
    esac
  done
}

# The status is that of a step that was taken back.
slurm_put_back() {
  for tl_path_file in "$tl_kept/old"/*.path; do
    if [ ! -e "$tl_path_file" ]; then continue; fi
    tl_path=$(cat "$tl_path_file")
    tl_old=${tl_path_file%.path}
    if [ -e "$tl_old" ]; then
      tl_digest=$(sha256sum <"$tl_old")
      (files_restore "$tl_path" "${tl_digest%% *}" - "$tl_old" - - -)
    else
      rm -f -- "$tl_path"
    fi
  done
  if ! slurm_act restart; then
    slurm_conf_say 'What was there before is back, and does not work either.'
    return 1
  fi
  slurm_conf_say 'What was there before is back, and slurmctld works with it.'
  rm -rf -- "$tl_kept"
  return 88
}

slurm_conf_folder() { (umask 022 && mkdir -p -- "$1"); }

# slurm_reread SLURMD SLURMCTLD: what the daemons of a host do, those of them that run: restart, reload or nothing.
slurm_reread() {
  tl_since=$(date -d '15 minutes ago' '+%Y-%m-%dT%H:%M:%S')
  slurm_daemon slurmd "$1" && slurm_daemon slurmctld "$2" || return 1
  if ! systemctl --quiet is-active slurmd; then return 0; fi
  sleep 1
  slurm_resume_wronged "$tl_since" "$(uname -n)"
}

slurm_daemon() {
  if ! systemctl --quiet is-active "$1" 2>/dev/null; then return 0; fi
  case $2 in
    restart) systemctl restart "$1" ;;
    reload) systemctl reload "$1" ;;
  esac
}
