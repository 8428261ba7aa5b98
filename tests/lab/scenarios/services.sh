#!/usr/bin/env bash
# needs: heavy
# takes: 60
# Services of a real systemd: made, changed, broken and put back, taken over from nohup, removed.
# shellcheck source=/dev/null disable=SC2016,SC2034 # scripts for hosts are in single quotes; lib.sh reads settings
. "${0%/*}/lib.sh"

HOST=viz-node001
state() { on "$HOST" systemctl show --value -p ActiveState,UnitFileState "$1" | xargs; }
nobody_runs() { ! on "$HOST" pgrep -u tl-run >/dev/null; }
appears_before() { [[ $OUT == *"$1"*"$2"* ]]; } # text text
pid() { on "$HOST" systemctl show --value -p MainPID "$1"; }
answer() { on "$HOST" curl -s "http://localhost:8004/$1"; }
unit=/etc/systemd/system/tl-api.service

# A small web server in Perl, which every Debian has: it answers with its environment, and breaks when it is told to.
cat >api.pl <<'PERL'
use IO::Socket::INET; use strict; $| = 1;
open my $conf, '<', '/etc/tl-api.conf' or die "no configuration\n"; my $word = <$conf>; chomp $word;
$SIG{HUP} = sub { open my $c, '<', '/etc/tl-api.conf'; $word = <$c>; chomp $word };
die "told to break\n" if $ENV{MODE} eq 'broken';
my $s = IO::Socket::INET->new(Listen => 5, LocalPort => $ARGV[0], ReuseAddr => 1) or die "port: $!\n";
while (1) {
  my $c = $s->accept or next; my $line = <$c>;
  my $code = $ENV{MODE} eq 'sick' ? 500 : 200;
  print $c "HTTP/1.0 $code x\r\n\r\n$ENV{MODE} $ENV{TOKEN} $word"; close $c;
}
PERL
printf 'sword$fish"' >token
declare_api() { # mode conf key...
  manifest "$HOST" <<YAML
node_types:
  node:
    groups: { tl-run: { gid: 3100 } }
    users: { tl-run: { uid: 3100, group: tl-run, system: true } }
    files:
      /opt/api.pl: { source: api.pl }
      /etc/tl-api.conf: { content: "$2\n" }
    services:
      tl-api:
        exec: [/usr/bin/perl, /opt/api.pl, "8004"]
        exec_reload: /bin/kill -HUP \$MAINPID
        user: tl-run
        environment: { MODE: "$1", TOKEN: !file token }
        port: 8004
        inputs: ["file:/etc/tl-api.conf", "file:/opt/api.pl"]
        health: { http: "http://localhost:8004/", within: 4s }
$(printf '        %s\n' "${@:3}")
YAML
}

declare_api broken one
expect 'a service that never worked' 3 'Applied: 4 added, *' apply --auto-approve
expect_contains 'is said' 'It was not there before, and is not there now.'
check 'leaves no unit behind' refuses script_on "$HOST" 'ls -d /etc/systemd/system/tl-* /etc/systemd/system/*/tl-* /var/lib/tidelock/services/tl-*'
manifest "$HOST" <<'YAML'
node_types: { node: {} }
YAML
check 'its processes end' eventually nobody_runs
expect 'and what it stood on goes' 0 'Applied: 0 added, 0 changed, 4 destroyed.' apply --auto-approve

declare_api good one
before=$(listing "$HOST")
expect 'plan' 2 'Plan: 5 to add, 0 to change, 0 to destroy.' plan --detailed-exitcode
expect_lacks 'no secret in it' sword
expect_same 'it touches nothing' "$before" "$(listing "$HOST")"
expect 'apply' 0 'Applied: 5 added, *' apply --auto-approve
expect_same 'it runs' 'active enabled' "$(state tl-api)"
expect_same 'as it was told, secret and all' 'good sword$fish" one' "$(answer x)"
expect_same 'by its user' tl-run "$(script_on "$HOST" 'ps -o user= -p "$(systemctl show --value -p MainPID tl-api)"')"
expect_same 'its secrets are root'"'"'s' "$(printf 'root:root 644\nroot:root 600')" "$(like "$HOST" $unit $unit.secrets)"
check 'no secret is in the unit' refuses on "$HOST" grep -q sword $unit
check 'nor in the ledger' refuses on "$HOST" grep -q sword /var/lib/tidelock/ledger
expect 'nothing is left to do' 0 'No changes.*' plan --detailed-exitcode

