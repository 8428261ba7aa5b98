#!/usr/bin/env bash
# needs: full
# takes: 60
# Users, settings and keys of a real redis: made, changed by hand, taken back, removed; and a redis that cannot do it.
# shellcheck source=/dev/null disable=SC2016,SC2034 # scripts for hosts are in single quotes; lib.sh reads settings
. "${0%/*}/lib.sh"

HOST=controller
export ADMIN_PASSWORD='adm"in $(id) pass' MOONLIGHT_PASSWORD="moon'light secret"
cli() { on "$HOST" redis-cli "$@"; }
as_moonlight() { on "$HOST" env REDISCLI_AUTH="$MOONLIGHT_PASSWORD" redis-cli --user moonlight "$@"; }
listed() { cli ACL LIST | sed -n "s/^user $1 //p"; } # user
digest_of() { printf %s "$1" | sha256sum | cut -d' ' -f1; }
saved() { on "$HOST" sed -n "s/^user $1 //p" /etc/redis/users.acl; } # user
answers() { [ "$(cli PING)" = PONG ]; }
restart() { on "$HOST" systemctl restart redis-server && eventually answers; }
# The section on stdin, behind its first lines.
declare_redis() {
  {
    echo 'node_types: { node: {} }'
    echo 'redis:'
    echo '  on: controller'
    cat
  } | manifest controller
}
tells_no_secret() { # the last answers, and what stays on the host
  refuses contains "$SAID" "$MOONLIGHT_PASSWORD" && refuses contains "$SAID" "$(digest_of "$MOONLIGHT_PASSWORD")" &&
    refuses contains "$(on "$HOST" cat /var/lib/tidelock/ledger)" "$(digest_of "$MOONLIGHT_PASSWORD")"
}

on "$HOST" cat /etc/redis/users.acl >before.acl
on "$HOST" cat /etc/redis/redis.conf >before.conf
started=$(on "$HOST" systemctl show -p ExecMainPID --value redis-server)

# --- a user and keys

cat >section <<'YAML'
  acl_users:
    moonlight: { keys: ["moonlight:session:*"], commands: ["+@all", "-@dangerous"], password: !env MOONLIGHT_PASSWORD }
  keys:
    catalogue:images: { json: '{"images": [{"id": 1, "name": "python"}], "more": "it''s $(id) \"quoted\""}' }
    portal:motd: { value: "Maintenance\non Friday", ttl: 1h }
    portal:theme: { hash: { colour: dark, "odd field": "with  spaces" } }
YAML
declare_redis <section
expect 'the site is planned' 2 'Plan: 4 to add, 0 to change, 0 to destroy.' plan --detailed-exitcode
expect_contains 'what falls out is said' 'moonlight may not use info, keys, sort'
expect_contains 'and that others need no password' 'isolate nothing while its user default is open'
expect_lacks 'no secret is shown' "$(digest_of "$MOONLIGHT_PASSWORD")"
expect_same 'a plan writes nothing' "$(<before.acl)" "$(on "$HOST" cat /etc/redis/users.acl)"
expect 'and made' 0 'Applied: 4 added, 0 changed, 0 destroyed.' apply --auto-approve
check 'without a secret said' tells_no_secret
expect 'and as declared' 0 'No changes.*' plan --detailed-exitcode
expect_same 'redis has the user' "on sanitize-payload #$(digest_of "$MOONLIGHT_PASSWORD") ~moonlight:session:* resetchannels +@all -@dangerous" "$(listed moonlight)"
expect_same 'and saved it' "$(listed moonlight)" "$(saved moonlight)"
expect_same 'it may use its keys' OK "$(as_moonlight SET moonlight:session:1 x)"
check 'and no others' contains "$(as_moonlight SET vnc:session:1 x 2>&1)" NOPERM
check 'nor what is dangerous' contains "$(as_moonlight KEYS 'moonlight:*' 2>&1)" NOPERM
expect_same 'the catalogue' '{"images":[{"id":1,"name":"python"}],"more":"it'"'"'s $(id) \"quoted\""}' "$(cli --raw GET catalogue:images)"
expect_same 'a text of two lines' $'Maintenance\non Friday' "$(cli --raw GET portal:motd)"
expect_same 'a hash' 'with  spaces' "$(cli --raw HGET portal:theme 'odd field')"
cli EXPIRE portal:motd 60 >/dev/null
expect 'a lifetime gets shorter by itself' 0 'No changes.*' plan --detailed-exitcode
restart
expect 'all of it survives a restart' 0 'No changes.*' plan --detailed-exitcode

