#!/usr/bin/env bash
# needs: light 2
# What people do by hand on a host is found, named with its cause, and mended.
# shellcheck source=/dev/null disable=SC2016,SC2034 # scripts for hosts are in single quotes; lib.sh reads settings
. "${0%/*}/lib.sh"

drifting=${HOSTS[0]} quiet=${HOSTS[1]}
declare_all() { # mode of /opt/site
  manifest <<YAML
node_types:
  node:
    directories:
      /opt/site: { owner: root, group: root, mode: "$1" }
      /opt/site/logs: { owner: portal, group: portal, mode: "0755" }
    files:
      /opt/site/a: { content: "a\n", owner: root, group: root, mode: "0644" }
      /opt/site/b: { content: "b\n", owner: root, group: root, mode: "0600" }
      /opt/site/c: { content: "c\n", owner: root, group: root, mode: "0644" }
    images:
      /opt/apptainers: { from: images }
YAML
}
mkdir images
make_image images/one.sif 1000000
make_image images/two.sif 1000000

script_on "$drifting" 'mkdir /opt/site; echo other >/opt/site/a'
declare_all 0755
tidelock plan --json
expect_same 'what was there before is adopted' "$drifting:file:/opt/site/a update adopt" "$(changes | grep -v ' new$')"
expect 'apply' 0 'Applied: *' apply --auto-approve
expect 'nothing is left' 0 'No changes.*' plan --detailed-exitcode

script_on "$drifting" '
  chmod 0775 /opt/site/logs
  chown alice /opt/site/a
  rm /opt/site/b
  echo changed >>/opt/site/c
  touch -r /opt/apptainers/one.sif /root/times
  head -c 1000000 /dev/urandom >/root/other
  cat /root/other >/opt/apptainers/one.sif
  touch -r /root/times /opt/apptainers/one.sif'
expect 'drift is found' 2 'Plan: 1 to add, 4 to change, 0 to destroy.' plan --detailed-exitcode
expect_contains 'old and new mode are shown' 'mode  0775 → 0755'
expect_contains 'the difference of a text is shown' '-changed'
tidelock plan --json
expect_same 'the plan is as its schema says' '' "$(against_schema)"
expect_same 'it names just what drifted' "$(printf "$drifting:%s drift\n" \
  'directory:/opt/site/logs update' 'file:/opt/site/a update' 'file:/opt/site/b create' 'file:/opt/site/c update' \
  'image:/opt/apptainers/one.sif update')" "$(changes)"
expect_same 'an image of equal size and time is found by its bytes' '["sha256"]' \
  "$(jq -c '.resource_changes[] | select(.kind == "image" and .cause) | .changed' <<<"$OUT")"
expect 'apply mends it' 0 'Applied: 1 added, 4 changed, 0 destroyed.' apply --auto-approve
expect_same 'as it was declared' "$(printf '%s\n' 'portal:portal 755' 'root:root 644' 'root:root 600' 'root:root 644')" \
  "$(like "$drifting" /opt/site/logs /opt/site/a /opt/site/b /opt/site/c)"
expect_same 'files have their text again' $'b\nc' "$(on "$drifting" cat /opt/site/b /opt/site/c)"
expect_same 'the image too' "$(sum_of images/one.sif)" "$(sum_on "$drifting" /opt/apptainers/one.sif)"
expect 'and nothing is left' 0 'No changes.*' plan --detailed-exitcode

declare_all 0750
script_on "$drifting" 'chmod 0700 /opt/site'
tidelock plan --json
expect_same 'a changed manifest, and both' "$(printf '%s\n' "$drifting:directory:/opt/site update both" "$quiet:directory:/opt/site update manifest")" \
  "$(changes)"
expect 'apply' 0 'Applied: 0 added, 2 changed, 0 destroyed.' apply --auto-approve
expect_same 'mode' 'root:root 750' "$(like "$drifting" /opt/site)"
