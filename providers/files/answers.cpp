#include "providers/files/answers.hpp"

#include <array>
#include <charconv>

#include <fmt/format.h>
#include <sys/stat.h>

#include "engine/base/encoding.hpp"
#include "engine/base/text.hpp"

namespace tidelock::files {
namespace {

constexpr std::uint32_t permission_bits = 07777;

std::optional<std::uint64_t> number(std::string_view digits, int base = 10) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

std::string name_or_number(std::string_view name, std::string_view id) {
  return std::string(name == "UNKNOWN" ? id : name);  // stat's word for a number without a name
}

std::optional<PathStat> parse_stat(std::string_view numbers, std::string_view user, std::string_view group) {
  const auto parts = split(numbers, ' ');
  if (parts.size() != 9) return std::nullopt;
  const auto mode = number(parts[0], 16);
  const auto links = number(parts[3]);
  const auto size = number(parts[6]);
  if (!mode || !links || !size) return std::nullopt;
  PathStat stat;
  stat.mode = static_cast<std::uint32_t>(*mode);
  stat.device = parts[1];
  stat.inode = parts[2];
  stat.links = *links;
  stat.uid = parts[4];
  stat.gid = parts[5];
  stat.size = *size;
  stat.modified = parts[7];
  stat.changed = parts[8];
  stat.user = name_or_number(user, stat.uid);
  stat.group = name_or_number(group, stat.gid);
  return stat;
}

/// Why stat could not look, from its message: the part behind the last ": ", which is strerror(3)'s text.
std::variant<PathStat, Absent, BehindNoDirectory, Unknown> meaning_of(std::string_view message) {
  const auto colon = message.rfind(": ");
  const auto reason = colon == std::string_view::npos ? message : message.substr(colon + 2);
  if (reason == "No such file or directory") return Absent{};
  if (reason == "Not a directory") return BehindNoDirectory{};
  return Unknown{printable(reason)};
}

/// Reads records one after the other.
class AnswerParser {
 public:
  explicit AnswerParser(const std::vector<std::vector<std::string>>& paths) : asked_(paths) {}

  void read(const std::vector<std::string>& records) {
    records_ = &records;
    at_ = 0;
    while (more()) read_part(take());
  }

  FileAnswers take_answers() && { return std::move(answers_); }

 private:
  [[nodiscard]] bool more() const { return at_ < records_->size(); }
  const std::string& take() { return (*records_)[at_++]; }
  /// Data begins with what no label does.
  [[nodiscard]] bool more_paths() const { return more() && (*records_)[at_].starts_with('/'); }

  void read_part(const std::string& label) {
    if (label == "stat") read_stats();
    if (label == "digests") read_digests();
    if (label == "images")
      while (more_paths()) answers_.images.push_back(take());
    if (label == "text" && more()) answers_.text = from_base64(take());
    if (label == "passwd") read_names(answers_.users);
    if (label == "group") read_names(answers_.groups);
    if (label == "space") read_spaces();
    if (label == "entries") read_entries();
    if (label == "holders") answers_.holders = Holders::parse(*records_, at_);
    if (label == "kept")
      while (more() && !is_label((*records_)[at_])) answers_.kept.insert(take());
  }

  void read_stats() {
    while (more_paths()) {
      if (records_->size() - at_ < 4) return;
      const auto& path = take();
      const auto& numbers = take();
      const auto& user = take();
      if (auto stat = parse_stat(numbers, user, take()))
        answers_.paths.insert_or_assign(path, std::move(*stat));
    }
    if (more() && take() == "errors" && more()) read_errors(take());
  }

  /// Each path that stat did not list has one message, in order. Any other number of messages means that
  /// something else spoke too, and then nothing can be said of these paths.
  void read_errors(const std::string& text) {
    if (chunk_ >= asked_.size()) return;
    std::vector<std::string> missing;
    for (const auto& path : asked_[chunk_++])
      if (!answers_.paths.contains(path)) missing.push_back(path);
    if (missing.empty()) return;
    const auto messages = split(text, '\n');
    for (std::size_t i = 0; i < missing.size(); ++i) {
      const bool paired = messages.size() == missing.size();
      answers_.paths.emplace(missing[i],
                             paired ? meaning_of(messages[i]) : Unknown{"stat gave no clear answer"});
    }
  }

  void read_digests() {
    constexpr std::size_t digest_size = 64;
    while (more() && (*records_)[at_].size() > digest_size + 2 &&
           (*records_)[at_].substr(digest_size, 3) == "  /") {
      const auto& line = take();
      answers_.digests.insert_or_assign(line.substr(digest_size + 2), line.substr(0, digest_size));
    }
  }

  static bool is_label(std::string_view word) {
    constexpr std::array<std::string_view, 8> labels{"kept",    "passwd", "group",   "space",
                                                     "digests", "text",   "entries", "holders"};
    return holds(labels, word);
  }

  /// "folder name" pairs; each folder is named once with an empty name, so that an empty one is known too.
  void read_entries() {
    while (more_paths()) {
      auto& names = answers_.entries[take()];
      if (!more()) return;
      if (const auto& name = take(); !name.empty()) names.push_back(name);
    }
  }

  void read_names(std::optional<std::set<std::string, std::less<>>>& names) {
    names.emplace();
    while (more() && !is_label((*records_)[at_])) names->insert(take());
  }

  void read_spaces() {
    while (more_paths()) {
      const auto& folder = take();
      if (!more()) return;
      const auto parts = split(take(), ' ');
      if (parts.size() != 3) continue;
      const auto blocks = number(parts[0]);
      const auto block_size = number(parts[1]);
      if (blocks && block_size)
        answers_.spaces.insert_or_assign(folder, Space{*blocks * *block_size, std::string(parts[2])});
    }
  }

  const std::vector<std::vector<std::string>>& asked_;
  std::size_t chunk_ = 0;
  const std::vector<std::string>* records_ = nullptr;
  std::size_t at_ = 0;
  FileAnswers answers_;
};

}  // namespace

bool PathStat::is_directory() const { return S_ISDIR(mode); }
bool PathStat::is_regular() const { return S_ISREG(mode); }
bool PathStat::is_symlink() const { return S_ISLNK(mode); }

std::string_view PathStat::type_name() const {
  if (is_directory()) return "a directory";
  if (is_regular()) return "a regular file";
  if (is_symlink()) return "a symbolic link";
  if (S_ISFIFO(mode)) return "a FIFO";
  if (S_ISSOCK(mode)) return "a socket";
  return "a device";
}

std::string PathStat::permissions() const { return fmt::format("{:04o}", mode & permission_bits); }

std::optional<Obstacle> wrong_type(const Declaration& declaration, const PathStat& stat) {
  const bool right = declaration.kind == "directory" ? stat.is_directory() : stat.is_regular();
  if (right) return std::nullopt;
  return Obstacle{fmt::format("{} is in the way; move it away by hand", stat.type_name()), {}};
}

FileAnswers parse_answers(std::span<const ProbeOutput> outputs,
                          const std::vector<std::vector<std::string>>& paths) {
  AnswerParser parser(paths);
  for (const auto& output : outputs) parser.read(output.records);
  return std::move(parser).take_answers();
}

}  // namespace tidelock::files
