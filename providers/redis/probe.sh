# shellcheck shell=sh disable=SC2154
# What an instance says, and what the files say that it was started with.

# redis_ask ADDRESS [DIRECTIVE... -- PATH...], requests on stdin: records `redis` and the replies; what redis_files tells of
# these paths and of the files that the replies name; and `said`, what the relay complained of with its status on the last
# line. NUL would end a record; a byte that is in no UTF-8 text stands for it, so that lengths stay true.
redis_ask() {
  {
    tl_said=$({ redis_hear "$@"; } 3>&1 | tail -c 2000)
  } 5>&1
  printf 'said\0%s\0' "$tl_said"
}

# redis_hear: the same; records go to 5, complaints to 3.
redis_hear() {
  tl_replies=$({ redis_pipe 15 "$1" 2>&3; printf '\n%s' "$?" >&3; } | head -c 8000000 | tr '\000' '\377'; printf .)
  printf 'redis\0%s\0' "${tl_replies%.}" >&5
  if [ $# -gt 1 ]; then
    shift
    set -f
    IFS='
'
    # shellcheck disable=SC2046 # a line is a path
    redis_files "$@" $(printf %s "$tl_replies" | redis_paths) >&5
    unset IFS
    set +f
  fi
}

# redis_paths: of replies, the files that the instance was started with.
redis_paths() {
  tr -d '\r' | sed -n -e 's|^config_file:\(/.*\)|\1|p' -e '/^aclfile$/{n;n;/^\//p;}' | head -n 2
}

# redis_files [DIRECTIVE...] -- PATH...: records `file`, the path, what it is, its digest, and those of its lines that begin
# with one of the directives. A password that stands there in clear comes out as its digest.
redis_files() {
  tl_wanted='user|aclfile'
  while [ "$1" != -- ]; do
    tl_wanted="$tl_wanted|$1"
    shift
  done
  shift
  for tl_path; do
    tl_digest='' tl_state='file'
    if [ -L "$tl_path" ]; then
      tl_state='link'
    elif [ ! -e "$tl_path" ]; then
      tl_state=none
    elif [ ! -f "$tl_path" ] || [ ! -r "$tl_path" ]; then
      tl_state=odd
    else
      tl_digest=$(sha256sum <"$tl_path")
    fi
    printf 'file\0%s\0%s\0%s\0' "$tl_path" "$tl_state" "${tl_digest%% *}"
    if [ "$tl_digest" ]; then head -c 1000000 -- "$tl_path" | tr -d '\000' | grep -iE "^[[:space:]]*($tl_wanted)[[:space:]]" | redis_veil; fi
    printf '\0'
  done
}

# redis_veil: lines of users, with #DIGEST for each >PASSWORD.
redis_veil() {
  unset IFS
  while IFS= read -r tl_line; do
    case $tl_line in
      *[\"\']*'>'* | *[\"\']*'<'*) printf '%s a password in quotes\n' "${tl_line%%[><]*}" ;; # it may hold spaces
      *'>'* | *'<'*)
        set -f
        for tl_word in $tl_line; do
          case $tl_word in
            '>'* | '<'*) redis_digest "$tl_word" ;;
            *) printf '%s ' "$tl_word" ;;
          esac
        done
        set +f
        echo
        ;;
      *) printf '%s\n' "$tl_line" ;;
    esac
  done
}

# redis_digest WORD: `>x` as `#digest of x`, `<x` as `!digest of x`.
redis_digest() {
  case $1 in '>'*) tl_sign='#' ;; *) tl_sign='!' ;; esac
  tl_sum=$(printf %s "${1#?}" | sha256sum)
  printf '%s%s ' "$tl_sign" "${tl_sum%% *}"
}
