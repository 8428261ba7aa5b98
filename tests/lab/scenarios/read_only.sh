#!/usr/bin/env bash
# needs: light 1
# Looking leaves no trace on a host: no file, no time, no changed inode.
# shellcheck source=/dev/null disable=SC2016,SC2034 # scripts for hosts are in single quotes; lib.sh reads settings
. "${0%/*}/lib.sh"

mkdir images
make_image images/one.sif 1000000
manifest <<'YAML'
node_types:
  node:
    directories:
      /opt/site: { owner: root, group: root, mode: "0755" }
      /scratch/logs: { owner: portal, group: portal, mode: "0755" }
    files:
      /etc/site.conf: { content: "a\n" }
      /home/portal/b: { content: "b\n" }
      /shared/c: { content: "c\n" }
    images:
      /opt/apptainers: { from: images }
YAML
look_every_way() {
  tidelock plan --detailed-exitcode
  local first=$STATUS
  tidelock plan --rehash --show-extra --json
  tidelock observe --out recording
  tidelock explain "$HOST:file:/etc/site.conf"
  STATUS=$first
}

before=$(listing "$HOST")
look_every_way
expect_exit 'there was something to do' 2
expect_same 'a host without anything of ours' "$before" "$(listing "$HOST")"

expect 'apply' 0 'Applied: *' apply --auto-approve
check 'the listing sees what apply does' refuses same "$before" "$(listing "$HOST")" # or it would prove nothing
script_on "$HOST" 'chmod 0700 /opt/site; echo x >>/etc/site.conf; rm /opt/apptainers/one.sif; touch /opt/apptainers/extra.sif'
before=$(listing "$HOST")
look_every_way
expect_exit 'there was drift' 2
expect_same 'a host with a ledger and drift' "$before" "$(listing "$HOST")"
expect_same 'nothing of ours runs on' '' "$(on "$HOST" pgrep -f tl_ || true)"
