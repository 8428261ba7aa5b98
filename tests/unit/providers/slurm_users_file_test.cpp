#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "providers/slurm/accounting/users_file.hpp"

namespace tidelock::slurm {
namespace {

class UsersFile : public testing::Test {
 protected:
  std::vector<Node::Entry> read(std::string_view text) {
    // Tests run beside each other, each in a process of its own.
    const auto folder = std::filesystem::path(testing::TempDir()) /
                        testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::create_directories(folder);
    std::ofstream(folder / "users.csv", std::ios::binary) << text;
    auto manifest = std::make_shared<SourceFile>();
    manifest->name = "site/cluster.yaml";
    manifest->directory = folder;
    Node::Scalar scalar;
    scalar.text = "users.csv";
    return read_users(Node({manifest, 1, 1}, std::move(scalar)), diagnostics_);
  }

  [[nodiscard]] std::string faults() const {
    std::string all;
    for (const auto& diagnostic : diagnostics_.sorted())
      all += to_string(diagnostic.at) + " " + diagnostic.summary + "\n";
    return all;
  }

  static const Node* association(const Node::Entry& user, std::string_view account) {
    return user.value.find("accounts")->find(account);
  }

  Diagnostics diagnostics_;
};

TEST_F(UsersFile, HasALineForEachAssociation) {
  const auto users = read(
      "user,account,default_account,qos,max_jobs\r\n# staff\nAlice,viz,viz,\"normal  "
      "moonlight\",5\n\nalice,sub,,,\nbob, viz ,,normal,\n");
  EXPECT_EQ(faults(), "");
  ASSERT_EQ(users.size(), 2U);
  EXPECT_EQ(users[0].key, "alice");
  EXPECT_EQ(users[0].value.find("default_account")->text(), "viz");
  EXPECT_EQ(association(users[0], "viz")->find("qos")->texts(),
            (std::vector<std::string>{"normal", "moonlight"}));
  EXPECT_EQ(association(users[0], "viz")->find("max_jobs")->text(), "5");
  EXPECT_NE(association(users[0], "sub"), nullptr);
  EXPECT_EQ(association(users[0], "sub")->find("max_jobs"), nullptr);
  EXPECT_EQ(to_string(association(users[1], "viz")->find("qos")->at()), "site/users.csv:6:12");
}

TEST_F(UsersFile, NamesEveryFaultWithItsPlace) {
  (void)read(
      "user,account,max_jobs,grp_tres,fairshare\n-x,viz,1,,\ny,viz,many,gpu=a,\nz,viz\n\"open,viz,1,,\nw,viz,"
      "1,gpu=2,none\n");
  EXPECT_EQ(faults(),
            "site/users.csv:2:1 Slurm name is not valid\n"
            "site/users.csv:3:7 Limit is not valid\n"
            "site/users.csv:3:12 Amount is not valid\n"
            "site/users.csv:4:1 Line has another number of fields\n"
            "site/users.csv:5:1 Line cannot be read\n"
            "site/users.csv:6:15 Number is not valid\n");
}

TEST_F(UsersFile, NeedsItsColumns) {
  EXPECT_TRUE(read("user,acount\nx,viz\n").empty());
  EXPECT_EQ(faults(), "site/users.csv:1:1 Column is missing\nsite/users.csv:1:6 Unknown column\n");
}

TEST_F(UsersFile, DoesNotTakeTwoDefaults) {
  (void)read("user,account,default_account\nx,a,a\nx,b,b\n");
  EXPECT_EQ(faults(), "site/users.csv:3:5 Lines contradict each other\n");
}

TEST_F(UsersFile, QuotesMayHoldCommasAndQuotes) {
  const auto users = read("user,account,qos\nx,viz,\"a \"\"b\"\"\"\n");
  EXPECT_EQ(faults(), "site/users.csv:2:7 Slurm name is not valid\n");
  EXPECT_EQ(users.size(), 1U);
}

}  // namespace
}  // namespace tidelock::slurm
