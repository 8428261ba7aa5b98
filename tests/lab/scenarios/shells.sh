#!/usr/bin/env bash
# needs: light 2
# Login shells that are not POSIX, and start-up files that talk, do not matter; images included.
# shellcheck source=/dev/null disable=SC2016,SC2034 # scripts for hosts are in single quotes; lib.sh reads settings
. "${0%/*}/lib.sh"

mkdir images
make_image images/one.sif 3000000
body='
node_types:
  node:
    directories: { "/opt/a b": { owner: root, group: root, mode: "0755" } }
    files: { "/opt/a b/c": { content: "text\n" } }
    images: { /opt/apptainers: { from: images } }'
try() { # user host
  SSH_USER=$1
  manifest "$2" <<<"$body"
  expect "$1: apply" 0 'Applied: 4 added, 0 changed, 0 destroyed.' apply --auto-approve
  expect "$1: nothing is left" 0 'No changes.*' plan --detailed-exitcode
  expect_same "$1: the image" "root:root 755 $(sum_of images/one.sif)" "$(like "$2" /opt/apptainers/one.sif) $(sum_on "$2" /opt/apptainers/one.sif)"
  expect_lacks "$1: nothing of their talk" maintenance
}
try tcshuser "${HOSTS[0]}"
try noisy "${HOSTS[1]}"
