#!/usr/bin/env bash
# needs: light 1
# Digests are remembered on both sides and can be made anew; a small change of a large image is a small transfer.
# shellcheck source=/dev/null disable=SC2016,SC2034 # scripts for hosts are in single quotes; lib.sh reads settings
. "${0%/*}/lib.sh"

mkdir images
make_image images/large.sif 100000000
manifest <<'YAML'
node_types:
  node:
    images: { /opt/apptainers: { from: images } }
YAML
expect 'apply' 0 'Applied: 2 added, 0 changed, 0 destroyed.' apply --auto-approve
sum=$(sum_of images/large.sif)
wrong=$(printf '%064d' 0)

# What each side remembers is believed; only a lie in its memory shows that.
sed -i "s/$sum/$wrong/" cache/tidelock/digests.json
expect 'our own memory is believed' 2 'Plan: 0 to add, 1 to change, 0 to destroy.' plan --detailed-exitcode
expect '--rehash reads the source again' 0 'No changes.*' plan --detailed-exitcode --rehash
expect 'and mends the memory' 0 'No changes.*' plan --detailed-exitcode
touch images/large.sif
expect 'a source that was touched is read again' 0 'No changes.*' plan --detailed-exitcode

lie() { # memory of the host about the image
  script_on "$HOST" '
    sed -i "\$d; s/\(\"memory\":\"[^\"]* \)[0-9a-f]*\"/\1$1\"/" /var/lib/tidelock/ledger
    printf "{\"sha256\":\"%s\"}\n" "$(sha256sum </var/lib/tidelock/ledger | cut -d" " -f1)" >>/var/lib/tidelock/ledger' "$1"
}
lie "$wrong"
expect 'the memory of the host is believed' 2 'Plan: 0 to add, 1 to change, 0 to destroy.' plan --detailed-exitcode
expect_lacks 'the ledger is fine otherwise' 'note:'
expect '--rehash reads the image again' 0 'No changes.*' plan --detailed-exitcode --rehash
lie "$sum"
expect 'with the truth again' 0 'No changes.*' plan --detailed-exitcode

# A flipped byte with size and time as they were: ctime(2) tells.
script_on "$HOST" '
  touch -r /opt/apptainers/large.sif /root/times
  printf X | dd of=/opt/apptainers/large.sif bs=1 seek=50000000 conv=notrunc 2>/dev/null
  touch -r /root/times /opt/apptainers/large.sif'
expect 'a flipped byte is found' 2 'Plan: 0 to add, 1 to change, 0 to destroy.' plan --detailed-exitcode
before=$(rx_of "$HOST")
expect 'apply' 0 'Applied: 0 added, 1 changed, 0 destroyed.' apply --auto-approve
check 'only the difference travels' test $(($(rx_of "$HOST") - before)) -lt 5000000
expect_same 'the image is whole' "$sum" "$(sum_on "$HOST" /opt/apptainers/large.sif)"
