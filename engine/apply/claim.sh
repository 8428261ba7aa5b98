# shellcheck shell=sh disable=SC2154
# The cluster's lock: one file on the lock host, "SECONDS-SINCE-EPOCH\nCLAIM", where the claim is the client's text. Times
# are this host's alone, so nobody's clock has to agree with it.

# What time it is, and the file as it is; an empty record when there is none.
tl_claim_read() {
  date +%s | tr '\n' '\0'
  if [ -e /var/lib/tidelock/claim ]; then cat /var/lib/tidelock/claim || return 1; fi
  printf '\0'
}

# tl_claim_write SHA256|none CLAIM: replaces the file if it still is the one with that digest. Says "moved" if not, else
# "written" and the time it wrote.
tl_claim_write() {
  if [ ! -d /var/lib/tidelock ]; then mkdir -m 0700 -- /var/lib/tidelock || return 1; fi
  exec 9>>/var/lib/tidelock/claim.lock
  flock -w 10 9 || return 1
  tl_have=none
  if [ -e /var/lib/tidelock/claim ]; then
    tl_have=$(sha256sum </var/lib/tidelock/claim)
    tl_have=${tl_have%% *}
  fi
  if [ "$tl_have" != "$1" ]; then
    printf 'moved\0'
    return 0
  fi
  tl_now=$(date +%s)
  printf '%s\n%s' "$tl_now" "$2" >/var/lib/tidelock/claim.new || return 1
  chmod 0600 /var/lib/tidelock/claim.new && sync -- /var/lib/tidelock/claim.new &&
    mv -fT -- /var/lib/tidelock/claim.new /var/lib/tidelock/claim && sync -- /var/lib/tidelock || return 1
  printf 'written\0%s\0' "$tl_now"
}
