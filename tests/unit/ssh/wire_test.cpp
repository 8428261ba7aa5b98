#include <gtest/gtest.h>

#include "tests/unit/ssh/keys.hpp"

namespace tidelock::ssh {
namespace {

TEST(Wire, ReadsWhatItWrote) {
  const auto bytes = "\x07" + wire_number(0x01020304) + wire_string("text") + wire_string("");
  WireReader reader(bytes);
  EXPECT_TRUE(reader.byte() == 7);
  EXPECT_EQ(reader.number(), 0x01020304U);
  EXPECT_EQ(reader.string(), "text");
  EXPECT_EQ(reader.string(), "");
  EXPECT_TRUE(reader.at_end());
  EXPECT_FALSE(reader.byte());
  EXPECT_FALSE(reader.string());
}

TEST(Wire, StopsAtAStringThatIsCutOff) {
  EXPECT_FALSE(WireReader(wire_string("text").substr(0, 7)).string());
  EXPECT_FALSE(WireReader("\xff\xff\xff\xff").string());
}

TEST(Wire, FingerprintsAreThoseOfSshKeygen) {
  EXPECT_EQ(fingerprint(parsed(key_a).blob), fingerprint_a);
  EXPECT_EQ(described(parsed(key_ecdsa)),
            "ecdsa-sha2-nistp256 SHA256:CYF+iBHOL0SHOecG74F4maApn0pX8a/N4CuO5H3QJAU");
}

TEST(Wire, AKeyIsWholeOrNone) {
  const auto blob = parsed(key_rsa).blob;
  EXPECT_EQ(public_key(blob)->type, "ssh-rsa");
  EXPECT_FALSE(public_key(blob.substr(0, blob.size() - 1)));
  EXPECT_FALSE(public_key(blob + "x"));
  EXPECT_FALSE(public_key(wire_string("ssh-rsa")));
  EXPECT_FALSE(public_key(wire_string("") + wire_string("x")));
  EXPECT_FALSE(public_key(""));
}

}  // namespace
}  // namespace tidelock::ssh
