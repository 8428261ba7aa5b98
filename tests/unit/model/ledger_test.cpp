#include "engine/model/ledger.hpp"

#include <gtest/gtest.h>

#include "engine/base/digest.hpp"

namespace tidelock {
namespace {

Ledger sample() {
  Ledger ledger{"koo", "t", "00ff", {}};
  LedgerEntry done;
  done.applied =
      Attributes{{"mode", "0755"}, {"count", std::int64_t{3}}, {"list", std::vector<std::string>{"a", "b"}}};
  done.created = true;
  done.protect = true;
  done.memory = "1 2 3";
  done.run = "r1";
  ledger.entries[{"directory", "/srv/it's\n\"odd\""}] = done;
  LedgerEntry begun;
  begun.intended = Attributes{{"mode", "0700"}};
  ledger.entries[{"file", "/x"}] = begun;
  return ledger;
}

std::string reason(std::string_view text) {
  const auto state = parse_ledger(text);
  const auto* broken = std::get_if<BrokenLedger>(&state);
  return broken == nullptr ? "not broken" : broken->reason;
}

TEST(TransferMemory, TheLatestCountsMostAndTheLedgerKeepsIt) {
  Ledger ledger{"koo", "t", "00ff", {}};
  EXPECT_EQ(ledger.transfers.rate(), std::nullopt);
  ledger.transfers = ledger.transfers.with({8'000'000, 1000}).with({2'000'000, 1500});
  const auto again = parse_ledger(format_ledger(ledger));
  ASSERT_NE(readable(again), nullptr);
  EXPECT_EQ(readable(again)->transfers, (TransferMemory{6'000'000, 2000}));
  EXPECT_EQ(readable(again)->transfers.rate(), 3e6);
}

TEST(Ledger, ComesBackAsItWasWritten) {
  const auto ledger = sample();
  const auto state = parse_ledger(format_ledger(ledger));
  const auto* again = readable(state);
  ASSERT_NE(again, nullptr);
  EXPECT_EQ(again->cluster, ledger.cluster);
  EXPECT_EQ(again->secret_key, ledger.secret_key);
  EXPECT_EQ(again->entries, ledger.entries);
}

TEST(Ledger, CutShortAnywhereIsBroken) {
  const auto text = format_ledger(sample());
  for (std::size_t size = 0; size < text.size(); ++size)
    EXPECT_EQ(readable(parse_ledger(std::string_view(text).substr(0, size))), nullptr) << size;
}

TEST(Ledger, AnyChangedByteIsNoticed) {
  const auto text = format_ledger(sample());
  for (std::size_t at = 0; at + 1 < text.size(); ++at) {
    auto changed = text;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    EXPECT_EQ(readable(parse_ledger(changed)), nullptr) << at;
  }
}

TEST(Ledger, SaysWhyItIsBroken) {
  EXPECT_EQ(reason(""), "it is cut short");
  EXPECT_EQ(reason("garbage\n"), "it is cut short");
  EXPECT_EQ(reason("{}\n{}\n"), "its digest does not match: it was cut short or changed by hand");
  const std::string newer = "{\"tidelock_ledger\":9}\n";
  EXPECT_EQ(reason(newer + "{\"sha256\":\"" + sha256_hex(newer) + "\"}\n"),
            "it has format 9, and this program knows format 1");
}

TEST(Ledger, KeepsNoSecretAndNoPlainDigestOfOne) {
  const auto ledger = sample();
  const auto digest = sha256_hex("swordfish");
  const auto stored = ledger.stored({{"content", Hidden{digest}}, {"mode", "0600"}});
  EXPECT_TRUE(stored.text("content").starts_with("hmac-sha256:"));
  EXPECT_FALSE(stored.text("content").contains(digest));
  EXPECT_EQ(stored, ledger.stored({{"content", Hidden{digest}}, {"mode", "0600"}}));
  EXPECT_NE(stored, fresh_ledger("koo").stored({{"content", Hidden{digest}}, {"mode", "0600"}}));
}

TEST(Ledger, KnowsThingsByTheirNewNames) {
  const auto ledger =
      renamed(sample(), {{"cluster", "koo", "koo2"}, {"file", "/x", "/y"}, {"file", "/none", "/z"}});
  EXPECT_EQ(ledger.cluster, "koo2");
  EXPECT_EQ(ledger.find("file", "/x"), nullptr);
  EXPECT_NE(ledger.find("file", "/y"), nullptr);
  EXPECT_EQ(ledger.entries.size(), 2U);
  EXPECT_EQ(renamed(ledger, {{"cluster", "koo", "koo2"}}).cluster, "koo2");
}

}  // namespace
}  // namespace tidelock
