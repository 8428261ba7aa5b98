# shellcheck shell=sh disable=SC2154
# Writing steps for services. What a change replaces is kept in /var/lib/tidelock/services/UNIT until the service is known
# to work with what is new; the file `owed` in there says that it has not been restarted yet.

service_say() { printf '%s\n' "$*" >&2; }

# service_begin UNIT: enters its folder.
service_begin() {
  umask 077
  tl_unit=$1
  tl_kept=/var/lib/tidelock/services/$1
  mkdir -p -- "$tl_kept"
}

# service_put FILE MODE, the content on stdin: takes the old one's place when it is complete.
service_put() {
  if [ -L "$1" ] || { [ -e "$1" ] && [ ! -f "$1" ]; }; then
    service_say "something else than a regular file is in the way: $1"
    return 1
  fi
  tl_folder=${1%/*}
  if [ ! -d "$tl_folder" ]; then mkdir -m 0755 -- "$tl_folder" || return 1; fi
  tl_new=$tl_folder/.tidelock-new-$tl_nonce
  cat >"$tl_new" && chmod -- "$2" "$tl_new" && sync -- "$tl_new" && mv -fT -- "$tl_new" "$1" && sync -- "$tl_folder"
}

# service_set_aside UNIT FILE SECRETS: what is there now, until what comes instead is known to work.
service_set_aside() {
  service_begin "$1" || return 1
  if [ ! -e "$tl_kept/owed" ]; then
    rm -rf -- "$tl_kept" && mkdir -- "$tl_kept" || return 1
    if [ -f "$2" ]; then cp -p -- "$2" "$tl_kept/file" || return 1; fi
    if [ -f "$3" ]; then cp -p -- "$3" "$tl_kept/secrets" || return 1; fi
    if systemctl --quiet is-active -- "$1"; then : >"$tl_kept/was-active"; fi
    if systemctl --quiet is-enabled -- "$1" 2>/dev/null; then : >"$tl_kept/was-enabled"; fi
    : >"$tl_kept/owed" && sync -- "$tl_kept" || return 1
  fi
  : >/var/lib/tidelock/services/reload
}

# service_write UNIT FILE SECRETS BYTES WITH: the first BYTES of stdin are FILE, the rest is SECRETS; there are none unless
# WITH is yes.
service_write() {
  service_set_aside "$1" "$2" "$3" && head -c "$4" | service_put "$2" 0644 || return 1
  if [ "$5" = yes ]; then service_put "$3" 0600; else rm -f -- "$3"; fi
}

# service_bring_back UNIT FILE SECRETS OLD-FILE OLD-SECRETS: from what the history keeps; nothing for no secrets.
service_bring_back() {
  service_set_aside "$1" "$2" "$3" && service_put "$2" 0644 <"$4" || return 1
  if [ -n "$5" ]; then service_put "$3" 0600 <"$5"; else rm -f -- "$3"; fi
}

# service_reload_units: once, however many services were written before.
service_reload_units() {
  if [ ! -e /var/lib/tidelock/services/reload ]; then return 0; fi
  systemctl daemon-reload && rm -f -- /var/lib/tidelock/services/reload
}

# service_settle UNIT FILE SECRETS VERB ENABLE SECONDS HEALTH...: VERB is what systemctl does with it, or "-"; ENABLE is
# yes, no or "-". HEALTH is http URL, tcp HOST PORT, command WORD..., or none. When it does not work, the old one is put
# back.
service_settle() {
  service_begin "$1" || return 1
  tl_file=$2 tl_secrets=$3 tl_verb=$4 tl_enable=$5 tl_seconds=$6
  shift 6
  tl_since=$(date '+%Y-%m-%d %H:%M:%S')
  if tl_said=$(service_try "$@" 2>&1); then
    rm -rf -- "$tl_kept"
    return 0
  fi
  tl_journal=$(journalctl --unit="$tl_unit" --since="$tl_since" --lines=15 --output=cat --no-pager --quiet 2>/dev/null | cut -c 1-200)
  service_say "$(printf %s "$tl_said" | head -c 1000)"
  service_put_back
  service_say "Its journal:
${tl_journal:-(empty)}"
  return 1
}

service_try() {
  service_reload_units || return 1
  case $tl_enable in
    yes) systemctl --quiet enable -- "$tl_unit" || return 1 ;;
    no) systemctl --quiet disable -- "$tl_unit" || return 1 ;;
  esac
  if [ "$tl_verb" = - ]; then return 0; fi
  systemctl reset-failed -- "$tl_unit" 2>/dev/null
  systemctl "$tl_verb" -- "$tl_unit" || return 1
  case $tl_verb in
    stop) return 0 ;;
    try-restart) if ! systemctl --quiet is-active -- "$tl_unit"; then return 0; fi ;;
  esac
  service_await_health "$@"
}

# Health has to be seen within the time; without a check it has to run still after a moment.
service_await_health() {
  if [ "$1" = none ]; then
    sleep 1
    systemctl --quiet is-active -- "$tl_unit" && return 0
    echo 'it did not stay up'
    return 1
  fi
  tl_end=$(($(date +%s) + tl_seconds))
  while :; do
    if tl_health=$(service_healthy "$@" 2>&1) && systemctl --quiet is-active -- "$tl_unit"; then return 0; fi
    if [ "$(date +%s)" -ge "$tl_end" ]; then break; fi
    sleep 0.5
  done
  echo "it was not healthy within $tl_seconds s: ${tl_health:-the check passes, but the service does not run}"
  return 1
}

# shellcheck disable=SC2016 # it is bash that puts its arguments in
service_healthy() {
  tl_check=$1
  shift
  case $tl_check in
    http)
      if command -v curl >/dev/null; then
        curl --silent --show-error --fail --output /dev/null --max-time 5 --url "$1"
      else
        wget --quiet --output-document=/dev/null --tries=1 --timeout=5 -- "$1"
      fi
      ;;
    tcp) timeout 5 bash -c 'exec 3<>"/dev/tcp/$1/$2"' bash "$1" "$2" ;;
    command) timeout 20 "$@" ;;
  esac
}

# Puts back what service_write replaced, and runs it as it ran.
service_put_back() {
  if [ ! -e "$tl_kept/owed" ]; then return 0; fi
  if [ ! -f "$tl_kept/file" ]; then
    systemctl --quiet disable -- "$tl_unit" 2>/dev/null
    if [ ! -e "$tl_kept/was-active" ]; then systemctl stop -- "$tl_unit"; fi
    rm -f -- "$tl_file"
  else
    service_put "$tl_file" 0644 <"$tl_kept/file"
  fi
  if [ -f "$tl_kept/secrets" ]; then
    service_put "$tl_secrets" 0600 <"$tl_kept/secrets"
  elif [ "$tl_secrets" != - ]; then
    rm -f -- "$tl_secrets"
  fi
  systemctl daemon-reload
  systemctl reset-failed -- "$tl_unit" 2>/dev/null
  if [ -e "$tl_kept/was-enabled" ]; then systemctl --quiet enable -- "$tl_unit"; fi
  if [ -e "$tl_kept/was-active" ]; then
    if systemctl restart -- "$tl_unit"; then
      service_say 'What was there before is back, and runs.'
    else
      service_say 'What was there before is back, and does not start either.'
    fi
  else
    systemctl stop -- "$tl_unit" 2>/dev/null
    if [ -f "$tl_kept/file" ]; then
      service_say 'What was there before is back; it did not run then, and does not now.'
    else
      service_say 'It was not there before, and is not there now.'
    fi
  fi
  rm -rf -- "$tl_kept"
}

# service_take_over UNIT PORT PROCESS...: ends these processes as far as they hold the port, and nobody else.
service_take_over() {
  tl_unit=$1 tl_port=$(printf ':%04X' "$2")
  shift 2
  tl_end=$(($(date +%s) + 10))
  tl_signal=TERM
  while :; do
    tl_holders=$(service_holders)
    if [ -z "$tl_holders" ]; then return 0; fi
    for tl_process in $tl_holders; do
      case " $* " in
        *" $tl_process "*) kill -s "$tl_signal" -- "$tl_process" 2>/dev/null ;;
        *)
          service_say "process $tl_process holds the port now"
          return 1
          ;;
      esac
    done
    if [ "$(date +%s)" -ge "$tl_end" ]; then
      if [ "$tl_signal" = KILL ]; then break; fi
      tl_signal=KILL
      tl_end=$((tl_end + 5))
    fi
    sleep 0.5
  done
  service_say "process $tl_holders does not end"
  return 1
}

# The processes that listen on the port and are not of the unit.
service_holders() {
  set -- -false
  tl_sockets=$(grep -hs " [0-9A-F]*$tl_port [0-9A-F]*:0000 0A " /proc/net/tcp /proc/net/tcp6)
  while read -r _ _ _ _ _ _ _ _ _ tl_inode _; do
    if [ -n "$tl_inode" ]; then set -- "$@" -o -lname "socket:\\[$tl_inode\\]"; fi
  done <<END
$tl_sockets
END
  find /proc/[0-9]*/fd -maxdepth 1 \( "$@" \) -printf '%p\n' 2>/dev/null | while read -r tl_path; do
    tl_process=${tl_path#/proc/}
    tl_process=${tl_process%%/*}
    service_is_ours "$tl_process" || printf '%s\n' "$tl_process"
  done | sort -u
}

service_is_ours() {
  while read -r tl_line; do
    case $tl_line/ in
      *"/$tl_unit/"*) return 0 ;;
    esac
  done <"/proc/$1/cgroup"
  return 1
}

# service_remove UNIT unit|drop_in|state FILE SECRETS: with its unit goes the service; without a drop-in it runs as the
# package made it.
service_remove() {
  service_begin "$1" || return 1
  if [ "$2" != drop_in ]; then systemctl --quiet disable --now -- "$1" || return 1; fi
  if [ "$2" != state ]; then
    rm -f -- "$3" "$4" || return 1
    if [ "$2" = drop_in ]; then rmdir -- "${3%/*}" 2>/dev/null || :; fi
    systemctl daemon-reload || return 1
    systemctl reset-failed -- "$1" 2>/dev/null || :
  fi
  if [ "$2" = drop_in ]; then systemctl try-restart -- "$1" || return 1; fi
  rm -rf -- "$tl_kept"
}
