#pragma once

#include <string_view>

namespace tidelock {

// The parts of the reference that no schema says.

inline constexpr std::string_view reference_introduction = R"(# The manifest

A manifest is a YAML file that says what a cluster has to be. Tidelock reads `cluster.yaml` in the folder that it is given, or
the file itself.

It is read strictly: an unknown key, a key that stands twice, a value of the wrong type, or a name that refers to nothing is
an error, shown with its place, and all errors are shown at once. Nothing is guessed: `no` is a text and not a truth value,
`0644` without quotes is refused as a mode, and a bare number is refused as a duration or a size.

)";

inline constexpr std::string_view reference_example = R"(tidelock: 1
cluster: koo
connection: { user: portal, become: sudo, identity: ~/.ssh/id_ed25519, known_hosts: known_hosts }

nodes:
  controller:    { type: controller, address: 192.168.122.1 }
  viz-node001:   { type: viz, address: 192.168.122.252, cpus: 8, memory: 3584M, gres: { gpu: 1 } }
  node[001-002]: { type: compute, address: "192.168.122.[101-102]", cpus: 64, memory: 256G }

node_types:
  base:
    directories:
      /opt/apptainers: { owner: root, group: root, mode: "0755" }
      "/scratch/vnc_{sandboxes,sessions,logs}": { owner: portal, group: portal, mode: "0755" }
  viz:
    extends: base
    directories:
      /scratch/vnc_logs: { mode: "0775" }       # owner and group as in base
  controller: { extends: viz }
  compute:    { extends: base }
)";

inline constexpr std::string_view reference_rules = R"(## How it is put together

**Several files.** `include` brings in other files; each may hold any section. Maps come together key by key; anything else that
stands in two files is an error. A local path starts from the folder of the file that wrote it.

**Another cluster.** `extends` at the top starts from another cluster's manifest. Maps merge, and what stands here wins; lists and
single values are replaced; `nodes` is replaced as a whole; an empty value takes away what the other manifest has.

**Node types.** `extends` in a node type starts from one or several others, of which later ones win. Merging is the same. A
type that only serves as a base needs no nodes, and may leave out what those that extend it add.

**Paths as keys.** Where keys are paths, braces make several of one: `"/scratch/vnc_{sandboxes,logs}"`. They are expanded before
anything merges, so that a type can change one of several directories that its base declares together. `//`, `/./` and a `/`
at the end mean nothing; a relative path, or one with `..`, is an error.

**Host lists.** Nodes are written as in slurm.conf: `node[001-128]`, `n[1-3,7]`. With `address` they go in pairs, in order:
`node[001-002]` and `192.168.122.[101-102]`.

**Variables.** `${name}` in any key or value is replaced by what `vars` has under that name; `$${` is a literal `${`. Variables
of all files are visible everywhere; where cluster files extend each other, the nearest wins. A local path that begins with a
variable starts from the folder of the file that has the variable.

**Secrets.** Where a value may be a secret, it can be `!env NAME` (an environment variable), `!file PATH` (the bytes of a local
file, a newline at its end included) or `!command TEXT` (what a shell command prints, without the newline at its end). They are
read on this machine, when needed, and are never shown, logged or kept in a plan.

**YAML.** Anchors and aliases work within a file; merge keys (`<<`), several documents in one file and other tags are refused. In `{ }`
and `[ ]`, texts with brackets or `${name}` have to be in quotes. Editors complete and check a manifest that begins with
`# yaml-language-server: $schema=…/manifest.schema.json`.

)";

}  // namespace tidelock