# --- inputs
first=$(pid tl-api)
declare_api good two
expect 'an input changes' 2 'Plan: 0 to add, 2 to change, 0 to destroy.' plan --detailed-exitcode
expect_contains 'it says what that does' 'service tl-api: restarted'
expect 'apply' 0 'Applied: 0 added, 2 changed, *' apply --auto-approve
expect_same 'it has read it' 'good sword$fish" two' "$(answer x)"
check 'in another process' refuses same "$first" "$(pid tl-api)"
first=$(pid tl-api)
declare_api good three 'on_change: reload'
expect 'reload' 0 'Applied: 0 added, 2 changed, *' apply --auto-approve
expect_contains 'it says so' 'service tl-api: reloaded'
expect_same 'it has read it' 'good sword$fish" three' "$(answer x)"
expect_same 'in the same process' "$first" "$(pid tl-api)"

# --- back
first=$(pid tl-api)
expect 'back to what it read before' 0 'Applied: 0 added, 2 changed, *' rollback --auto-approve
expect_same 'it has read it' 'good sword$fish" two' "$(answer x)"
check 'in another process' refuses same "$first" "$(pid tl-api)"
old=$(sum_on "$HOST" $unit)
printf 'other' >token
declare_api new two
expect 'another unit, another secret' 0 'Applied: 0 added, 1 changed, *' apply --auto-approve
expect_same 'it runs with them' 'new other two' "$(answer x)"
expect 'back' 0 'Applied: 0 added, 1 changed, *' rollback --auto-approve
expect_same 'the old unit is there' "$old" "$(sum_on "$HOST" $unit)"
expect_same 'and runs, with the old secret' 'good sword$fish" two' "$(answer x)"
expect_same 'which is root'"'"'s' "$(printf 'root:root 644\nroot:root 600')" "$(like "$HOST" $unit $unit.secrets)"
printf 'sword$fish"' >token
sed -i '/environment/s/, TOKEN: !file token//' cluster.yaml
expect 'without a secret' 0 'Applied: 0 added, 1 changed, *' apply --auto-approve
check 'its file goes' refuses on "$HOST" test -e $unit.secrets
expect 'back' 0 'Applied: 0 added, 1 changed, *' rollback --auto-approve
expect_same 'it is there again' 'good sword$fish" two' "$(answer x)"
declare_api good three 'on_change: reload'
expect 'as it was to be' 0 'Applied: *' apply --auto-approve

# --- drift
script_on "$HOST" 'systemctl disable --now --quiet tl-api'
expect 'stopped by hand' 2 'Plan: 0 to add, 1 to change, 0 to destroy.' plan --detailed-exitcode
expect 'it is started' 0 'Applied: 0 added, 1 changed, *' apply --auto-approve
expect_same 'and enabled' 'active enabled' "$(state tl-api)"
script_on "$HOST" 'echo "# by hand" >>'$unit'; chmod 0644 '$unit'.secrets'
expect 'changed by hand' 0 'Applied: 0 added, 1 changed, *' apply --auto-approve
expect_same 'as it was' "$(printf 'root:root 644\nroot:root 600')" "$(like "$HOST" $unit $unit.secrets)"

# --- what does not work is put back
for mode in sick broken; do
  good=$(sum_on "$HOST" $unit)
  declare_api "$mode" three
  expect "$mode: apply" 1 'Applied: 0 added, 0 changed, *' apply --auto-approve
  [ "$mode" = sick ] || expect_contains 'its journal tells why' 'told to break'
  [ "$mode" = broken ] || expect_contains 'it says what was wrong' 'it was not healthy within 4 s'
  expect_lacks "$mode: no secret is told" 'sword$'
  expect_contains "$mode: it says what is there now" 'What was there before is back, and runs.'
  expect_same "$mode: the old unit is back" "$good" "$(sum_on "$HOST" $unit)"
  expect_same "$mode: and answers" 'good sword$fish" three' "$(answer x)"
  expect "$mode: the plan still wants it" 2 'Plan: 0 to add, 1 to change, 0 to destroy.' plan --detailed-exitcode
done

