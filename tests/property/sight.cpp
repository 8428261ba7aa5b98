// Looks with other eyes than the probes' whether what was declared is there.
#include <charconv>
#include <variant>

#include <fmt/format.h>
#include <sys/stat.h>

#include "engine/base/digest.hpp"
#include "engine/base/text.hpp"
#include "tests/property/accounts.hpp"
#include "tests/property/checks.hpp"

namespace tidelock::property {
namespace {

constexpr std::uint32_t permissions = 07777;

class Sight {
 public:
  Sight(const Traces& before, const Traces& after, Complaints& complaints)
      : before_(before), after_(after), complaints_(complaints) {}

  void check(const Change& change) {
    const auto& kind = change.declaration->kind;
    if (kind == "user" || kind == "group") return check_account(change);
    const auto path = real_path(after_, change.declaration->name);
    const auto trace = after_.find(path);
    if (change.action == Action::remove) {
      if (trace != after_.end()) complain(change, "it is still there");
      return;
    }
    if (trace == after_.end()) return complain(change, "it is not there");
    if (kind == "tree") return check_tree(change, path, trace->second);
    check_type(change, trace->second);
    check_dress(change, trace->second);
    check_content(change, trace->second);
    if (change.action == Action::update) check_rest(change, path, trace->second);
  }

 private:
  void complain(const Change& change, std::string_view what) {
    complaints_.push_back(
        fmt::format("{} {}: {}", change.declaration->kind, shown(change.declaration->name), what));
  }

  /// Whether an attribute was to be made as it is declared.
  static bool counts(const Change& change, std::string_view attribute) {
    return change.declaration->attributes.find(attribute) != nullptr &&
           (change.action == Action::create || !change.declaration->ignore.contains(attribute));
  }

  void check_type(const Change& change, const Trace& trace) {
    const std::uint32_t wanted = change.declaration->kind == "directory" ? S_IFDIR : S_IFREG;
    if ((trace.mode & S_IFMT) != wanted) complain(change, "it is of another type");
  }

  void check_dress(const Change& change, const Trace& trace) {
    const auto& attributes = change.declaration->attributes;
    if (counts(change, "mode") && fmt::format("{:04o}", trace.mode & permissions) != attributes.text("mode"))
      complain(change, fmt::format("its mode is {:04o}", trace.mode & permissions));
    if (counts(change, "owner") && number_of("/etc/passwd", attributes.text("owner")) != trace.uid)
      complain(change, fmt::format("its owner is {}", trace.uid));
    if (counts(change, "group") && number_of("/etc/group", attributes.text("group")) != trace.gid)
      complain(change, fmt::format("its group is {}", trace.gid));
  }

  [[nodiscard]] std::optional<std::uint32_t> number_of(std::string_view file,
                                                       std::string_view account) const {
    const auto lines = account_lines(after_, file);
    const auto line = lines.find(account);
    const std::string text = line == lines.end() ? std::string(account) : line->second.at(2);
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} ? std::optional(number) : std::nullopt;
  }

  void check_content(const Change& change, const Trace& trace) {
    for (const auto* attribute : {"content", "source", "sha256"}) {
      const auto* value = change.declaration->attributes.find(attribute);
      if (value == nullptr || !counts(change, attribute)) continue;
      const auto* hidden = std::get_if<Hidden>(value);
      auto wanted =
          hidden != nullptr ? hidden->sha256 : std::string(change.declaration->attributes.text(attribute));
      if (wanted.starts_with("sha256:")) wanted.erase(0, wanted.find(':') + 1);
      if (sha256_hex(trace.content) != wanted) complain(change, "it holds something else");
    }
  }

  /// What was not to be changed stayed as it was.
  void check_rest(const Change& change, const std::string& path, const Trace& trace) {
    const auto old_trace = before_.find(path);
    if (old_trace == before_.end()) return complain(change, "it was not there before");
    const auto& old = old_trace->second;
    const auto changes = [&](const char* attribute) { return holds(change.changed, std::string(attribute)); };
    // chown(2) takes these bits away, and that is as well: they would be another one's.
    const std::uint32_t lost = changes("owner") || changes("group") ? S_ISUID | S_ISGID : 0;
    if (!changes("mode") && old.mode != trace.mode && (old.mode & ~lost) != trace.mode)
      complain(change, fmt::format("its mode was {:04o}", old.mode & permissions));
    if (!changes("owner") && old.uid != trace.uid) complain(change, fmt::format("its owner was {}", old.uid));
    if (!changes("group") && old.gid != trace.gid) complain(change, fmt::format("its group was {}", old.gid));
    if (!changes("content") && !changes("source") && !changes("sha256") && old.content != trace.content)
      complain(change, "it held something else");
  }

  void check_tree(const Change& change, const std::string& path, const Trace& link) {
    const auto release = path.substr(0, path.rfind('/') + 1) + link.content;
    const auto index = after_.find(release + "/index");
    if (!S_ISLNK(link.mode) || index == after_.end()) return complain(change, "its link leads to no release");
    const auto& attributes = change.declaration->attributes;
    if (fmt::format("{:04o}", index->second.mode & permissions) != attributes.text("file_mode"))
      complain(change, "its files have another mode");
    if (number_of("/etc/passwd", attributes.text("owner")) != index->second.uid)
      complain(change, "its files have another owner");
  }

  void check_account(const Change& change) {
    const bool user = change.declaration->kind == "user";
    const auto lines = account_lines(after_, user ? "/etc/passwd" : "/etc/group");
    const auto line = lines.find(change.declaration->name);
    if (change.action == Action::remove) {
      if (line != lines.end()) complain(change, "it is still there");
      return;
    }
    if (line == lines.end()) return complain(change, "it is not there");
    struct Field {
      const char* attribute;
      std::size_t place;
    };
    static constexpr std::array user_fields{Field{"uid", 2}, Field{"comment", 4}, Field{"home", 5},
                                            Field{"shell", 6}};
    static constexpr std::array group_fields{Field{"gid", 2}};
    const auto check_field = [&](const Field& field) {
      const auto* value = change.declaration->attributes.find(field.attribute);
      if (value == nullptr || !counts(change, field.attribute)) return;
      const auto* number = std::get_if<std::int64_t>(value);
      const auto wanted = number != nullptr ? fmt::to_string(*number) : std::get<std::string>(*value);
      if (line->second.at(field.place) != wanted)
        complain(change, fmt::format("its {} is {}", field.attribute, shown(line->second.at(field.place))));
    };
    if (user)
      std::ranges::for_each(user_fields, check_field);
    else
      std::ranges::for_each(group_fields, check_field);
  }

  const Traces& before_;
  const Traces& after_;
  Complaints& complaints_;
};

}  // namespace

Complaints undone(const Traces& before, const Traces& after, const std::vector<const Change*>& writes) {
  Complaints complaints;
  Sight sight(before, after, complaints);
  for (const auto* change : writes) sight.check(*change);
  return complaints;
}

}  // namespace tidelock::property
