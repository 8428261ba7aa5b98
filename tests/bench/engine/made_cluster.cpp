#include "tests/bench/engine/made_cluster.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <optional>
#include <set>
#include <stdexcept>

#include <fmt/format.h>
#include <unistd.h>

#include "engine/base/digest.hpp"
#include "engine/base/encoding.hpp"
#include "engine/model/ledger.hpp"
#include "engine/report/diagnostic_text.hpp"
#include "providers/context.hpp"

namespace tidelock::bench {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t directories = 30;
constexpr std::size_t files = 68;
constexpr std::size_t image_size = 8192;
constexpr std::string_view old_text = "this is what somebody wrote by hand\n";

/// A file that looks like an image: SIF's header, and behind it as much as the header promises.
std::string image_bytes(char fill) {
  constexpr std::size_t header = 4096;
  std::string bytes = "#!/usr/bin/env run-singularity\n";
  bytes.resize(32);
  bytes.append(
      "SIF_MAGIC\0"
      "01\0"
      "02\0",
      16);
  bytes.resize(image_size, fill);
  std::fill(bytes.begin() + 48, bytes.begin() + header, '\0');
  const auto put = [&](std::size_t at, std::uint64_t number) {
    for (int i = 0; i < 8; ++i, number >>= 8U) bytes[at++] = static_cast<char>(number & 0xFFU);
  };
  put(96, header);                // where descriptors begin
  put(112, header);               // where data begins
  put(120, image_size - header);  // and its size
  return bytes;
}

void write(const fs::path& path, std::string_view text) {
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

std::string directory_path(std::size_t i) { return fmt::format("/srv/site/part{:02}", i); }

void write_manifest(const fs::path& folder, std::size_t hosts) {
  constexpr auto dress = R"(owner: root, group: root, mode: "{}")";
  const auto folder_dress = fmt::format(dress, "0755");
  const auto file_dress = fmt::format(dress, "0644");
  std::string text = "tidelock: 1\ncluster: made\nnodes:\n";
  const std::array<std::string_view, 4> types{"compute", "gpu", "login", "storage"};
  for (std::size_t i = 0; i < types.size(); ++i)
    text += fmt::format("  {}[0001-{:04}]: {{ type: {} }}\n", types.at(i), hosts / types.size(), types.at(i));
  text += "node_types:\n";
  for (const auto type : types) text += fmt::format("  {}: {{ extends: base }}\n", type);
  text += "  base:\n    directories:\n";
  for (std::size_t i = 0; i < directories; ++i)
    text += fmt::format("      {}: {{ {} }}\n", directory_path(i), folder_dress);
  text += "    files:\n";
  for (std::size_t i = 0; i < files; ++i) {
    const auto path = fmt::format("{}/file{:02}.conf", directory_path(i % directories), i);
    const auto source = fmt::format("files/file{:02}.conf", i);
    write(folder / source, fmt::format("# {}\nsetting = {}\n", path, i));
    text += i % 2 == 0 ? fmt::format("      {}: {{ source: {}, {} }}\n", path, source, file_dress)
                       : fmt::format("      {}: {{ content: \"line {}\\n\", {} }}\n", path, i, file_dress);
  }
  text += fmt::format("    images:\n      {}: {{ from: images }}\n", directory_path(0));
  write(folder / "images/first.sif", image_bytes('1'));
  write(folder / "images/second.sif", image_bytes('2'));
  write(folder / "cluster.yaml", text);
}

std::string digest_of(const Declaration& declaration) {
  if (declaration.kind == "image") return std::string(declaration.attributes.text("sha256"));
  const auto source = declaration.attributes.text("source");
  const auto text = source.empty() ? declaration.attributes.text("content") : source;
  return std::string(text.substr(text.find(':') + 1));
}

/// What one host says: all of its blueprint as declared, but for one resource where there is drift.
class HostAnswers {
 public:
  HostAnswers(const Blueprint& blueprint, std::optional<std::size_t> drifted) : blueprint_(blueprint) {
    std::size_t declared = 0;
    for (const auto& item : blueprint.items)
      if (!item.declaration->implied && declared++ == drifted) drifted_ = item.declaration.get();
  }

  [[nodiscard]] HostRecording recording() const {
    HostRecording recording;
    recording.rounds.push_back(first_round());
    if (drifted_ != nullptr && drifted_->kind != "directory") recording.rounds.push_back(second_round());
    return recording;
  }

 private:
  using Records = std::vector<std::string>;

  [[nodiscard]] bool drifts(const Declaration& declaration) const { return drifted_ == &declaration; }

  [[nodiscard]] Answers first_round() const {
    Answers answers;
    answers["ledger"] = ProbeOutput{{"ledger", ledger()}, 0};
    answers["files"] = ProbeOutput{first_records(), 0};
    return answers;
  }

  [[nodiscard]] Answers second_round() const {
    Records records;
    if (drifted_->kind == "image")
      records = {"digests", other_digest() + "  " + *drifted_->path, "space", directory_path(0),
                 "1000000 4096 1"};
    else
      records = {"text", to_base64(old_text)};
    Answers answers;
    answers["files"] = ProbeOutput{std::move(records), 0};
    return answers;
  }

  static std::string other_digest() { return sha256_hex(old_text); }

  [[nodiscard]] Records first_records() const {
    Records stats{"stat"};
    Records digests{"digests"};
    Records images{"images"};
    for (const auto& item : blueprint_.items) {
      const auto& declaration = *item.declaration;
      const auto& path = *declaration.path;
      stats.insert(stats.end(), {path, numbers(declaration), "root", "root"});
      if (declaration.kind == "image") images.push_back(path);
      if (declaration.kind == "file")
        digests.push_back((drifts(declaration) ? other_digest() : digest_of(declaration)) + "  " + path);
    }
    stats.insert(stats.end(), {"errors", ""});
    std::ranges::move(digests, std::back_inserter(stats));
    std::ranges::move(images, std::back_inserter(stats));
    return stats;
  }

  [[nodiscard]] static std::size_t size_of(const Declaration& declaration) {
    return declaration.kind == "image" ? image_size : old_text.size();
  }

  /// As files_stat prints them.
  [[nodiscard]] std::string numbers(const Declaration& declaration) const {
    const bool is_directory = declaration.kind == "directory";
    const unsigned type = is_directory ? 0x4000 : 0x8000;
    const unsigned mode = declaration.kind == "file" ? 0644 : 0755;
    const unsigned other = is_directory && drifts(declaration) ? 0055 : 0;
    return fmt::format("{:x} 65024 {} {} 0 0 {} {} {}", type | (mode & ~other), inode(declaration),
                       is_directory ? 2 : 1, size_of(declaration), modified(drifts(declaration)),
                       "1700000000.5");
  }

  static std::size_t inode(const Declaration& declaration) {
    return std::hash<std::string>()(declaration.name) % 1'000'000;
  }

  static std::string_view modified(bool lately) {
    return lately ? "1750000000.123456789" : "1700000000.123456789";
  }

  [[nodiscard]] std::string ledger() const {
    Ledger ledger{"made", "0123456789abcdef0123456789abcdef", {}};
    for (const auto& item : blueprint_.items) {
      const auto& declaration = *item.declaration;
      if (declaration.implied) continue;
      auto& entry = ledger.entries[{declaration.kind, declaration.name}];
      entry.applied = declaration.attributes;
      entry.created = true;
      entry.run = "20250101-120000-0123";
      if (declaration.kind == "image")
        entry.memory = fmt::format("65024 {} {} {} {} {}", inode(declaration), image_size, modified(false),
                                   "1700000000.5", digest_of(declaration));
    }
    return format_ledger(ledger);
  }

  const Blueprint& blueprint_;
  const Declaration* drifted_ = nullptr;
};

}  // namespace

MadeCluster::MadeCluster(std::size_t hosts, Drift drift) {
  auto name = (fs::temp_directory_path() / "tidelock-bench-XXXXXX").native();
  if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make a temporary folder");
  folder_ = name;
  write_manifest(folder_, hosts);
  const Registry registry(make_providers({cache(), false}));
  const Schema schema(registry.fragments());
  Diagnostics diagnostics;
  const auto manifest = load_manifest(this->manifest(), schema, diagnostics);
  if (!manifest) throw std::runtime_error(diagnostics_text(diagnostics, Style(false)));
  const ExpandContext context{*manifest, {}};
  const auto graph = build_graph(context, registry, diagnostics);
  if (diagnostics.has_errors()) throw std::runtime_error(diagnostics_text(diagnostics, Style(false)));
  if (graph.resources() != hosts * resources_per_host)
    throw std::runtime_error("the made cluster has other resources");
  std::size_t number = 0;
  for (const auto& host : graph.hosts) {
    const auto drifted = drift == Drift::none ? std::nullopt : std::optional(number++ % resources_per_host);
    recording_.emplace(host.node->name, HostAnswers(*host.blueprint, drifted).recording());
  }
}

MadeCluster::~MadeCluster() {
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

}  // namespace tidelock::bench
