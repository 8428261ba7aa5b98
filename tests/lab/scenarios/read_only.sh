#!/usr/bin/env bash
# needs: heavy
# takes: 60
# Looking leaves no trace on a host, whatever there is to see: no file, no time, no changed inode, no database, no running
# program.
# shellcheck source=/dev/null disable=SC2016,SC2034 # scripts for hosts are in single quotes; lib.sh reads settings
. "${0%/*}/lib.sh"

HOST=viz-node001

# Every file of the host but for what a login itself leaves: logs, and what is in /run. Then what has no file: services.
everything() {
  script_on "$HOST" 'find / /home /shared -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /run -o -path /var/log \) -prune \
      -o -printf "%p %y %i %n %s %m %U %G %T@ %C@ %l\n" | sort -u
    find /var/lib /var/cache /etc /opt /srv /shared -type f -exec sha256sum {} + | sort
    find /run/systemd/system /run/lock -printf "%p %i %s %m %T@ %C@\n"
    systemctl show -p Id,ActiveState,SubState,MainPID,NRestarts,UnitFileState,ActiveEnterTimestampMonotonic ro-service cron ssh'
}
# Reading a file or listing a folder changes its access time where the file system keeps those; that is all that looking does.
access_times() { script_on "$HOST" 'find /opt /srv /etc /var/lib /shared ! -type f ! -type d -printf "%p %A@\n" | sort'; }

make_tree() { # text
  mkdir -p tree
  echo "$1" >tree/index
}

mkdir images
make_image images/one.sif 1000000
make_wheel wheels tiny 1.0
echo tiny >requirements.txt
make_tree one
make_package ro-tool 1.0
make_package ro-tool 2.0
make_package ro-gone 1.0
offer_packages "$HOST"

# Every kind, and with "more" one of each that will be declared no longer.
declare_it() { # [more]
  local more=${1:-}
  manifest "$HOST" <<YAML
node_types:
  node:
    directories:
      /opt/site: { owner: root, group: root, mode: "0755" }
      ${more:+/opt/gone: {\}}
    files:
      /etc/site.conf: { content: "a\n" }
      /shared/c: { content: "c\n" }
      ${more:+/opt/site/gone: { content: x \}}
    images: { /opt/apptainers: { from: images } }
    trees:
      /opt/tree: { from: tree }
      ${more:+/opt/gone-tree: { from: tree \}}
    python_venvs: { /opt/venv: { requirements: requirements.txt, wheels: wheels } }
    groups: { ro-group: { gid: 3300 }, ${more:+ro-gone: { gid: 3301 \}} }
    users: { ro-user: { uid: 3300, group: ro-group, home: /srv/ro-user, shell: /bin/sh, authorized_keys: ["$key"] } }
    packages: { ro-tool: { version: "1.0" }, ${more:+ro-gone: {\}} }
    services:
      ro-service: { exec: [/bin/sleep, infinity], user: ro-user, environment: { TOKEN: !file token }, inputs: ["file:/etc/site.conf"] }
      ${more:+ro-gone: { exec: [/bin/sleep, infinity] \}}
YAML
}
key=$(ssh-keygen -q -t ed25519 -N '' -f key && cat key.pub)
echo token >token

# Every verb that only looks, each in the ways that ask hosts most.
look_every_way() { # what status-of-plan
  local before times
  before=$(everything)
  times=$(access_times)
  tidelock plan --detailed-exitcode
  expect_exit "$1: a plan" "$2"
  tidelock plan --rehash --show-extra --json
  local address addresses
  mapfile -t addresses < <(jq -r '.resource_changes[].address' <<<"$OUT" | sort -t: -k2,2 -u)
  tidelock plan --out saved.plan
  tidelock show saved.plan
  for address in "${addresses[@]}"; do
    tidelock explain "$address"
    check "$1: explains $address" same 0 "$STATUS"
  done
  tidelock observe --out recording
  tidelock validate
  tidelock history
  expect_same "$1: is as it was" "$before" "$(everything)"
  expect_same "$1: so are access times" "$times" "$(access_times)"
  expect_same "$1: nothing of ours runs on" '' "$(on "$HOST" pgrep -f tl_ || true)"
}

declare_it more
look_every_way 'a host without anything of ours' 2
before=$(everything)
expect 'apply' 0 'Applied: *' apply --auto-approve
check 'it would be seen if looking did what apply does' refuses same "$before" "$(everything)"
look_every_way 'a host where all is as declared' 0

# Drift of every kind, and orphans.
script_on "$HOST" 'chmod 0700 /opt/site; echo x >>/etc/site.conf; rm /opt/apptainers/one.sif; touch /opt/apptainers/extra.sif
  echo edited >/opt/tree/index; rm /opt/venv/bin/python; usermod --shell /bin/bash ro-user; groupmod --gid 3333 ro-group
  echo "ssh-ed25519 AAAA intruder" >>/srv/ro-user/.ssh/authorized_keys
  apt-get -qq -y install ro-tool >/dev/null 2>&1; systemctl --quiet stop ro-service'
declare_it
look_every_way 'a host with drift of every kind, and orphans' 2
tidelock plan --json
expect_same 'every kind was among them' 'directory file group image package python_venv service tree user' \
  "$(jq -r '.resource_changes[] | select(.cause) | .kind' <<<"$OUT" | sort -u | xargs)"

tidelock apply --auto-approve
printf 'node_types: { node: {} }\n' | manifest "$HOST"
for try in 1 2 3; do tidelock apply --auto-approve; done
script_on "$HOST" 'rm -rf /srv/ro-user /apps /opt/apptainers; : >/etc/apt/sources.list'
wipe_heavy