# --- changes by hand, and rollback

cli ACL SETUSER moonlight '+@dangerous' '&*' '>another' >/dev/null
cli HSET portal:theme colour light >/dev/null
cli PERSIST portal:motd >/dev/null
cli ACL SETUSER byhand on nopass '~x' +get >/dev/null
tidelock plan --json --detailed-exitcode
expect_same 'what was changed by hand is drift, and nothing else' \
  "controller:redis_acl_user:moonlight update drift controller:redis_key:portal:motd update drift controller:redis_key:portal:theme update drift" "$(changes | xargs)"
check 'the plan is as its schema says' same '' "$(against_schema)"
expect 'the plan says it' 0 'Plan: 0 to add, 3 to change, 0 to destroy.' plan
expect_contains 'and what saving saves besides' 'byhand is not saved in /etc/redis/users.acl'
expect 'it is mended' 0 'Applied: 0 added, 3 changed, 0 destroyed.' apply --auto-approve
expect_same 'all of it' "on sanitize-payload #$(digest_of "$MOONLIGHT_PASSWORD") ~moonlight:session:* resetchannels +@all -@dangerous" "$(listed moonlight)"
expect 'and is as declared' 0 'No changes.*' plan --detailed-exitcode
expect 'the repair is taken back' 0 'Applied: *' rollback --auto-approve
expect_same 'with both passwords' "$(printf '#%s\n#%s\n' "$(digest_of "$MOONLIGHT_PASSWORD")" "$(digest_of another)" | sort)" \
  "$(listed moonlight | tr ' ' '\n' | grep '^#' | sort)"
expect_same 'and the hash' light "$(cli HGET portal:theme colour)"
expect 'and mended again' 0 'Applied: 0 added, 3 changed, 0 destroyed.' apply --auto-approve
cli ACL DELUSER byhand >/dev/null
cli ACL SAVE >/dev/null

# --- what is saved, and what is not

cli ACL SETUSER moonlight off >/dev/null
cli ACL SAVE >/dev/null
cli ACL SETUSER moonlight on >/dev/null
expect 'a user that a restart would change' 2 'Plan: 0 to add, 1 to change, 0 to destroy.' plan --detailed-exitcode
expect_contains 'is not saved' 'saved  false → true'
expect 'is saved' 0 'Applied: 0 added, 1 changed, 0 destroyed.' apply --auto-approve
expect_same 'for good' "$(listed moonlight)" "$(saved moonlight)"
on "$HOST" mv /etc/redis/users.acl /etc/redis/users.away
expect 'a file that is gone' 0 'Plan: 0 to add, 1 to change, 0 to destroy.' plan
expect_contains 'is named' '/etc/redis/users.acl, which redis needs to start, is gone'
expect 'and comes back' 0 'Applied: 0 added, 1 changed, 0 destroyed.' apply --auto-approve
check 'redis starts with it' restart
on "$HOST" rm /etc/redis/users.away
script_on "$HOST" 'echo "user theirs on nopass ~their:* +get" >>/etc/redis/users.acl'
cli ACL SETUSER moonlight off >/dev/null
expect 'what others wrote into the file' 0 'Plan: 0 to add, 0 to change, 0 to destroy.' plan
expect_contains 'is not overwritten' 'do not agree on the user theirs'
expect 'nor by an apply' 3 '*' apply --auto-approve
check 'it is still there' contains "$(saved theirs)" 'their:*'
script_on "$HOST" 'sed -i "/^user theirs/d" /etc/redis/users.acl'
expect 'until they agree' 0 'Applied: 0 added, 1 changed, 0 destroyed.' apply --auto-approve

# --- settings

