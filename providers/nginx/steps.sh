# shellcheck shell=sh disable=SC2154
# One change of nginx's configuration: tried beside the living one, switched, reloaded, proved, and taken back when the proof
# fails. /var/lib/tidelock/nginx/owed stands from before the first file changes until nginx runs with all of them.

nginx_say() { printf '%s\n' "$*" >&2; }

# nginx_masked: complaints of nginx without what they quote, which may be a secret.
nginx_masked() { sed -e 's/".*"/"…"/' -e 's/^nginx: //' | cut -c 1-300 | head -n 5; }

# nginx_apply RELOAD LOG FILES ROUTES [PATH SHA256|none BYTES|-]... [URL ADDRESS]... [URL STATUS CA|-]...: FILES times three
# words about files, whose new bytes are on stdin, one behind the other; ROUTES times two about what must answer as
# before; then three for each probe. RELOAD is now, or the ports, as hexadecimal numbers, at which no client may be connected.
nginx_apply() {
  umask 077
  tl_home=/var/lib/tidelock/nginx tl_reload=$1 tl_log=$2 tl_files=$3 tl_routes=$4
  shift 4
  nginx_prepare "$@" && nginx_put "$@" || return 1
  if [ "$tl_reload" != now ] && nginx_is_busy; then
    rm -rf -- "$tl_home/candidate"
  elif nginx_reload && nginx_prove "$@"; then
    rm -rf -- "$tl_home/owed" "$tl_home/candidate" && sync -- "$tl_home"
  else
    nginx_fail "$@"
  fi
}

# Everything that can go wrong before the first file changes.
nginx_prepare() {
  if ! nginx_master; then
    nginx_say 'nginx does not run; nothing was changed'
    return 1
  fi
  mkdir -p -- "$tl_home" && nginx_candidate "$@" && nginx_test && nginx_keep || return 1
  tl_before=$(nginx_answers "$@")
}

nginx_put() {
  tl_owed=no
  if [ -e "$tl_home/owed" ]; then tl_owed=yes; fi
  tl_word=idle
  if [ "$tl_reload" = now ]; then tl_word=now; fi
  printf '%s' "$tl_word" >"$tl_home/owed" && sync -- "$tl_home/owed" && sync -- "$tl_home" || return 1
  if nginx_switch "$@"; then return 0; fi
  if nginx_put_back "$@" && [ "$tl_owed" = no ]; then rm -f -- "$tl_home/owed"; fi
  return 1
}

nginx_fail() {
  if [ "$tl_files" != 0 ]; then
    nginx_take_back "$@"
  else
    rm -rf -- "$tl_home/candidate"
    nginx_say 'only a reload was owed, so there is nothing to put back'
    return 1
  fi
}

