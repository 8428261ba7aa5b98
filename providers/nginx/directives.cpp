#include "providers/nginx/directives.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "engine/manifest/value_type.hpp"
#include "providers/common/keys.hpp"
#include "providers/nginx/configuration/statement.hpp"

namespace tidelock::nginx {
namespace {

/// Bytes or seconds.
std::int64_t number_of(const Node& node, std::string_view type) {
  const auto value = value_type(type).parse({.text = node.text(), .quoted = node.scalar()->quoted});
  const auto* number = value ? std::get_if<std::int64_t>(&*value) : nullptr;
  return number == nullptr ? 0 : *number;
}

class Writer {
 public:
  Writer(const Node& body, Diagnostics& diagnostics) : body_(body), diagnostics_(diagnostics) {}

  std::vector<std::string> take() && { return std::move(statements_); }

  void add(const std::vector<std::string>& words) { statements_.push_back(statement_of(words)); }

  void text(std::string_view key, const std::string& directive) {
    if (const auto* node = body_.find(key)) add({directive, std::string(node->text())});
  }

  /// All of a list in one directive.
  void words(std::string_view key, const std::string& directive) {
    const auto* node = body_.find(key);
    if (node == nullptr) return;
    auto words = node->texts();
    words.insert(words.begin(), directive);
    add(words);
  }

  /// One directive for each of a list, whose texts are several words.
  void each(std::string_view key, const std::string& directive) {
    const auto* node = body_.find(key);
    if (node == nullptr || node->sequence() == nullptr) return;
    for (const auto& item : *node->sequence()) raw(item, directive + ' ' + std::string(item.text()));
  }

  void size(std::string_view key, const std::string& directive) {
    if (const auto* node = body_.find(key)) add({directive, fmt::to_string(number_of(*node, "size"))});
  }

  void on_or_off(std::string_view key, const std::string& directive) {
    if (const auto* node = body_.find(key)) add({directive, is_true(node) ? "on" : "off"});
  }

  void headers(std::string_view key, const std::string& directive, std::string_view last) {
    const auto* node = body_.find(key);
    if (node == nullptr) return;
    for (const auto& entry : node->entries()) {
      std::vector<std::string> words{directive, entry.key, std::string(entry.value.text())};
      if (!last.empty()) words.emplace_back(last);
      add(words);
    }
  }

  void extra() {
    const auto* node = body_.find("extra");
    if (node == nullptr || node->sequence() == nullptr) return;
    for (const auto& item : *node->sequence()) raw(item, item.text());
  }

 private:
  void raw(const Node& node, std::string_view text) {
    const auto bytes = std::string(text) + (text.ends_with('}') || text.ends_with(';') ? "\n" : "\n;");
    const auto parsed = parse(bytes);
    if (!parsed || parsed->directives.size() != 1) {
      diagnostics_.error(node.at(), "Not a directive of nginx",
                         parsed ? "write one directive an entry, without the semicolon"
                                : fmt::format("nginx would not read it: {}", parsed.error().what));
      return;
    }
    statements_.push_back(statement(parsed->directives.front(), parsed->bytes));
  }

  const Node& body_;
  Diagnostics& diagnostics_;
  std::vector<std::string> statements_;
};

void add_websocket(Writer& writer) {
  writer.add({"proxy_http_version", "1.1"});
  writer.add({"proxy_set_header", "Upgrade", "$http_upgrade"});
  writer.add({"proxy_set_header", "Connection", "upgrade"});
}

/// An idle WebSocket must not be cut off after nginx's own minute.
void add_timeouts(Writer& writer, const Node& body) {
  const auto* timeouts = body.find("timeouts");
  for (const auto* what : {"connect", "read", "send"}) {
    const auto* node = timeouts == nullptr ? nullptr : timeouts->find(what);
    const bool lasting = is_true(body.find("websocket")) && std::string_view(what) != "connect";
    if (node == nullptr && !lasting) continue;
    const auto seconds = node == nullptr ? 3600 : number_of(*node, "duration");
    writer.add({fmt::format("proxy_{}_timeout", what), fmt::format("{}s", seconds)});
  }
}

}  // namespace

std::vector<std::string> location_directives(const Node& body, Diagnostics& diagnostics) {
  Writer writer(body, diagnostics);
  writer.text("alias", "alias");
  writer.text("root", "root");
  writer.words("index", "index");
  writer.words("try_files", "try_files");
  writer.text("proxy_pass", "proxy_pass");
  if (is_true(body.find("websocket"))) add_websocket(writer);
  writer.headers("headers", "proxy_set_header", "");
  writer.headers("response_headers", "add_header", "always");
  add_timeouts(writer, body);
  writer.on_or_off("buffering", "proxy_buffering");
  writer.size("max_body_size", "client_max_body_size");
  writer.words("return", "return");
  writer.extra();
  return std::move(writer).take();
}

std::vector<std::string> server_directives(const Node& body, Diagnostics& diagnostics) {
  Writer writer(body, diagnostics);
  writer.each("listen", "listen");
  writer.words("server_name", "server_name");
  if (const auto* tls = body.find("tls")) {
    writer.add({"ssl_certificate", std::string(tls->find("certificate")->text())});
    writer.add({"ssl_certificate_key", std::string(tls->find("key")->text())});
    std::vector<std::string> words{"ssl_protocols"};
    const auto* protocols = tls->find("protocols");
    std::ranges::move(
        protocols == nullptr ? std::vector<std::string>{"TLSv1.2", "TLSv1.3"} : protocols->texts(),
        std::back_inserter(words));
    writer.add(words);
  }
  writer.text("root", "root");
  writer.size("max_body_size", "client_max_body_size");
  writer.headers("headers", "proxy_set_header", "");
  if (const auto* redirect = body.find("redirect"))
    writer.add({"return", "301", std::string(redirect->text())});
  writer.extra();
  return std::move(writer).take();
}

std::vector<std::string> upstream_directives(const Node& body, Diagnostics& diagnostics) {
  Writer writer(body, diagnostics);
  if (const auto* balance = body.find("balance")) writer.add({std::string(balance->text())});
  writer.each("servers", "server");
  writer.text("keepalive", "keepalive");
  writer.extra();
  return std::move(writer).take();
}

}  // namespace tidelock::nginx
