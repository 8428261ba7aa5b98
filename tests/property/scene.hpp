#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace tidelock::property {

/// Something that somebody does to a host without Tidelock.
struct Edit {
  enum class What : std::uint8_t {
    write,       ///< a file with this text, also over one that is there
    directory,   ///< with all its parents
    link,        ///< a symbolic link that leads to the text
    hard_link,   ///< a second name, the text, for what is at the path
    fifo,        ///<
    remove,      ///< with all that is in it
    mode,        ///<
    owner,       ///<
    touch,       ///< other times, and nothing else
    add_line,    ///< the text behind the other lines of a file
    drop_lines,  ///< those that begin with the text
  };
  What what = What::write;
  std::string host = {};
  std::string path = {};
  std::string text = {};
  std::uint32_t mode = 0644;
  std::uint32_t uid = 0, gid = 0;
};

/// One resource of the manifest, or, of images and their kind, some.
struct Item {
  std::string section;  ///< "files"
  std::string key;
  std::string node_type;
  std::map<std::string, std::string> fields;  ///< values as YAML has them
};

/// One thing that happens in a case.
struct Operation {
  enum class What : std::uint8_t { apply, roll_back, edit, add, drop, alter, rename, renew_source };
  What what = What::apply;
  std::string item = {};  ///< the id of the piece that holds it
  std::string text = {};  ///< the new key, or the name of a source
  Item altered = {};
  Edit edit = {};
};

/// A case in pieces, each of which may be left out by its id: `s1` is there before everything else, `i1` may
/// be in the manifest, `o1` happens.
template <class What>
struct Piece {
  std::string id;
  What what;
};

struct Scene {
  std::uint64_t seed = 0;
  bool separate_scratch = false;
  bool looks_first = false;                  ///< a plan comes before the first apply
  std::map<std::string, std::string> hosts;  ///< their node types
  std::vector<Piece<Edit>> state;
  std::vector<Piece<Item>> items;
  std::set<std::string> declared;  ///< ids of items that are in the first manifest
  std::vector<Piece<Operation>> operations;

  /// The same without these pieces, and what refers to them.
  [[nodiscard]] Scene without(const std::set<std::string>& ids) const;
};

/// Always the same one for a seed.
[[nodiscard]] Scene make_scene(std::uint64_t seed);

/// All pieces with their ids, for people.
[[nodiscard]] std::string describe(const Scene& scene);

/// A text as YAML and Tidelock's variables leave it alone.
[[nodiscard]] std::string yaml_text(std::string_view text);

/// The manifest of what is declared at some point, with these new names ("kind:old" to "kind:new").
[[nodiscard]] std::string manifest_text(const Scene& scene, const std::vector<Item>& declared,
                                        const std::map<std::string, std::string>& moved);

}  // namespace tidelock::property
