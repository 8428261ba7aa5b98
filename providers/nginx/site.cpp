#include "providers/nginx/site.hpp"

#include <algorithm>
#include <charconv>

#include "engine/base/text.hpp"
#include "providers/nginx/names.hpp"
#include "providers/nginx/probe.sh.hpp"
#include "providers/nginx/wish.hpp"

namespace tidelock::nginx {
namespace {

std::optional<std::int64_t> number(std::string_view text, int base) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// The records of a probe, one after the other.
class SiteReader {
 public:
  explicit SiteReader(std::span<const std::string> records) : records_(records) {}

  std::shared_ptr<const Site> read() && {
    while (place_ < records_.size()) read_one(next());
    return std::move(site_);
  }

 private:
  std::string next() { return place_ < records_.size() ? records_[place_++] : std::string(); }

  void read_one(std::string_view label) {
    if (label == "nginx") site_->answered = site_->installed = true;
    if (label == "absent") site_->installed = false;
    if (label == "too many") site_->too_many = true;
    if (label == "patterns") read_patterns(next());
    if (label == "files") read_files();
    if (label == "stat") read_stat();
    if (label == "text") read_text();
    if (label == "unreadable") site_->odd[next()] = "it may not be read";
    if (label == "kept") read_kept();
    if (label == "serving") read_connections(next());
    if (label == "owed") site_->owed = next();
  }

  void read_patterns(const std::string& lines) {
    for (const auto line : split(lines, '\n')) site_->patterns.emplace(line);
  }

  /// Names, then as many places where these are when links are followed.
  void read_files() {
    const auto count = static_cast<std::size_t>(std::max<std::int64_t>(number(next(), 10).value_or(0), 0));
    if (count > (records_.size() - place_) / 2) return;
    for (std::size_t i = 0; i < count; ++i) {
      const auto& path = records_[place_ + i];
      site_->real[path] = records_[place_ + count + i];
      site_->odd[path] = "the host did not send it whole";
    }
    place_ += 2 * count;
  }

  void read_stat() {
    const auto path = next();
    about_[path] = next();
  }

  void read_text() {
    const auto path = next();
    auto text = next();
    const auto& about = about_[path];
    const auto bar = std::min(about.find('|'), about.size());
    const auto size = number(std::string_view(about).substr(std::min(bar + 1, about.size())), 10);
    if (!about.starts_with("regular"))
      site_->odd[path] = "it is no regular file";
    else if (!size || std::cmp_not_equal(*size, text.size()))
      site_->odd[path] = "it is larger than 1 MB, holds a NUL byte, or changed meanwhile";
    else
      site_->odd.erase(path);
    site_->files[path] = std::move(text);
  }

  void read_kept() {
    const auto path = next();
    site_->kept[path] = next();
  }

  void read_connections(const std::string& counts) {
    site_->runs = true;
    for (const auto line : split(counts, '\n')) {
      const auto text = trim(line);
      const auto space = std::min(text.find(' '), text.size());
      const auto count = number(text.substr(0, space), 10);
      const auto port = number(trim(text.substr(space)), 16);
      if (count && port) site_->by_port[*port] += static_cast<std::size_t>(std::max<std::int64_t>(*count, 0));
    }
  }

  std::span<const std::string> records_;
  std::size_t place_ = 0;
  std::map<std::string, std::string> about_;
  std::shared_ptr<Site> site_ = std::make_shared<Site>();
};

}  // namespace

const std::string& Site::real_path(const std::string& path) const {
  const auto found = real.find(path);
  return found == real.end() || found->second.empty() ? path : found->second;
}

std::string_view Site::text(std::string_view path) const {
  const auto found = files.find(path);
  return found == files.end() ? std::string_view() : std::string_view(found->second);
}

std::shared_ptr<const Site> parse_site(std::span<const ProbeOutput> answers) {
  if (answers.empty()) return std::make_shared<Site>();
  return SiteReader(answers.front().records).read();
}

void ask_site(Probe& probe, std::span<const Subject> subjects) {
  Script look(embedded::nginx_probe_sh, "nginx_look");
  look.argument("/etc/nginx/tidelock/*.conf").argument("/etc/nginx/conf.d/*tidelock*.conf");
  std::set<std::string> files;
  Script kept(embedded::nginx_probe_sh, "nginx_kept");
  for (const auto& subject : subjects) {
    const auto file = subject.declaration->attributes.text("file");
    if (!file.empty()) files.emplace(file);
    if (const auto* plan = plan_of(*subject.declaration))
      for (const auto& [path, place] : plan->kept) kept.argument(path).argument(place);
  }
  for (const auto& file : files) look.argument(file);
  probe.scripts.push_back(std::move(look));
  if (!kept.arguments().empty()) probe.scripts.push_back(std::move(kept));
}

}  // namespace tidelock::nginx