# --- a restart that is owed
declare_api good three
expect 'all is well again' 0 '*' apply --auto-approve
script_on "$HOST" 'mkdir -p /var/lib/tidelock/services/tl-api.service; : >/var/lib/tidelock/services/tl-api.service/owed'
first=$(pid tl-api)
expect 'an owed restart is a change' 0 'Applied: 0 added, 1 changed, *' apply --auto-approve
check 'and is made' refuses same "$first" "$(pid tl-api)"

# --- a package's unit
printf '[Service]\nNice=5\n' >cron.conf
script_on "$HOST" 'printf "[Service]\nExecStart=/bin/sleep infinity\n[Install]\nWantedBy=multi-user.target\n" >/lib/systemd/system/tl-theirs.service; systemctl daemon-reload'
declare_api good three
printf '      tl-theirs: { drop_in: cron.conf }\n' >>cluster.yaml
expect 'a drop-in' 0 'Applied: 1 added, *' apply --auto-approve
expect_same 'it counts' 5 "$(on "$HOST" systemctl show --value -p Nice tl-theirs)"
first=$(pid tl-api)

# --- no longer declared
manifest "$HOST" <<'YAML'
node_types: { node: {} }
YAML
expect 'what is declared no more' 2 'Plan: 0 to add, 0 to change, *' plan --detailed-exitcode
expect_contains 'says what it stops' 'service tl-api: stopped'
check 'it is stopped before its files go' appears_before '- service tl-api' '- file /opt/api.pl'
tidelock apply --auto-approve
tidelock history
leaving=$(tail -n 1 <<<"$OUT" | cut -d' ' -f1)
check 'its unit is gone' refuses on "$HOST" test -e $unit
check 'its secrets too' refuses on "$HOST" test -e $unit.secrets
expect_same 'it does not run' 'inactive' "$(state tl-api)"
check 'the drop-in is gone' refuses on "$HOST" test -e /etc/systemd/system/tl-theirs.service.d
expect_same 'and the service runs' 'active enabled 0' "$(state tl-theirs) $(on "$HOST" systemctl show --value -p Nice tl-theirs)"
check 'its processes end' eventually nobody_runs
expect 'the user waited for its processes' 0 '*' apply --auto-approve
expect 'nothing is left to do' 0 'No changes.*' plan --detailed-exitcode
expect 'all of that comes back' 0 'Applied: *' rollback "$leaving" --auto-approve
expect_same 'it runs' 'active enabled' "$(state tl-api)"
expect_same 'as it did' 'good sword$fish" three' "$(answer x)"
tidelock apply --auto-approve
check 'its processes end' eventually nobody_runs
expect 'and goes again' 0 '*' apply --auto-approve
check 'its unit is gone' refuses on "$HOST" test -e $unit

# --- started by hand
tidelock validate
script_on "$HOST" 'echo one >/etc/tl-api.conf'
on "$HOST" tee /opt/api.pl <api.pl >/dev/null
script_on "$HOST" 'MODE=hand setpriv --reuid nobody --regid nogroup --clear-groups nohup perl /opt/api.pl 8004 >/dev/null 2>&1 & echo $! >/tmp/by-hand'
eventually answer x >/dev/null || true
declare_api good one
expect 'something else has the port' 3 '*' apply --auto-approve
expect_contains 'it is named' "port 8004 is held by process $(on "$HOST" cat /tmp/by-hand) (perl /opt/api.pl 8004)"
check 'it is left alone' on "$HOST" kill -0 "$(on "$HOST" cat /tmp/by-hand)"
declare_api good one 'take_over: true'
expect 'plan to take over' 2 'Plan: 1 to add, *' plan --detailed-exitcode
expect_contains 'says whom it ends' 'of user nobody: ended'
expect 'apply' 0 'Applied: 1 added, *' apply --auto-approve
expect_same 'the service has the port' 'good sword$fish" one' "$(answer x)"
check 'the other one is gone' refuses on "$HOST" kill -0 "$(on "$HOST" cat /tmp/by-hand)"

manifest "$HOST" <<'YAML'
node_types: { node: {} }
YAML
tidelock apply --auto-approve
script_on "$HOST" 'systemctl disable --now --quiet tl-theirs; rm /lib/systemd/system/tl-theirs.service /tmp/by-hand /etc/tl-api.conf; systemctl daemon-reload'
wipe_heavy