{ cat section && echo '  config: { maxmemory: 64mb, maxmemory-policy: noeviction, databases: 3, nonsense: 1 }'; } | declare_redis
expect 'settings are planned' 0 'Plan: 0 to add, 1 to change, 0 to destroy.' plan
expect_contains 'those that need a restart are not' 'Tidelock does not restart it'
expect_contains 'nor those that do not exist' 'has no setting nonsense'
{ cat section && echo '  config: { maxmemory: 64mb, maxmemory-policy: noeviction }'; } | declare_redis
expect 'one is set' 0 'Applied: 0 added, 1 changed, 0 destroyed.' apply --auto-approve
expect_same 'and runs' 67108864 "$(cli --raw CONFIG GET maxmemory | tail -n 1)"
check 'and saved' contains "$(on "$HOST" grep '^maxmemory ' /etc/redis/redis.conf)" 'maxmemory 64mb'
expect 'and as declared' 0 'No changes.*' plan --detailed-exitcode
restart
expect 'also after a restart' 0 'No changes.*' plan --detailed-exitcode

# --- a redis that cannot

declare_redis <section
cli CONFIG SET maxmemory 1mb >/dev/null
cli DEL catalogue:images >/dev/null
expect 'without memory' 0 '*' plan
expect_contains 'a key is not written' 'redis is out of memory'
cli CONFIG SET maxmemory 0 >/dev/null
cli REPLICAOF 127.0.0.1 1 >/dev/null
expect 'on a replica' 0 '*' plan
expect_contains 'neither' 'read-only replica of 127.0.0.1:1'
cli REPLICAOF NO ONE >/dev/null
expect 'then it is' 0 'Applied: 1 added, 0 changed, 0 destroyed.' apply --auto-approve
on "$HOST" systemctl stop redis-server
expect 'a redis that is down' 7 'Plan: 0 to add, 0 to change, 0 to destroy.' plan
expect_contains 'is said' 'redis does not answer at 127.0.0.1:6379: Connection refused'
expect 'and nothing is done' 7 '*' apply --auto-approve
on "$HOST" systemctl start redis-server
check 'it is back' eventually answers
expect 'with everything' 0 'No changes.*' plan --detailed-exitcode

# --- a login of our own, and a default user that is closed

{ cat section && echo '  user: admin' && echo '  password: !env ADMIN_PASSWORD'; } | declare_redis
expect 'a login that is refused' 7 '*' plan
expect_contains 'is said' 'redis refuses the login of admin'
expect_lacks 'without its password' "$ADMIN_PASSWORD"
{ printf 'ACL SETUSER admin on #%s ~* &* +@all\nACL SAVE\n' "$(digest_of "$ADMIN_PASSWORD")"; } | "$LAB" exec "$HOST" redis-cli >/dev/null
expect 'and taken when it is right' 0 'No changes.*' plan --detailed-exitcode
sed '/acl_users:/a\    default: { enabled: false }' section >closed
{ cat closed && echo '  user: admin' && echo '  password: !env ADMIN_PASSWORD'; } | declare_redis
script_on "$HOST" 'sleep 300 | redis-cli >/dev/null 2>&1 &'
client_is_there() { [ "$(cli CLIENT LIST | grep -c user=default)" = 2 ]; } # and the one that asks
check 'a client is there' eventually client_is_there
expect 'closing default is planned' 0 'Plan: 0 to add, 1 to change, 0 to destroy.' plan
expect_contains 'and names the clients' 'client 127.0.0.1:'
expect_contains 'and wants to be named' 'must be approved by name: clients that log in without a name and a password are cut off'
tidelock apply --auto-approve
expect_exit 'it is refused' 4
expect_contains 'with what to say' '--auto-approve=controller:redis_acl_user:default'
expect_same 'and not done' PONG "$(cli PING)"
expect 'and done when it is named' 0 'Applied: 0 added, 1 changed, 0 destroyed.' apply --auto-approve --auto-approve=controller:redis_acl_user:default
check 'then nobody gets in without a name' contains "$(cli PING 2>&1)" NOAUTH
expect 'but us' 0 'No changes.*' plan --detailed-exitcode
script_on "$HOST" 'kill $(pgrep -x redis-cli) 2>/dev/null || true'
sed 's/{ enabled: false }/{ enabled: true }/' closed >open
{ cat open && echo '  user: admin' && echo '  password: !env ADMIN_PASSWORD'; } | declare_redis
expect 'it is opened again' 0 'Applied: 0 added, 1 changed, 0 destroyed.' apply --auto-approve

