#include "providers/files/expand.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <system_error>

#include <fmt/format.h>

#include "engine/base/digest.hpp"
#include "engine/base/file.hpp"
#include "engine/base/text.hpp"
#include "engine/manifest/value_type.hpp"
#include "providers/common/keys.hpp"
#include "providers/files/payload.hpp"
#include "providers/files/recall.hpp"
#include "providers/files/sif.hpp"

namespace tidelock::files {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view image_suffix = ".sif";

class SectionExpander {
 public:
  SectionExpander(const Section& section, const ExpandContext& context, SourceDigests& digests,
                  Diagnostics& diagnostics)
      : section_(section), context_(context), digests_(digests), diagnostics_(diagnostics) {}

  std::vector<Placement> expand() && {
    for (const auto& entry : section_.body.entries()) {
      if (section_.name == "directories") add_directory(entry);
      if (section_.name == "files") add_file(entry);
      if (section_.name == "images") add_images(entry);
    }
    return std::move(placements_);
  }

 private:
  /// What all kinds have in common. Attributes are read by their value types; they were checked with the
  /// schema.
  [[nodiscard]] std::shared_ptr<Declaration> common(std::string kind, const Node::Entry& entry) const {
    auto declaration = std::make_shared<Declaration>();
    declaration->kind = std::move(kind);
    declaration->name = entry.key;
    declaration->path = entry.key;
    declaration->at = entry.key_at;
    declaration->asked_by = {fmt::format("node type {}", section_.node_type)};
    for (const auto* name : {"owner", "group", "mode"}) {
      const auto* node = entry.value.find(name);
      if (node == nullptr || node->scalar() == nullptr) continue;
      const auto& type = value_type(std::string_view(name) == "mode" ? "mode" : "account");
      if (auto value = type.parse({node->text(), node->scalar()->quoted}))
        declaration->attributes.set(name, *value);
    }
    declaration->after = accounts_of(declaration->attributes);
    declaration->protect = is_true(entry.value.find("protect"));
    declaration->detect_only = is_true(entry.value.find("detect_only"));
    if (const auto* ignored = entry.value.find("ignore"))
      for (auto& attribute : ignored->texts()) declaration->ignore.insert(std::move(attribute));
    return declaration;
  }

  void place(std::shared_ptr<Declaration> declaration) {
    placements_.push_back({std::move(declaration), section_.hosts});
  }

  void add_directory(const Node::Entry& entry) { place(common("directory", entry)); }

  void add_file(const Node::Entry& entry) {
    const auto* content = entry.value.find("content");
    const auto* source = entry.value.find("source");
    if ((content == nullptr) == (source == nullptr)) {
      diagnostics_.error(entry.key_at, "File needs either content or source",
                         content == nullptr ? "write `content:` with the text, or `source:` with a local file"
                                            : "it has both; keep one of them");
      return;
    }
    auto declaration = common("file", entry);
    const auto payload = content != nullptr ? written_content(*content) : sourced_content(*source);
    if (payload == nullptr) return;
    const auto* name = content != nullptr ? "content" : "source";
    declaration->attributes.set(
        name, payload->secret ? Value(Hidden{payload->sha256}) : "sha256:" + payload->sha256);
    declaration->payload = payload;
    place(std::move(declaration));
  }

  std::shared_ptr<Content> written_content(const Node& node) {
    auto payload = std::make_shared<Content>();
    payload->secret = node.scalar()->secret.has_value();
    if (payload->secret) {
      auto secret = context_.secret(node);
      if (!secret) {
        diagnostics_.error(node.at(), secret.error().summary, secret.error().detail);
        return nullptr;
      }
      payload->bytes = std::move(*secret);
    } else {
      payload->bytes = Secret(std::string(node.text()));
    }
    payload->sha256 = sha256_hex(payload->bytes->reveal());
    payload->size = payload->bytes->reveal().size();
    return payload;
  }

  std::shared_ptr<Content> sourced_content(const Node& node) {
    const auto path = local_path(node);
    auto entry = digest(node, path);
    if (!entry) return nullptr;
    auto payload = std::make_shared<Content>();
    payload->sha256 = entry->sha256;
    payload->size = entry->identity.size;
    payload->source = path;
    if (payload->size > inline_limit) return payload;
    auto bytes = read_file(path, inline_limit);
    if (!bytes || sha256_hex(*bytes) != payload->sha256) {
      diagnostics_.error(node.at(), "Source changed while it was read", shown(path.native()));
      return nullptr;
    }
    payload->bytes = Secret(std::move(*bytes));
    return payload;
  }

  std::optional<SourceDigests::Entry> digest(const Node& node, const fs::path& path) {
    auto entry = digests_.digest(path);
    if (entry) return *entry;
    diagnostics_.error(node.at(), entry.error().summary, entry.error().detail);
    return std::nullopt;
  }

