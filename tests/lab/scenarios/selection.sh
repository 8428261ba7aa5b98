#!/usr/bin/env bash
# needs: light 2
# Choosing what to look at and what to change.
# shellcheck source=/dev/null disable=SC2016,SC2034 # scripts for hosts are in single quotes; lib.sh reads settings
. "${0%/*}/lib.sh"

one=${HOSTS[0]} two=${HOSTS[1]}
mkdir images
make_image images/one.sif 70000
manifest <<'YAML'
node_types:
  node:
    directories: { /opt/site: { mode: "0755" }, /opt/other: { mode: "0755" } }
    files: { /opt/site/file: { content: "text\n" } }
    images: { /opt/site: { from: images } }
YAML
choose() { # what expected option...
  tidelock plan --json "${@:3}"
  expect_same "$1" "$2" "$(jq -r '.resource_changes[] | select(.actions != ["no-op"]) | .address' <<<"$OUT" | sort | paste -sd' ')"
}
all() { echo "$1:directory:/opt/other $1:directory:/opt/site $1:file:/opt/site/file $1:image:/opt/site/one.sif"; }
choose 'everything' "$(all "$one") $(all "$two")"
choose '--limit' "$(all "$two")" --limit "$two"
choose '--limit with a host list' "$(all "$one") $(all "$two")" --limit "light[${one#light}-${two#light}]"
choose '--only' "$one:directory:/opt/other $one:directory:/opt/site $two:directory:/opt/other $two:directory:/opt/site" --only directory
choose '--only twice' "$one:directory:/opt/other $one:directory:/opt/site $one:image:/opt/site/one.sif" \
  --only directory --only image --limit "$one"
choose '--target' "$one:directory:/opt/other $one:directory:/opt/site" --target "$one:directory:*"
choose '--exclude' "$one:directory:/opt/other $one:directory:/opt/site $one:file:/opt/site/file" --exclude '*.sif' --limit "$one"

expect 'an unknown host' 64 '' plan --limit light999
expect_contains 'is named' 'No such host'
expect 'a target that nothing has' 64 '' plan --target "$one:directory:/opt/sitee"
expect_contains 'with what was meant' "did you mean $one:directory:/opt/site?"
expect 'an exclude that nothing has' 64 '' apply --auto-approve --exclude '*:/opt/othr'
check 'nothing was done' refuses on "$one" test -e /opt/site
expect 'an unknown kind' 64 '' plan --only imag
expect_contains 'with what was meant' 'did you mean image?'
expect 'no option' 64 '' plan --nonsense
expect 'no verb' 64 '' paln

expect 'apply to one host' 0 'Applied: 4 added, 0 changed, 0 destroyed.' apply --auto-approve --limit "$one"
check 'the other is left alone' refuses on "$two" test -e /opt/site
check 'and has no ledger' refuses on "$two" test -e /var/lib/tidelock
expect 'apply one kind' 0 'Applied: 2 added, 0 changed, 0 destroyed.' apply --auto-approve --only directory
expect_same 'directories alone' '' "$(on "$two" ls /opt/site)"
expect 'a part is right, and that is said of the part' 0 'No changes. 2 resources *' plan --limit "$two" --only directory --detailed-exitcode
expect 'apply the rest' 0 'Applied: 2 added, 0 changed, 0 destroyed.' apply --auto-approve
expect 'nothing is left' 0 'No changes.*' plan --detailed-exitcode

manifest "$one" <<'YAML'
node_types:
  node:
    directories: { /opt/declared: {} }
    files: { /opt/p/x: { content: "x" }, /opt/q/y: { content: "y" }, /opt/declared/z: { content: "z" } }
YAML
choose 'parents of what is chosen, and no others' "$one:directory:/opt/p $one:file:/opt/p/x" --target '*:/opt/p/x'
choose 'nothing stands on what was not chosen' "$one:directory:/opt/p $one:directory:/opt/q $one:file:/opt/p/x $one:file:/opt/q/y $one:file:/opt/site/file" --only file
expect_contains 'it says so' 'it needs directory /opt/declared, which is not there and was not chosen'
expect 'apply' 3 'Applied: 2 added, 0 changed, 0 destroyed.' apply --auto-approve --target '*:/opt/p/x' --target '*/z'
check 'nothing else is made' refuses on "$one" sh -c 'ls -d /opt/q /opt/declared'