# --- another instance, on a socket, which keeps its users in its configuration

script_on "$HOST" 'mkdir /var/lib/redis/other
  printf "%s\n" "# by hand" "port 0" "unixsocket /var/lib/redis/other/socket" "dir /var/lib/redis/other" "daemonize yes" \
    "user theirs on nopass ~their:* +get" >/var/lib/redis/other/redis.conf
  chown -R redis:redis /var/lib/redis/other'
start_other() { on "$HOST" runuser -u redis -- redis-server /var/lib/redis/other/redis.conf; }
other() { on "$HOST" redis-cli -s /var/lib/redis/other/socket "$@"; }
other_answers() { [ "$(other PING)" = PONG ]; }
other_conf() { on "$HOST" cat /var/lib/redis/other/redis.conf; }
on "$HOST" cp -a /var/lib/tidelock /var/lib/tidelock.away # one instance a host is known at a time
on "$HOST" rm -rf /var/lib/tidelock
start_other
check 'it runs' eventually other_answers
{
  echo '  socket: /var/lib/redis/other/socket'
  echo '  acl_users: { moonlight: { keys: ["%R~shared:*", "own:*"], commands: [-@all, +@read, "+config|get"], selectors: ["~cache:* +@write"] } }'
} >other
declare_redis <other
expect 'a user is made in it' 0 'Applied: 1 added, 0 changed, 0 destroyed.' apply --auto-approve
expect 'and read back' 0 'No changes.*' plan --detailed-exitcode
check 'it is saved' contains "$(other_conf)" 'user moonlight on'
check 'beside theirs' contains "$(other_conf)" 'user theirs on'
{ cat other && echo '  config: { aclfile: /var/lib/redis/other/users.acl }'; } | declare_redis
expect 'to move to an aclfile is planned' 0 'Plan: 0 to add, 1 to change, 0 to destroy.' plan
expect_contains 'as what it is' 'takes its users from there when somebody restarts it'
expect 'and prepared' 0 'Applied: 0 added, 1 changed, 0 destroyed.' apply --auto-approve
check 'nobody restarted it' same '' "$(other --raw CONFIG GET aclfile | tail -n 1)"
expect_same 'the configuration has no users' 0 "$(other_conf | grep -c ^user || true)"
expect_same 'it is still theirs' 'redis:redis 644' "$(like "$HOST" /var/lib/redis/other/redis.conf)"
other ACL SETUSER moonlight off >/dev/null
expect 'until the restart' 0 'Plan: 0 to add, 0 to change, 0 to destroy.' plan
expect_contains 'nothing is changed' 'restart redis first'
other SHUTDOWN NOSAVE >/dev/null 2>&1 || true
start_other
check 'it is restarted by hand' eventually other_answers
expect 'and everything is as declared' 0 'No changes.*' plan --detailed-exitcode
check 'with users of others' contains "$(other ACL LIST)" 'user theirs on'
expect_same 'nothing unfinished is left' '' "$(strays_on "$HOST")"
other SHUTDOWN NOSAVE >/dev/null 2>&1 || true
on "$HOST" rm -rf /var/lib/redis/other /var/lib/tidelock
on "$HOST" mv /var/lib/tidelock.away /var/lib/tidelock

# --- nothing is left

declare_redis </dev/null
expect 'all of it goes' 0 'Applied: 0 added, 0 changed, 4 destroyed.' apply --auto-approve
expect 'and nothing is left to do' 0 'No changes.*' plan --detailed-exitcode
expect_same 'neither user' '' "$(listed moonlight)$(saved moonlight)"
expect_same 'nor keys' 0 "$(cli EXISTS catalogue:images portal:motd portal:theme)"
cli ACL DELUSER admin >/dev/null
cli ACL SAVE >/dev/null
expect_same 'the file of users is as before' "$(<before.acl)" "$(on "$HOST" cat /etc/redis/users.acl)"
cli CONFIG SET maxmemory 0 >/dev/null
script_on "$HOST" 'rm -rf /var/lib/tidelock'