# A copy of the whole tree with the new files in it.
nginx_candidate() {
  rm -rf -- "$tl_home/candidate" && cp -a -- /etc/nginx "$tl_home/candidate" || return 1
  tl_left=$tl_files
  while [ "$tl_left" -gt 0 ]; do
    tl_new=$tl_home/candidate/${1#/etc/nginx/}
    if [ "$3" = - ]; then
      rm -f -- "$tl_new" || return 1
    else
      tl_folder=${tl_new%/*}
      if [ ! -d "$tl_folder" ]; then mkdir -m 0755 -- "$tl_folder" || return 1; fi
      if [ ! -e "$tl_new" ]; then : >"$tl_new" && chmod 0644 -- "$tl_new" || return 1; fi
      head -c "$3" >"$tl_new" && [ "$(stat --printf=%s -- "$tl_new")" = "$3" ] || return 1
    fi
    shift 3
    tl_left=$((tl_left - 1))
  done
}

# The candidate takes the tree's place for nginx alone, so that every path in it means what it will mean.
nginx_test() {
  # shellcheck disable=SC2016 # the inner shell puts its argument in
  if tl_said=$(unshare --mount --propagation private -- /bin/sh -c 'mount --bind "$1" /etc/nginx && exec nginx -t -q' sh \
    "$tl_home/candidate" 2>&1); then
    return 0
  fi
  rm -rf -- "$tl_home/candidate"
  nginx_say 'nginx refuses what it would get (nginx -t); nothing was changed'
  nginx_say "$(printf '%s\n' "$tl_said" | grep -e '\[emerg\]' -e '\[alert\]' -e unshare -e mount | nginx_masked)"
  return 1
}

# The tree as it is, under the time. The last ten stay.
nginx_keep() {
  tl_kept=$tl_home/backup-$(date -u +%Y%m%dT%H%M%SZ)
  rm -rf -- "$tl_kept" && cp -a -- /etc/nginx "$tl_kept" && sync -- "$tl_home" || return 1
  for tl_old in $(cd "$tl_home" && printf '%s\n' backup-* | sort -r | tail -n +11); do rm -rf -- "${tl_home:?}/$tl_old"; done
}

nginx_digest() {
  if [ -L "$1" ]; then
    echo link
  elif [ -f "$1" ]; then
    tl_digest=$(sha256sum <"$1")
    echo "${tl_digest%% *}"
  else
    echo none
  fi
}

# nginx_place SOURCE PATH: a copy takes its place by rename.
nginx_place() {
  tl_folder=${2%/*}
  if [ ! -d "$tl_folder" ]; then mkdir -m 0755 -- "$tl_folder" || return 1; fi
  tl_new=$tl_folder/.tidelock-new-$tl_nonce
  cp -a -- "$1" "$tl_new" && sync -- "$tl_new" && mv -fT -- "$tl_new" "$2" && sync -- "$tl_folder"
}

nginx_switch() {
  tl_left=$tl_files
  while [ "$tl_left" -gt 0 ]; do
    if [ "$(nginx_digest "$1")" != "$2" ]; then
      nginx_say "somebody changed $1 since it was looked at"
      return 1
    fi
    if [ "$3" = - ]; then
      rm -f -- "$1" && sync -- "${1%/*}" || return 1
    else
      nginx_place "$tl_home/candidate/${1#/etc/nginx/}" "$1" || return 1
    fi
    shift 3
    tl_left=$((tl_left - 1))
  done
  rmdir -- /etc/nginx/tidelock 2>/dev/null || :
}

# Files as they were before this step, last first: nothing ever names a file that is not there. What somebody else put
# there meanwhile stays.
nginx_restore() {
  if [ "$tl_left" = 0 ]; then return 0; fi
  (
    shift 3
    tl_left=$((tl_left - 1))
    nginx_restore "$@"
  ) || return 1
  tl_relative=${1#/etc/nginx/}
  if [ "$(nginx_digest "$1")" != "$(nginx_digest "$tl_home/candidate/$tl_relative")" ]; then return 0; fi
  if [ -e "$tl_kept/$tl_relative" ]; then nginx_place "$tl_kept/$tl_relative" "$1"; else rm -f -- "$1"; fi
}

nginx_put_back() {
  tl_left=$tl_files
  if ! nginx_restore "$@"; then
    nginx_say "what was there before could not be put back; it is in $tl_kept"
    return 1
  fi
  rm -rf -- "$tl_home/candidate"
  rmdir -- /etc/nginx/tidelock 2>/dev/null || :
}

# After a reload: nginx has to take up again what was there before. The status is that of a step that was taken back.
nginx_take_back() {
  nginx_put_back "$@" || return 1
  if nginx_master && nginx_reload; then
    rm -f -- "$tl_home/owed"
    nginx_say 'what was there before is back, and serves'
    return 88
  fi
  nginx_say 'what was there before is back; nginx did not take it up again'
  return 1
}

# Waits for workers that were not there before, and for the old ones to take no more requests.
nginx_reload() {
  nginx_master || return 1
  tl_old=" $(nginx_workers "$tl_master") "
  tl_size=$(stat --printf=%s -- "$tl_log" 2>/dev/null || echo 0)
  kill -s HUP -- "$tl_master" || return 1
  tl_end=$(($(date +%s) + 15))
  while [ "$(date +%s)" -lt "$tl_end" ]; do
    sleep 0.2
    if nginx_is_renewed; then return 0; fi
  done
  nginx_say 'nginx has no new workers after the reload'
  nginx_complaints
  return 1
}

nginx_is_renewed() {
  tl_now=$(nginx_workers "$tl_master")
  if [ -z "$tl_now" ]; then return 1; fi
  for tl_worker in $tl_now; do
    case $tl_old in *" $tl_worker "*) return 1 ;; esac
  done
}

# nginx_complaints: fails when there are none.
nginx_complaints() {
  tl_said=$(tail -c "+$((tl_size + 1))" -- "$tl_log" 2>/dev/null | head -c 1000000 | grep -F -e '[emerg]' -e '[alert]' | nginx_masked)
  if [ -z "$tl_said" ]; then return 1; fi
  nginx_say "$tl_said"
}

# Whether clients are connected; those would stay with old workers.
nginx_is_busy() {
  for tl_port in $(nginx_connections "$tl_master" | sed 's/.* //'); do
    case " $tl_reload " in *" $tl_port "*) return 0 ;; esac
  done
  return 1
}

# nginx_code URL ADDRESS: what it answers there with.
nginx_code() {
  curl --silent --head --output /dev/null --max-time 2 --insecure --connect-to "::$2:" --write-out '%{http_code}' --url "$1" 2>/dev/null
}

# What the routes answer with, one a line.
nginx_answers() {
  shift $((3 * tl_files))
  tl_left=$tl_routes
  if ! command -v curl >/dev/null; then return 0; fi
  while [ "$tl_left" -gt 0 ]; do
    printf '%s\n' "$(nginx_code "$1" "$2")"
    shift 2
    tl_left=$((tl_left - 1))
  done
}

nginx_prove() {
  if nginx_complaints; then return 1; fi
  tl_end=$(($(date +%s) + 10))
  while ! tl_said=$(nginx_same "$@" && nginx_probes "$@"); do
    if [ "$(date +%s)" -ge "$tl_end" ]; then
      nginx_say "$tl_said"
      return 1
    fi
    sleep 0.5
  done
}

# What answered before answers the same.
nginx_same() {
  shift $((3 * tl_files))
  tl_left=$tl_routes
  for tl_code in $tl_before; do
    case $tl_code in
      000 | 5??) ;;
      *)
        tl_now=$(nginx_code "$1" "$2")
        if [ "$tl_now" != "$tl_code" ]; then
          printf '%s answered %s before and %s after\n' "$1" "$tl_code" "$tl_now"
          return 1
        fi
        ;;
    esac
    shift 2
  done
}

# nginx_probe URL CA|-: what it answers here with.
nginx_probe() {
  set -- "$1" "$2" --silent --output /dev/null --max-time 5 --connect-to '::127.0.0.1:' --write-out '%{http_code}'
  tl_url=$1 tl_ca=$2
  shift 2
  if [ "$tl_ca" = - ]; then curl --insecure "$@" --url "$tl_url"; else curl --cacert "$tl_ca" "$@" --url "$tl_url"; fi
}

nginx_probes() {
  shift $((3 * tl_files + 2 * tl_routes))
  if [ $# -gt 0 ] && ! command -v curl >/dev/null; then
    echo 'probes need curl, which is not installed'
    return 1
  fi
  while [ $# -gt 0 ]; do
    tl_now=$(nginx_probe "$1" "$3" 2>/dev/null)
    if [ "$tl_now" != "$2" ]; then
      printf 'the probe %s answers %s instead of %s\n' "$1" "$tl_now" "$2"
      return 1
    fi
    shift 3
  done
}
