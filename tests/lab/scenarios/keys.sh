#!/usr/bin/env bash
# needs: light 1
# The keys that hold a resource back, extra images, and what is no longer declared.
# shellcheck source=/dev/null disable=SC2016,SC2034 # scripts for hosts are in single quotes; lib.sh reads settings
. "${0%/*}/lib.sh"

mkdir images
make_image images/one.sif 70000
declare_with() { # content and mode of all files, more
  manifest <<YAML
node_types:
  node:
    files:
      /opt/watched: { content: "$1", mode: "0644", detect_only: true }
      /opt/first: { content: "$1", mode: "0644", ignore: [content] }
      /opt/modeless: { content: "$1", mode: "0644", ignore: [mode] }
      /opt/protected: { content: "$1", mode: "0644", protect: true }
    images: { /opt/apptainers: { from: images } }
$2
YAML
}
declare_with one ''
script_on "$HOST" 'echo before >/opt/watched; mkdir /opt/apptainers; echo x >/opt/apptainers/extra.sif'
expect 'plan' 0 'Plan: 4 to add, 0 to change, 0 to destroy.' plan
expect_lacks 'extra images are not named' extra.sif
expect_contains 'what is only watched is shown' "! file /opt/watched on $HOST"
expect_contains 'with the reason' detect_only
expect 'JSON' 0 '}' plan --json
expect_same 'a plan with blocked and extra ones is as its schema says' '' "$(against_schema)"
expect 'extra images when asked for' 0 'Plan: 4 to add, 0 to change, 0 to destroy.' plan --show-extra
expect_contains 'they are named' "extra: image /opt/apptainers/extra.sif on $HOST: nobody declared it; it is left alone"
before=$(on "$HOST" stat /opt/apptainers/extra.sif /opt/watched)
expect 'apply' 3 'Applied: 4 added, 0 changed, 0 destroyed.' apply --auto-approve
expect_same 'what was made has everything declared' oneoneone "$(on "$HOST" cat /opt/first /opt/modeless /opt/protected)"

script_on "$HOST" 'echo mine >/opt/first; chmod 0600 /opt/modeless; chmod 0600 /opt/protected'
tidelock plan --json
expect_same 'what is ignored is no drift' "$HOST:file:/opt/protected update drift" "$(changes | grep -v detect_only)"
declare_with two ''
expect 'new content' 3 'Applied: 0 added, 2 changed, 0 destroyed.' apply --auto-approve
expect_same 'an ignored content stays' mine "$(on "$HOST" cat /opt/first)"
expect_same 'an ignored mode stays' 'two 600' "$(on "$HOST" cat /opt/modeless) $(on "$HOST" stat -c %a /opt/modeless)"
expect_same 'what is protected is mended' 'two 644' "$(on "$HOST" cat /opt/protected) $(on "$HOST" stat -c %a /opt/protected)"
expect_same 'the extra image and what is watched were never touched' "$before" "$(on "$HOST" stat /opt/apptainers/extra.sif /opt/watched)"

manifest <<'YAML'
node_types:
  node: {}
YAML
expect 'what is no longer declared goes' 0 'Plan: 0 to add, 0 to change, 3 to destroy.' plan
expect_contains 'but what is protected' 'it is protected'
expect 'apply' 0 'Applied: 0 added, 0 changed, 3 destroyed.' apply --auto-approve
expect_same 'what is protected is there' two "$(on "$HOST" cat /opt/protected)"
