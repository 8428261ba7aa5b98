# shellcheck shell=sh disable=SC2154
# What every host program begins with: a known environment, and framed output.

tl_setup() {
  LC_ALL=C
  PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
  export LC_ALL PATH
  unset CDPATH ENV
  umask 077
  cd /
}

tl_begin() { printf '\0%s begin %s\0' "$tl_nonce" "$1"; }
tl_end() { printf '\0%s end %s %s\0' "$tl_nonce" "$1" "$2"; }

# tl_feed none|base64 FUNCTION ARGUMENT...: calls it, with the decoded here-document on its stdin.
tl_feed() {
  tl_encoding=$1
  shift
  case $tl_encoding in
    base64) base64 -d | "$@" ;;
    *) "$@" ;;
  esac
}

# What the host remembers of us: one word (none, lost, unreadable, ledger), then the ledger.
tl_ledger() {
  if [ -f /var/lib/tidelock/ledger ]; then
    if [ -r /var/lib/tidelock/ledger ]; then
      printf 'ledger\0'
      cat /var/lib/tidelock/ledger
      printf '\0'
    else
      printf 'unreadable\0'
    fi
  elif [ -e /var/lib/tidelock/ledger.kept ]; then
    printf 'lost\0'
  elif [ -e /var/lib/tidelock ] && [ ! -x /var/lib/tidelock ]; then
    printf 'unreadable\0'
  else
    printf 'none\0'
  fi
}