  void add_images(const Node::Entry& entry) {
    const auto& from = *entry.value.find("from");
    const auto path = local_path(from);
    std::error_code error;
    if (fs::is_directory(path, error)) return add_image_folder(entry, from, path);
    if (!fs::exists(path, error)) {
      diagnostics_.refuse(from.at(), "Image source is missing",
                          fmt::format("{} does not exist", shown(path.native())));
      return;
    }
    if (path.extension() != image_suffix) {
      diagnostics_.error(from.at(), "Image source is no image",
                         fmt::format("{} does not end in .sif", shown(path.native())));
      return;
    }
    add_image(entry, from, path);
  }

  void add_image_folder(const Node::Entry& entry, const Node& from, const fs::path& folder) {
    if (const auto* pin = entry.value.find("sha256"))
      diagnostics_.error(
          pin->at(), "A folder cannot have a digest",
          fmt::format("{} is a folder; sha256 goes with a single .sif file", shown(folder.native())));
    const auto images = images_in(from, folder);
    const bool may_be_empty = is_true(entry.value.find("allow_empty"));
    if (images && images->empty() && !may_be_empty)
      diagnostics_.refuse(from.at(), "Image folder is empty",
                          fmt::format("{} holds no .sif file; is it mounted? `allow_empty: true` allows it",
                                      shown(folder.native())));
    for (const auto& image : images.value_or(std::vector<fs::path>{})) add_image(entry, from, image);
  }

  std::optional<std::vector<fs::path>> images_in(const Node& from, const fs::path& folder) {
    std::error_code error;
    std::vector<fs::path> images;
    for (auto it = fs::directory_iterator(folder, error); !error && it != fs::directory_iterator();
         it.increment(error)) {
      const auto name = it->path().filename().native();
      if (name.ends_with(image_suffix) && !name.starts_with('.')) images.push_back(it->path());
    }
    if (error) {
      diagnostics_.error(from.at(), "Cannot read source",
                         fmt::format("{}: {}", shown(folder.native()), error.message()));
      return std::nullopt;
    }
    std::ranges::sort(images);
    return images;
  }

  void add_image(const Node::Entry& entry, const Node& from, const fs::path& source) {
    const auto name = source.filename().native();
    if (!is_utf8(name)) {
      diagnostics_.error(from.at(), "Image name is not UTF-8", shown(source.native()));
      return;
    }
    if (!whole_image(from, source)) return;
    const auto known = digest(from, source);
    if (!known || !as_pinned(entry, source, known->sha256)) return;
    auto declaration = common("image", entry);
    declaration->name = (entry.key == "/" ? "" : entry.key) + '/' + name;
    declaration->path = declaration->name;
    declaration->attributes = {
        {"group", "root"}, {"mode", "0755"}, {"owner", "root"}, {"sha256", known->sha256}};
    auto payload = std::make_shared<Content>();
    payload->sha256 = known->sha256;
    payload->size = known->identity.size;
    payload->source = source;
    declaration->payload = std::move(payload);
    place(std::move(declaration));
  }

  bool whole_image(const Node& from, const fs::path& source) {
    const auto problem = problem_of(source);
    if (problem)
      diagnostics_.error(from.at(), "Image is not whole",
                         fmt::format("{}: {}", shown(source.native()), *problem));
    return !problem;
  }

  /// Why this is no whole image. Only regular files are opened: a FIFO would keep us waiting for ever.
  static std::optional<std::string> problem_of(const fs::path& source) {
    std::error_code error;
    if (!fs::is_regular_file(source, error)) return error ? error.message() : "it is not a regular file";
    const auto size = fs::file_size(source, error);
    if (error) return error.message();
    std::array<char, sif_header_size> header{};
    std::ifstream file(source, std::ios::binary);
    file.read(header.data(), header.size());
    return sif_problem(std::string_view(header.data(), static_cast<std::size_t>(file.gcount())), size);
  }

  bool as_pinned(const Node::Entry& entry, const fs::path& source, const std::string& sha256) {
    const auto* pin = entry.value.find("sha256");
    if (pin == nullptr) return true;
    const auto wanted = value_type("sha256").parse({pin->text(), pin->scalar()->quoted});
    if (wanted && *wanted == Value(sha256)) return true;
    diagnostics_.error(pin->at(), "Image has another digest",
                       fmt::format("{} has sha256 {}", shown(source.native()), sha256));
    return false;
  }

  const Section& section_;
  const ExpandContext& context_;
  SourceDigests& digests_;
  Diagnostics& diagnostics_;
  std::vector<Placement> placements_;
};

}  // namespace

std::vector<Placement> expand_section(const Section& section, const ExpandContext& context,
                                      SourceDigests& digests, Diagnostics& diagnostics) {
  return SectionExpander(section, context, digests, diagnostics).expand();
}

}  // namespace tidelock::files
