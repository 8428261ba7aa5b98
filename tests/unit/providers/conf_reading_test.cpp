#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "providers/slurm/conf/reading.hpp"
#include "providers/slurm/conf/settling.hpp"

namespace tidelock::slurm {
namespace {

using Records = std::vector<std::string>;

const std::string digest(64, 'a');

Declaration declaration(std::string_view kind, std::string name, bool lead = true) {
  Declaration made;
  made.kind = kind;
  made.name = std::move(name);
  if (kind == files_kind) {
    auto plan = std::make_shared<FilesPlan>();
    plan->lead = lead;
    made.payload = std::move(plan);
  }
  return made;
}

/// What is found of one resource where the host answers with these records.
Finding finding_of(const Declaration& declared, Records records, Records jobs = {}) {
  const std::vector<ProbeOutput> answers{{std::move(records), 0}};
  const ControllerBook controller(Answers(answers).first("controller"), jobs);
  const Subject subject{.declaration = &declared, .memory = {}};
  const ProbeOptions options;
  return ConfReader(std::span(&subject, 1), Answers(answers), controller, options).finding(subject);
}

std::string unknown(const Finding& finding) {
  const auto* unknown = std::get_if<Unknown>(&finding.observation);
  return unknown == nullptr ? "" : unknown->reason;
}

Records texts(std::string text) {
  return {"configuration", "read", "/etc/slurm/slurm.conf", "file", std::move(text), "/etc/slurm/gres.conf",
          "absent",        ""};
}

TEST(ConfReader, PresentAbsentAndUnknownAreDifferent) {
  const auto partition = declaration(partition_kind, "p");
  EXPECT_TRUE(std::holds_alternative<Present>(finding_of(partition, texts("PartitionName=p\n")).observation));
  EXPECT_TRUE(std::holds_alternative<Absent>(finding_of(partition, texts("A=1\n")).observation));
  EXPECT_EQ(unknown(finding_of(partition, {})), "the host could not say what is there");
}

TEST(ConfReader, OddAnswersAreUnknown) {
  const auto partition = declaration(partition_kind, "p");
  const auto whole = texts("PartitionName=p\n");
  for (std::size_t records = 1; records < whole.size(); ++records)
    EXPECT_EQ(
        unknown(finding_of(partition, {whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(records)})),
        "the host's answer makes no sense")
        << records;
  auto odd = whole;
  odd[3] = "sort of";
  EXPECT_EQ(unknown(finding_of(partition, odd)), "the host's answer makes no sense");
  odd = whole;
  odd.insert(odd.end(), {"/etc/slurm/x.conf", "too many", ""});
  EXPECT_EQ(unknown(finding_of(partition, odd)), "the configuration includes too many files");
  odd = whole;
  odd.insert(odd.end(), {"/etc/slurm/x\n.conf", "unreadable", ""});
  EXPECT_EQ(unknown(finding_of(partition, odd)), "\"/etc/slurm/x\\n.conf\" cannot be read");
}

TEST(ConfReader, TenMegabytesAreNoConfiguration) {
  EXPECT_EQ(unknown(finding_of(declaration(partition_kind, "p"), texts(std::string(10'000'000, 'x')))),
            "/etc/slurm/slurm.conf is too long for a configuration");
}

TEST(ConfReader, DigestsAreDigestsOfFilesInTheFolder) {
  const auto files = declaration(files_kind, "/etc/slurm", false);
  const auto good = finding_of(files, {"conf digests", "present", digest + "  /etc/slurm/a.conf",
                                       digest + "  /etc/slurm/../passwd", digest + "  /elsewhere"});
  ASSERT_TRUE(std::holds_alternative<Present>(good.observation));
  EXPECT_EQ(std::get<Present>(good.observation).attributes, (Attributes{{"a.conf", "sha256:" + digest}}));
  for (const auto& record :
       {std::string("short"), std::string(64, 'g') + "  /etc/slurm/a.conf", digest, std::string("\xff")})
    EXPECT_EQ(unknown(finding_of(files, {"conf digests", "present", record})),
              "the host could not say what is there")
        << record;
  EXPECT_TRUE(std::holds_alternative<Absent>(finding_of(files, {"conf digests", "absent"}).observation));
  EXPECT_EQ(unknown(finding_of(files, {"conf digests", "whatever"})), "the host could not say what is there");
}

TEST(ConfReader, WhatNobodyAskedForSaysNothing) {
  auto records = texts("SlurmUser=root\n");
  records.insert(records.end(), {"conf digests", "present", digest + "  /etc/slurm/slurm.conf"});
  EXPECT_EQ(finding_of(declaration(files_kind, "/etc/slurm", false), records).payload, nullptr);
  EXPECT_NE(finding_of(declaration(files_kind, "/etc/slurm", true), records).payload, nullptr);
}

TEST(ConfReader, AJobWithoutNodesThatCanBeToldIsOnAnyNode) {
  auto node = declaration(node_kind, "n1");
  node.attributes = {{"cpus", std::int64_t{8}}};
  const auto held = [&](const std::string& nodes) {
    Records records{"controller", "config", "SLURM_VERSION = 22.05.8\n\n0", "partitions", "\n0",
                    "nodes",      "\n0"};
    const auto conf = texts("NodeName=n[1-2] CPUs=4\n");
    records.insert(records.end(), conf.begin(), conf.end());
    const auto finding =
        finding_of(node, records, {"jobs", "7|RUNNING|alice|viz|normal|p|" + nodes + "\n\n0"});
    return finding.obstacle ? finding.obstacle->text : "";
  };
  EXPECT_EQ(held("n2"), "");
  EXPECT_EQ(held("n[1-2]"), "pending until job 7 (running, alice) ends");
  EXPECT_EQ(held("n[1-"), "pending until job 7 (running, alice) ends");
}

}  // namespace
}  // namespace tidelock::slurm
