#!/usr/bin/env bash
# needs: light 2
# takes: 40
# Users and groups: made, changed, refused, deleted; keys that no link can lead astray.
# shellcheck source=/dev/null disable=SC2016,SC2034 # scripts for hosts are in single quotes; lib.sh reads settings
. "${0%/*}/lib.sh"

key() { ssh-keygen -q -t ed25519 -N '' -C "$1" -f "$1" && cat "$1.pub"; }
one=$(key one) two=$(key two)

# Nothing that can be told apart afterwards, whatever was looked at.
accounts_of() { script_on "$1" 'cat /etc/passwd /etc/group /etc/shadow; find /home -printf "%p %u %g %m %T@\n" | sort'; }

manifest <<YAML
node_types:
  node:
    groups:
      service: { gid: 3000 }
      readers: { members: [alice, worker] }
    users:
      worker:
        uid: 3000
        group: service
        groups: [video]
        shell: /bin/bash
        comment: "It's; a \$(worker)"
        authorized_keys: ["$one", 'from="10.0.0.0/8" $two']
    directories:
      /opt/worker: { owner: worker, group: service, mode: "0750" }
YAML
sed -i 's/groups: \[video\]/groups: [video, readers]/; s/members: \[alice, worker\]/gid: 3001/' cluster.yaml
before=$(accounts_of "$HOST")
expect 'plan' 2 'Plan: 8 to add, 0 to change, 0 to destroy.' plan --detailed-exitcode
expect_same 'plan touches nothing' "$before" "$(accounts_of "$HOST")"
expect 'apply' 0 'Applied: 8 added, *' apply --auto-approve
expect 'nothing is left to do' 0 'No changes.*' plan --detailed-exitcode
expect_same 'the user is there' "worker:x:3000:3000:It's; a \$(worker):/home/worker:/bin/bash" "$(on "$HOST" getent passwd worker)"
expect_same 'in its groups' 'readers service video' "$(script_on "$HOST" 'id -nG worker | tr " " "\n" | sort | xargs')"
expect_same 'its keys' "$(printf '%s\nfrom="10.0.0.0/8" %s' "$one" "$two")" "$(on "$HOST" cat /home/worker/.ssh/authorized_keys)"
expect_same 'are its own' "$(printf 'worker:service 700\nworker:service 600')" "$(like "$HOST" /home/worker/.ssh /home/worker/.ssh/authorized_keys)"
check 'and open the door' ssh -F "$LAB_HOME/ssh_config" -i one -o IdentitiesOnly=yes -l worker "$HOST" true
expect_same 'what it owns was made after it' 'worker:service 750' "$(like "$HOST" /opt/worker)"

# --- drift, and what is in the way
script_on "$HOST" 'usermod --shell /bin/sh worker; gpasswd -d worker video; useradd --uid 4000 squatter
  echo "ssh-ed25519 AAAA intruder" >>/home/worker/.ssh/authorized_keys'
expect 'drift' 2 'Plan: 0 to add, 1 to change, 0 to destroy.' plan --detailed-exitcode
expect_contains 'of the shell' 'shell            /bin/sh → /bin/bash'
expect_contains 'of the keys' 'a line that is no key'
expect 'is mended' 0 'Applied: 0 added, 1 changed, *' apply --auto-approve
expect_same 'the intruder is out' 2 "$(on "$HOST" grep -c . /home/worker/.ssh/authorized_keys)"

cp cluster.yaml both.yaml
sed -i "s|, 'from=\"10.0.0.0/8\" $two'||" cluster.yaml
expect 'one key fewer' 0 'Applied: 0 added, 2 changed, *' apply --auto-approve
expect_same 'it is out' "$one" "$(on "$HOST" cat /home/worker/.ssh/authorized_keys)"
expect 'back' 0 'Applied: 0 added, 2 changed, *' rollback --auto-approve
expect_same 'it is in again' "$(printf '%s\nfrom="10.0.0.0/8" %s' "$one" "$two")" "$(on "$HOST" cat /home/worker/.ssh/authorized_keys)"
expect_same 'and still its own' 'worker:service 600' "$(like "$HOST" /home/worker/.ssh/authorized_keys)"
mv both.yaml cluster.yaml

script_on "$HOST" 'echo secret >/root/victim; chmod 0600 /root/victim
  su worker -c "rm -rf .ssh; mkdir .ssh; ln -s /root/victim .ssh/authorized_keys" 2>/dev/null ||
  { cd /home/worker; rm -rf .ssh; mkdir .ssh; ln -s /root/victim .ssh/authorized_keys; chown -hR worker .ssh; }'
expect 'a link is refused' 0 'Plan: 0 to add, 0 to change, 0 to destroy.' plan
expect_contains 'and named' 'a symbolic link leads to /home/worker/.ssh/authorized_keys'
expect_lacks 'what is behind it is not shown' secret
expect 'apply leaves it' 3 '*' apply --auto-approve
expect_same 'its target too' 'root:root 600 secret' "$(like "$HOST" /root/victim) $(on "$HOST" cat /root/victim)"
script_on "$HOST" 'rm -rf /home/worker/.ssh; chown root /home/worker; ln -s /etc /home/worker/.ssh'
expect 'a link to a folder too' 3 '*' apply --auto-approve
check 'nothing was written behind it' refuses on "$HOST" test -e /etc/authorized_keys
script_on "$HOST" 'rm /home/worker/.ssh; chown worker /home/worker'
expect 'without it all is well' 0 'Applied: 0 added, 1 changed, *' apply --auto-approve

sed -i 's/uid: 3000/uid: 4000/' cluster.yaml
expect 'a number that is taken' 3 '*' apply --auto-approve
expect_contains 'is said' 'uid 4000 is taken by squatter'
sed -i 's/uid: 4000/uid: 5000/' cluster.yaml
script_on "$HOST" 'setpriv --reuid worker --regid service --clear-groups sleep 300 >/dev/null 2>&1 & echo $! >/tmp/sleeper'
expect 'a number in use' 3 '*' apply --auto-approve
expect_contains 'is pending' 'pending: it has 1 process'

# --- no longer declared
manifest "$HOST" <<'YAML'
node_types: { node: {} }
YAML
expect 'a user with processes stays' 3 '*' apply --auto-approve
expect_contains 'and says so' 'pending: it has 1 process'
check 'it is there' on "$HOST" getent passwd worker
script_on "$HOST" 'kill "$(cat /tmp/sleeper)"'
gone() { ! on "$1" pgrep -u 3000 >/dev/null; }
check 'its process ends' eventually gone "$HOST"
expect 'then it goes, and what stood under it' 0 'Applied: 0 added, 0 changed, *' apply --auto-approve
check 'it is gone' refuses on "$HOST" getent passwd worker
check 'its group too' refuses on "$HOST" getent group service
check 'its home stays' on "$HOST" test -d /home/worker
expect 'nothing is left to do' 0 'No changes.*' plan --detailed-exitcode

# --- what was there before is released
manifest "$HOST" <<'YAML'
node_types: { node: { users: { alice: { shell: /bin/sh } } } }
YAML
expect 'adopt' 0 'Applied: *' apply --auto-approve
manifest "$HOST" <<'YAML'
node_types: { node: {} }
YAML
expect 'release' 0 'No changes.*' apply --auto-approve
check 'it is there' on "$HOST" getent passwd alice
