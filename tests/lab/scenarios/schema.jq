# What is wrong with a document by a JSON Schema, a line each; knows the keywords that schemas/ uses in its answers.
#   jq -r --slurpfile schema SCHEMA -f schema.jq DOCUMENT
def is($wanted): if $wanted == "integer" then type == "number" and floor == . else type == $wanted end;

def problems($schema; $at):
  . as $value
  | if $schema | has("$ref") then
      problems($ARGS.named.schema[0].definitions[$schema["$ref"] | ltrimstr("#/definitions/")]; $at)
    else
      (if $schema.type and ([$schema.type] | flatten | any(. as $type | $value | is($type)) | not)
       then "\($at): is no \($schema.type)" else empty end),
      (if ($schema | has("const")) and $value != $schema.const then "\($at): is not \($schema.const)" else empty end),
      (if $schema.enum and ($schema.enum | any(. == $value) | not) then "\($at): is none of \($schema.enum)" else empty end),
      (if $schema.pattern and ($value | type) == "string" and ($value | test($schema.pattern) | not)
       then "\($at): is not like \($schema.pattern)" else empty end),
      (if $schema.minimum and ($value | type) == "number" and $value < $schema.minimum then "\($at): is too small" else empty end),
      (if $schema.oneOf and ([$schema.oneOf[] as $one | select([$value | problems($one; $at)] == [])] | length) != 1
       then "\($at): is not just one of what it may be" else empty end),
      (if ($value | type) == "array" and $schema.items
       then range($value | length) as $i | $value[$i] | problems($schema.items; "\($at)[\($i)]") else empty end),
      (if ($value | type) == "object" then
         (($schema.required // [])[] as $key | select($value | has($key) | not) | "\($at): lacks \($key)"),
         ($value | to_entries[] as $entry | ($schema.properties // {})[$entry.key] as $known
          | if $known then $entry.value | problems($known; "\($at).\($entry.key)")
            elif $schema.additionalProperties == false then "\($at): has \($entry.key)"
            elif ($schema.additionalProperties | type) == "object"
            then $entry.value | problems($schema.additionalProperties; "\($at).\($entry.key)")
            else empty end)
       else empty end)
    end;

problems($schema[0]; "document")
