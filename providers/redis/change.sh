# shellcheck shell=sh disable=SC2154
# Changes of an instance: requests whose replies are one line each.

# redis_still PATH SHA256|none: the file that is going to be written anew is still the one that was looked at.
redis_still() {
  if [ "$2" = none ]; then
    if [ ! -e "$1" ] && [ ! -L "$1" ]; then return 0; fi
  elif [ ! -L "$1" ] && [ -f "$1" ]; then
    tl_digest=$(sha256sum <"$1")
    if [ "${tl_digest%% *}" = "$2" ]; then return 0; fi
  fi
  printf 'somebody changed %s since it was looked at\n' "$1" >&2
  return 1
}

# redis_change ADDRESS REQUESTS [PATH SHA256|none]..., requests on stdin, REQUESTS of them. Every one is made, also behind one
# that is refused; the refusals are said, without what could be a password.
redis_change() {
  tl_address=$1 tl_requests=$2
  shift 2
  while [ $# -gt 1 ]; do
    redis_still "$1" "$2" || return 1
    shift 2
  done
  # A password where none is asked for is no harm.
  tl_replies=$(redis_pipe 30 "$tl_address" | head -c 1000000 | tr -d '\000\r' | sed '1s/^-ERR AUTH .* without any password/+/')
  printf '%s\n' "$tl_replies" | redis_complaints
  tl_failed=$(printf '%s\n' "$tl_replies" | grep -c '^-')
  tl_answered=$(printf '%s\n' "$tl_replies" | grep -c '^[-+:*]')
  if [ "$tl_answered" -lt "$tl_requests" ]; then
    echo 'redis did not answer every request' >&2
    return 1
  fi
  [ "$tl_failed" = 0 ]
}

redis_complaints() {
  sed -n -e 's/with args beginning with.*//' -e "s/'[^']*'/(…)/g" -e 's/[#>!<][^ ]*/(…)/g' -e 's/^-//p' | head -n 20 >&2
}

# redis_put PATH LIKE, the content on stdin: a complete file takes the place of an old one, with the owner and the mode of LIKE.
redis_put() {
  tl_new=${1%/*}/.tidelock-new-$tl_nonce
  : >"$tl_new" && cp -a --attributes-only --no-preserve=timestamps -- "$2" "$tl_new" && cat >"$tl_new" &&
    sync -- "$tl_new" && mv -fT -- "$tl_new" "$1" && sync -- "${1%/*}"
}

# redis_stage_users CONFIGURATION ITS-SHA256 PATH ITS-SHA256, the users on stdin: they get a file of their own, which the
# configuration names instead of holding them. The file comes first: until the configuration names it, nothing reads it.
redis_stage_users() {
  redis_still "$1" "$2" || return 1
  if [ -e "$3" ] || [ -L "$3" ]; then
    redis_still "$3" "$4" || return 1
  else
    redis_put "$3" "$1" || return 1
  fi
  {
    grep -viE '^[[:space:]]*(user|aclfile)[[:space:]]' "$1"
    printf 'aclfile %s\n' "$3"
  } | redis_put "$1" "$1"
}
