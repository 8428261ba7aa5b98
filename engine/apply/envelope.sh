# shellcheck shell=sh disable=SC2154
# What stands around every write on a host: the lock, the client's word after it has seen the host under that lock,
# the ledger, and a receipt for each step.

tl_open_folder() {
  if [ ! -d /var/lib/tidelock ]; then mkdir -m 0700 -- /var/lib/tidelock || return 1; fi
  : >>/var/lib/tidelock/lock
}

# tl_lock SECONDS WHO FENCE: one writing program a host, and none whose fencing number is lower than one that was here
# before. Steps do not inherit the lock, so what they leave running cannot keep it.
tl_lock() {
  tl_begin lock
  if ! tl_refused=$(tl_open_folder 2>&1); then
    printf 'denied\0%s\0' "$tl_refused"
    tl_end lock 1
    exit 1
  fi
  exec 9>>/var/lib/tidelock/lock
  if ! flock -w "$1" 9; then
    printf 'busy\0'
    cat /var/lib/tidelock/holder 2>/dev/null
    printf '\0'
    tl_end lock 1
    exit 1
  fi
  tl_fence=$3
  if [ -e /var/lib/tidelock/fence ] && [ "$(cat /var/lib/tidelock/fence)" -gt "$tl_fence" ]; then
    printf 'overtaken\0'
    tl_end lock 1
    exit 1
  fi
  printf '%s' "$2" >/var/lib/tidelock/holder
  tl_end lock 0
}

# From now on this host obeys nobody with a lower number.
tl_raise_fence() {
  printf '%s\n' "$tl_fence" >/var/lib/tidelock/fence.new &&
    mv -fT -- /var/lib/tidelock/fence.new /var/lib/tidelock/fence
}

# Goes on only when the client says so, and soon: sooner than others give up waiting for this host. When the client is
# gone, or asleep, nothing is written.
tl_await_go() {
  tl_begin ready
  tl_end ready 0
  # shellcheck disable=SC2016 # the inner shell expands it
  tl_word=$(timeout 20 /bin/sh -c 'IFS= read -r tl_word && printf "%s" "$tl_word"') || exit 1
  [ "$tl_word" = "go $tl_nonce" ] || exit 1
}

# tl_store_ledger SHA256|none|any: takes "BYTES" and then so many bytes from the client and makes them the ledger,
# provided that the ledger is still the one the client has seen. One that could not be read is kept under another name.
tl_store_ledger() {
  tl_begin store
  tl_file=/var/lib/tidelock/ledger
  IFS= read -r tl_bytes || exit 1
  tl_have=none
  if [ -f "$tl_file" ]; then
    tl_have=$(sha256sum <"$tl_file")
    tl_have=${tl_have%% *}
  fi
  head -c "$tl_bytes" >"$tl_file.new" || exit 1
  if [ "$1" != any ] && [ "$1" != "$tl_have" ]; then
    printf 'moved\0'
    tl_end store 1
    exit 1
  fi
  if [ "$(stat -c %s -- "$tl_file.new")" != "$tl_bytes" ]; then exit 1; fi
  if [ "$1" = any ] && [ -f "$tl_file" ]; then ln -f -- "$tl_file" "$tl_file.broken" || exit 1; fi
  if tl_raise_fence && chmod 0600 "$tl_file.new" && sync -- "$tl_file.new" && mv -fT -- "$tl_file.new" "$tl_file" && : >"$tl_file.kept" &&
    sync -- /var/lib/tidelock; then
    tl_end store 0
  else
    tl_end store 1
    exit 1
  fi
}

# tl_must SECTION none|base64 FUNCTION ARGUMENT...: nothing goes on without this. Says what went wrong.
tl_must() {
  tl_section=$1
  shift
  tl_begin "$tl_section"
  tl_said=$( (tl_feed "$@") 2>&1 9>&-)
  tl_status=$?
  printf '%s\0' "$tl_said"
  tl_end "$tl_section" "$tl_status"
  if [ "$tl_status" != 0 ]; then exit 1; fi
}

# tl_step ID DEPENDENCIES none|base64 FUNCTION ARGUMENT...: runs a step unless one it depends on failed. The receipt:
# "ran" or "skipped", what it said on stdout, the end of what it said on stderr; its status is the step's.
tl_step() {
  tl_id=$1
  tl_needs=$2
  shift 2
  tl_begin "step-$tl_id"
  for tl_need in $tl_needs; do
    eval "tl_status=\${tl_status_$tl_need:-1}"
    if [ "$tl_status" != 0 ]; then
      eval "tl_status_$tl_id=1"
      printf 'skipped\0'
      tl_end "step-$tl_id" 1
      return
    fi
  done
  printf 'ran\0'
  {
    tl_said=$({
      (tl_feed "$@") 2>&1 >&8 8>&- 9>&-
      printf '\n%s' "$?"
    } | tail -c 4000)
  } 8>&1
  tl_status=${tl_said##*
}
  eval "tl_status_$tl_id=\$tl_status"
  printf '\0%s\0' "${tl_said%
*}"
  tl_end "step-$tl_id" "$tl_status"
}
