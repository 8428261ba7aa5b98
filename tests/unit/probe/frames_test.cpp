#include "engine/probe/frames.hpp"

#include <gtest/gtest.h>

namespace tidelock {
namespace {

using namespace std::string_literals;

std::vector<FrameReader::Section> sections(FrameReader& reader) {
  std::vector<FrameReader::Section> found;
  while (auto event = reader.next())
    if (auto* section = std::get_if<FrameReader::Section>(&*event)) found.push_back(std::move(*section));
  return found;
}

const std::string stream =
    "Welcome to node001!\nmotd\0\0"
    "N0NCE begin files\0/a\0"
    "b c\0\0"
    "N0NCE end files 3\0noise\0"
    "N0NCE begin empty\0\0"
    "N0NCE end empty 0\0"s;

void expect_sections(FrameReader& reader) {
  const auto found = sections(reader);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].name, "files");
  EXPECT_EQ(found[0].records, (std::vector<std::string>{"/a", "b c"}));
  EXPECT_EQ(found[0].status, 3);
  EXPECT_EQ(found[1].name, "empty");
  EXPECT_TRUE(found[1].records.empty());
}

TEST(Frames, NoiseAroundSectionsIsDropped) {
  FrameReader reader("N0NCE");
  reader.feed(stream);
  expect_sections(reader);
}

TEST(Frames, MayArriveByteByByte) {
  FrameReader reader("N0NCE");
  for (const char byte : stream) reader.feed(std::string_view(&byte, 1));
  expect_sections(reader);
}

TEST(Frames, OtherNoncesAreData) {
  FrameReader reader("N0NCE");
  reader.feed("\0N0NCE begin x\0N0NCF end x 0\0N0NCE end y 0\0N0NCEend x 0\0\0N0NCE end x 0\0"s);
  const auto found = sections(reader);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].records, (std::vector<std::string>{"N0NCF end x 0", "N0NCEend x 0"}));
}

TEST(Frames, AnUnterminatedRecordIsKept) {
  FrameReader reader("N0NCE");
  reader.feed("\0N0NCE begin x\0one\0two\0N0NCE end x 0\0"s);
  const auto found = sections(reader);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].records, (std::vector<std::string>{"one", "two"}));
}

TEST(Frames, AFloodEndsInOverflow) {
  for (const auto& piece : {std::string(1000, 'x'), std::string(1000, '\0')}) {
    FrameReader reader("N0NCE", 50'000);
    reader.feed("\0N0NCE begin x\0"s);
    for (int i = 0; i < 1000; ++i) reader.feed(piece);
    bool overflow = false;
    while (auto event = reader.next())
      overflow = overflow || std::holds_alternative<FrameReader::Overflow>(*event);
    EXPECT_TRUE(overflow);
  }
}

}  // namespace
}  // namespace tidelock
