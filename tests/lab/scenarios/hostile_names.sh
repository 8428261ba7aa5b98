#!/usr/bin/env bash
# needs: light 1
# Names and contents that would hurt a careless shell arrive as they are, and nothing in them is run.
# shellcheck source=/dev/null disable=SC1003,SC2016,SC2034 # scripts for hosts are in single quotes; lib.sh reads settings
. "${0%/*}/lib.sh"

names=('a b' "it's" 'say "x"' $'new\nline' '$(id>PWN)' '`id>PWN`' '; id>PWN;' '&& id>PWN' '-rf' '--help' '*' '?[a-z]' '~' '#' '!'
  'grün 日本' 'back\slash' $'tab\there' '%s%n' '\0101' "'; id>PWN; '" '"; id>PWN; "' '<<EOF' 'EOF' $'\xc2\xa0' "$(printf 'x%.0s' {1..255})")
yaml() { # text: in double quotes
  local text=${1//\\/\\\\}
  text=${text//\"/\\\"} text=${text//$'\n'/\\n} text=${text//$'\t'/\\t}
  printf '"%s"' "$text"
}
mkdir images sources
head -c 3000000 /dev/urandom >sources/large # goes as an upload
printf 'a\0b\0\0' >sources/nul
printf '\xff\xfe\x80' >sources/invalid
: >sources/empty
printf 'no newline' >sources/unterminated
printf "%s\n" "'" '"' "\$(id>PWN)" '`id>PWN`' 'EOF' '\' '%s' "';id>PWN;'" >sources/shell
for name in 'a b' "it's" 'say "x"' '$(id>PWN)' '`id>PWN`' '-rf' '*' 'grün' "$(printf 'i%.0s' {1..251})"; do make_image "images/$name.sif" 70000; done
{
  printf 'node_types:\n  node:\n    images: { "/opt/my images": { from: images } }\n    directories:\n'
  for name in "${names[@]}"; do printf '      %s: { mode: "0755" }\n' "$(yaml "/opt/d/$name")"; done
  printf '    files:\n'
  for name in "${names[@]}"; do
    printf '      %s: { content: %s, mode: "0640" }\n' "$(yaml "/opt/d/$name/$name")" "$(yaml "$name")"
  done
  for source in sources/*; do printf '      /opt/s/%s: { source: %s, mode: "0644" }\n' "${source#*/}" "$source"; done
  printf '      %s: { source: sources/large }\n' "$(yaml "/opt/s/'\"\$(id>PWN) -rf")"
} >body
manifest <body

expect 'plan' 0 'Plan: * to add, 0 to change, 0 to destroy.' plan
check 'what would move the cursor is shown in other words' refuses grep -q $'[\001-\010\013-\037]' stdout
expect 'apply' 0 'Applied: *, 0 changed, 0 destroyed.' apply --auto-approve
expect 'nothing is left' 0 'No changes.*' plan --detailed-exitcode
for name in "${names[@]}"; do
  expect_same "file $(printf '%.20q' "$name")" "root:root 640 $(printf %s "$name" | sha256sum | cut -d' ' -f1)" \
    "$(like "$HOST" "/opt/d/$name/$name") $(sum_on "$HOST" "/opt/d/$name/$name" | tr -d '\\')"
done
for source in sources/*; do
  expect_same "content ${source#*/}" "$(sum_of "$source")" "$(sum_on "$HOST" "/opt/s/${source#*/}")"
done
for image in images/*; do
  expect_same "image $(printf '%.20q' "$image")" "root:root 755 $(sum_of "$image")" \
    "$(like "$HOST" "/opt/my images/${image#*/}") $(sum_on "$HOST" "/opt/my images/${image#*/}")"
done
expect_same 'nothing was run' '' "$(on "$HOST" find / -xdev -name PWN)$(find "$WORK" -name PWN)"
expect_same 'nothing else was made' $((${#names[@]})) "$(on "$HOST" find /opt/d -mindepth 1 -maxdepth 1 -printf x | wc -c)"

# What is changed goes other ways than what is new.
sed -i 's/"0640"/"0600"/; s/"0755"/"0700"/; s/content: "/content: "changed /' body
manifest <body
for image in images/*; do make_image "$image" 71000; done
head -c 3100000 /dev/urandom >sources/large
expect 'changes are applied' 0 'Applied: 0 added, * changed, 0 destroyed.' apply --auto-approve
expect 'nothing is left of them' 0 'No changes.*' plan --detailed-exitcode
expect_same 'nothing was run either' '' "$(on "$HOST" find / -xdev -name PWN)$(find "$WORK" -name PWN)"
expect_same 'nothing unfinished is left' '' "$(strays_on "$HOST")"
