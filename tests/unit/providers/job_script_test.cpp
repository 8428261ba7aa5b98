#include <random>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "providers/slurm/jobs/script.hpp"
#include "providers/slurm/jobs/values.hpp"

namespace tidelock::slurm {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

JobScript script(std::string text) {
  return read_job_script(std::make_shared<const SourceFile>(
      SourceFile{.name = "job.sh", .directory = "/", .text = std::move(text)}));
}
JobScript with_options(const std::string& lines) { return script("#!/bin/bash\n" + lines + "\ntrue\n"); }
JobScript with_body(const std::string& body) { return script("#!/bin/bash\n" + body + "\n"); }

/// "2:9 mem=4G", in their order.
std::vector<std::string> options_of(const JobScript& script) {
  std::vector<std::string> texts;
  for (const auto& option : script.options)
    texts.push_back(fmt::format("{}:{} {}={}", option.at.line, option.at.column, option.name, option.value));
  return texts;
}

std::vector<std::string> problems_of(const JobScript& script) {
  std::vector<std::string> texts;
  for (const auto& problem : script.problems.list())
    texts.push_back(
        fmt::format("{}:{} {}: {}", problem.at.line, problem.at.column, problem.summary, problem.detail));
  return texts;
}

/// "2:7 /x.sif", "2:7 :1 vnc", "2:7 5901".
std::vector<std::string> uses_of(const JobScript& script) {
  std::vector<std::string> texts;
  for (const auto& image : script.uses.images)
    texts.push_back(fmt::format("{}:{} {}", image.at.line, image.at.column, fmt::join(image.any_of, "|")));
  for (const auto& display : script.uses.displays)
    texts.push_back(fmt::format("{}:{} :{}{}", display.at.line, display.at.column, display.number,
                                display.vnc ? " vnc" : ""));
  for (const auto& port : script.uses.ports)
    texts.push_back(fmt::format("{}:{} {}", port.at.line, port.at.column, port.port));
  return texts;
}
std::vector<std::string> uses(const std::string& body) { return uses_of(with_body(body)); }

TEST(JobScript, OptionsComeInEveryFormThatSbatchTakes) {
  EXPECT_THAT(options_of(with_options("#SBATCH --mem=4G --time 2:00:00\n"
                                      "#SBATCH\t-p viz -c2 -HJ 'a b'  # --qos=none\n"
                                      "#SBATCH --comment=\"it's # quoted\" --exclusive -k\n"
                                      "#SBATCH --part=other --tasks-per-node=\\4")),
              ElementsAre("2:9 mem=4G", "2:18 time=2:00:00", "3:9 partition=viz", "3:16 cpus-per-task=2",
                          "3:20 hold=", "3:20 job-name=a b", "4:9 comment=it's # quoted", "4:35 exclusive=",
                          "4:47 no-kill=", "5:9 partition=other", "5:22 ntasks-per-node=4"));
}

TEST(JobScript, ABackslashAtTheEndOfALineIsNothing) {
  EXPECT_THAT(options_of(with_options("#SBATCH --mem=1G\\\n#SBATCH -c 2 \\")),
              ElementsAre("2:9 mem=1G", "3:9 cpus-per-task=2"));
}

TEST(JobScript, TheLastOptionCounts) {
  const auto read = with_options("#SBATCH --mem=4G\n#SBATCH --mem=2G");
  EXPECT_EQ(read.option("mem")->value, "2G");
  EXPECT_EQ(read.option("mem")->at.line, 3U);
  EXPECT_EQ(read.option("time"), nullptr);
}

TEST(JobScript, OptionsEndAtTheFirstCommand) {
  const auto read = with_options(
      "# comment\n\n  # another\n#SBATCH --mem=1G\n #SBATCH --mem=2G\n##SBATCH --mem=3G\n"
      "# SBATCH --mem=4G\ncd /tmp\n#SBATCH --mem=5G\n#SBATCH --mem=6G");
  EXPECT_THAT(options_of(read), ElementsAre("5:9 mem=1G"));
  EXPECT_THAT(problems_of(read),
              ElementsAre("10:1 Options come too late: sbatch passes over #SBATCH lines behind the "
                          "first command; move this one up"));
  EXPECT_THAT(problems_of(with_options("cat <<EOF >job\n#SBATCH --mem=5G\nEOF")), IsEmpty());
}

TEST(JobScript, WhatSbatchRefusesIsSaid) {
  EXPECT_THAT(
      problems_of(script("echo\n")),
      ElementsAre(
          "1:1 Script has no shebang: sbatch refuses it: the first line must say which program runs the "
          "script, as #!/bin/bash"));
  EXPECT_THAT(
      problems_of(script("#!/bin/sh\r\n#SBATCH --mem=1G\r\n")),
      ElementsAre(
          "1:10 Script has DOS line ends: sbatch refuses it: lines end in CR LF; convert the file, as "
          "with `sed -i 's/\\r$//'`"));
  EXPECT_THAT(
      problems_of(script(std::string("#!/bin/sh\n\0", 11))),
      ElementsAre("2:1 Script holds a NUL byte: sbatch refuses it; this is a binary file, or one in UTF-16"));
  EXPECT_THAT(problems_of(with_options("#SBATCH --comment='x --mem=1G")),
              ElementsAre("2:19 Quote has no end: sbatch refuses the script; close the ' on this line"));
  EXPECT_THAT(
      problems_of(with_options("#SBATCH --job-name=a b --mem=1G")),
      ElementsAre(
          "2:22 Word is no option: sbatch refuses \"b\": options begin with -, and a value with blanks in "
          "it stands in quotes"));
  EXPECT_THAT(
      problems_of(with_options("#SBATCH --mem")),
      ElementsAre("2:9 Option has no value: sbatch refuses the script: --mem needs a value behind it"));
}

TEST(JobScript, UnknownOptionsMayBeThoseOfPlugins) {
  const auto read = with_options("#SBATCH --x11vnc-thing yes --mem=1G\n#SBATCH --cpus 3 --partiton=viz");
  EXPECT_THAT(options_of(read), ElementsAre("2:28 mem=1G"));
  EXPECT_THAT(problems_of(read),
              ElementsAre("3:18 Option is not known: --partiton is no option of sbatch; did you mean "
                          "--partition?"));
}

TEST(JobScript, OptionsDoNotCountWhereSomethingElseDecides) {
  EXPECT_TRUE(with_options("#SBATCH --mem={{MEMORY_GB}}G").options_count);
  EXPECT_FALSE(with_options("#SBATCH {{OPTIONS}}").options_count);
  EXPECT_FALSE(with_options("{{HEADER}}\n#SBATCH --mem=1G").options_count);
  EXPECT_FALSE(with_options("#SBATCH --mem=1G\n#SBATCH hetjob\n#SBATCH --mem=2G").options_count);
  EXPECT_TRUE(with_options("{{HEADER}}\n#SBATCH --mem=1G").problems.empty());
  EXPECT_TRUE(with_options("#SBATCH --mem=1G\n{{COMMAND}} --all").options_count);
  EXPECT_FALSE(with_options("#PBS -l mem=4gb\n#SBATCH --mem=1G").options_count);
}

TEST(JobScript, PlaceholdersAreListed) {
  const auto read = with_options(
      "#SBATCH --mem={{MEMORY_GB}}G --job-name=vnc-{{ SESSION_ID }}\n"
      "echo {{SESSION_ID}} {{not one}} {{}} {{A\nB}} {{LOG_PATH}}");
  std::vector<std::string> names;
  for (const auto& one : read.placeholders)
    names.push_back(fmt::format("{}:{} {}", one.at.line, one.at.column, one.name));
  EXPECT_THAT(names, ElementsAre("2:15 MEMORY_GB", "2:45 SESSION_ID", "4:5 LOG_PATH"));
  EXPECT_EQ(read.option("job-name")->value, "vnc-{{ SESSION_ID }}");
}

TEST(JobValues, MemoryIsInMegabytes) {
  constexpr std::uint64_t mebi = 1024 * 1024;
  EXPECT_EQ(read_memory("4"), 4 * mebi);
  EXPECT_EQ(read_memory("4G"), 4096 * mebi);
  EXPECT_EQ(read_memory("4gb"), 4096 * mebi);
  EXPECT_EQ(read_memory("1025K"), 2 * mebi);
  EXPECT_EQ(read_memory("2T"), 2048 * 1024 * mebi);
  EXPECT_EQ(read_memory("999999999999T"), unlimited - 1);
  for (const auto* text : {"", "G", "4X", "4GiB", "-1", "1.5G", "4 G"})
    EXPECT_FALSE(read_memory(text)) << text;
}

TEST(JobValues, TimesHaveAllFormsOfSlurm) {
  EXPECT_EQ(read_time("90"), 5400U);
  EXPECT_EQ(read_time("1:30"), 120U);  // rounded up to whole minutes
  EXPECT_EQ(read_time("2:00:00"), 7200U);
  EXPECT_EQ(read_time("1-2"), 93'600U);
  EXPECT_EQ(read_time("1-2:30"), 95'400U);
  EXPECT_EQ(read_time("1-2:30:00"), 95'400U);
  EXPECT_EQ(read_time("2-"), 172'800U);
  EXPECT_EQ(read_time("0"), unlimited);
  EXPECT_EQ(read_time("UNLIMITED"), unlimited);
  for (const auto* text : {"", "x", "1:", ":1", "1:2:3:4", "1-2-3", "8h"})
    EXPECT_FALSE(read_time(text)) << text;
}

TEST(JobValues, DevicesHaveNamesTypesAndCounts) {
  const auto shown = [](const std::optional<std::vector<Gres>>& list) {
    std::vector<std::string> texts;
    if (!list) return std::vector<std::string>{"none"};
    for (const auto& gres : *list) texts.push_back(fmt::format("{}={}", gres_text(gres), gres.count));
    return texts;
  };
  EXPECT_THAT(shown(read_gres("gpu")), ElementsAre("gpu=1"));
  EXPECT_THAT(shown(read_gres("gpu:2,gpu:v100,gpu:1g.5gb:3")),
              ElementsAre("gpu=2", "gpu:v100=1", "gpu:1g.5gb=3"));
  EXPECT_THAT(shown(read_gres("craynetwork:2K")), ElementsAre("craynetwork=2048"));
  EXPECT_THAT(shown(read_gres("none")), IsEmpty());
  EXPECT_THAT(shown(read_gres("gpu:0")), IsEmpty());
  EXPECT_THAT(shown(read_gres("gpu::1")), ElementsAre("none"));
  EXPECT_THAT(shown(read_gpus("2")), ElementsAre("gpu=2"));
  EXPECT_THAT(shown(read_gpus("v100:2,t4")), ElementsAre("gpu:v100=2", "gpu:t4=1"));
}

TEST(JobBody, ImagesAreFoundWhereverTheyAreLiteral) {
  EXPECT_THAT(uses("apptainer exec --nv /opt/apptainers/a.sif bash"),
              ElementsAre("2:21 /opt/apptainers/a.sif"));
  EXPECT_THAT(uses("IMAGE=\"/opt/a.sif\"\napptainer exec $IMAGE x"), ElementsAre("2:7 /opt/a.sif"));
  EXPECT_THAT(uses("DIR=/opt/apptainers\nexport APPS=$DIR/apps\nsrun singularity run '/x.sif' && run_it "
                   "${APPS}/g.sif"),
              ElementsAre("4:23 /x.sif", "4:41 /opt/apptainers/apps/g.sif"));
  EXPECT_THAT(uses("if ! ok; then\n  x \\\n  --image=/opt/a.sif\nfi"), ElementsAre("4:3 /opt/a.sif"));
  EXPECT_THAT(uses("X=$(apptainer exec /opt/a.sif date)"), ElementsAre("2:20 /opt/a.sif"));
  EXPECT_THAT(uses("apptainer build --sandbox /scratch/s /opt/a.sif"), ElementsAre("2:38 /opt/a.sif"));
  EXPECT_THAT(uses("apptainer exec /opt/{{IMAGE}}.sif x"), ElementsAre("2:16 /opt/{{IMAGE}}.sif"));
  EXPECT_THAT(uses("IMAGE=/a.sif\nif [ ! -f \"$IMAGE\" ]; then\n  echo \"Apptainer image not found: "
                   "$IMAGE\"; exit 1\nfi"),
              ElementsAre("2:7 /a.sif"));
  EXPECT_THAT(uses("apptainer -d exec --bind $HOME:/h --nv -B=$X /a.sif x"), ElementsAre("2:46 /a.sif"));
  EXPECT_THAT(uses("apptainer instance start --env A=$B /a.sif name"), ElementsAre("2:37 /a.sif"));
  EXPECT_THAT(uses("echo $'it\\'s' && X=$(echo \"a \\\" b\") && run /a.sif"), ElementsAre("2:44 /a.sif"));
  EXPECT_THAT(uses("case $D in\n gnome) IMAGE=/g.sif ;;\n *) IMAGE=/x.sif ;;\nesac"),
              ElementsAre("3:15 /g.sif|/x.sif"));
}

TEST(JobBody, ImagesThatAreNotCertainAreLeftOut) {
  for (const auto* body :
       {"A=/a.sif\nB=/b.sif\nfor i in $A \"$B\"; do try $i; done",
        "A=/a.sif\nB=(x $A)\n",
        "A=/a.sif\nB=/b.sif\n[ -f $A ] && I=$A || I=$B\napptainer run $I",
        "apptainer exec $FLAGS /a.sif x",
        "IMAGE=$1\napptainer exec $IMAGE x",
        "IMAGE=${IMAGE:-/opt/a.sif}\napptainer exec $IMAGE x",
        "DIR=$(pwd)\napptainer exec $DIR/a.sif x",
        "apptainer exec a.sif x",
        "apptainer exec ~/a.sif x",
        "apptainer exec /opt/*.sif x",
        "echo /opt/a.sif",
        "# apptainer exec /opt/a.sif",
        "ls /opt/a.sif",
        "for i in /a.sif /b.sif; do apptainer exec $i x; done",
        "read IMAGE\nIMAGE=/a.sif",
        "IMAGE=/a.sif\nIMAGE=$2\napptainer exec $IMAGE x",
        "apptainer pull /tmp/a.sif docker://x\napptainer run /tmp/a.sif",
        "cp /shared/a.sif /tmp/a.sif\napptainer run /tmp/a.sif",
        "IMAGE=/tmp/a.sif\nwget -O $IMAGE http://x\napptainer run $IMAGE",
        "IMAGE=/a.sif\nif [ -f \"$IMAGE\" ]; then apptainer run $IMAGE; else run_without; fi",
        "[ -f /a.sif ] && apptainer run /a.sif",
        "IMAGE=/a.sif\nsource site.conf\napptainer run $IMAGE",
        "[ -z \"$IMAGE\" ] && IMAGE=/a.sif",
        "try || apptainer run /a.sif",
        "ssh other apptainer run /a.sif",
        "cat <<EOF\napptainer run /a.sif\nEOF",
        "apptainer exec docker://x ls /a.sif:/b.sif",
        "IMAGES=(/a.sif /b.sif)",
        "apptainer run --bind /opt/a.sif:/mnt/b.sif $IMAGE",
        "f() { apptainer run $DIR/a.sif; }\nDIR=/opt"})
    EXPECT_THAT(uses(body), IsEmpty()) << body;
  EXPECT_THAT(uses("apptainer exec /opt/a.sif ls /inside/b.sif"), ElementsAre("2:16 /opt/a.sif"));
  EXPECT_THAT(uses("apptainer exec /opt/a.sif bash <<'E'\nrun /inside/b.sif\nE"),
              ElementsAre("2:16 /opt/a.sif"));
  EXPECT_THAT(uses("source /etc/profile.d/modules.sh\nDIR=/opt\n. /etc/profile\nx $DIR/a.sif"),
              ElementsAre("5:3 /opt/a.sif"));
  EXPECT_THAT(uses_of(script("#!/usr/bin/env python3\nIMAGE='/opt/a.sif'\n")), IsEmpty());
}

TEST(JobBody, DisplaysAreThoseOfServers) {
  EXPECT_THAT(uses("vncserver :1 -geometry 1x1"), ElementsAre("2:11 :1 vnc"));
  EXPECT_THAT(uses("export DISPLAY=:1"), ElementsAre("2:16 :1"));
  EXPECT_THAT(uses("N=3\nnohup /opt/TurboVNC/bin/vncserver \":$N\" &"), ElementsAre("3:35 :3 vnc"));
  EXPECT_THAT(uses("Xvfb :99 -screen 0 1x1x24 & DISPLAY=:99 run"), ElementsAre("2:6 :99"));
  EXPECT_THAT(uses("Xvnc :1 -rfbport 5999"), ElementsAre("2:6 :1", "2:9 5999"));
  EXPECT_THAT(uses("apptainer exec --nv $IMG bash -c \"vncserver :1 && sleep 1\""),
              ElementsAre("2:45 :1 vnc"));
  EXPECT_THAT(uses("apptainer exec $IMG bash <<'E'\nexport DISPLAY=:2\nE"), ElementsAre("3:16 :2"));
  for (const auto* body :
       {"DISPLAY=:0 vglrun x", "vncserver -kill :1", "vncserver :$1", "echo vncserver :1",
        "for i in 1 2; do vncserver :$i; done", "cat <<E\n\tE\nvncserver :1\nE",
        "cat <<-E\nvncserver :1\n\tE", "vncserver :{{N}}", "vncserver :1 || vncserver :2",
        "N=1\n((N++))\nvncserver :$N", "DISPLAY=:1\nDISPLAY=:$2", "apptainer exec --net x.sif vncserver :1",
        "pgrep -f 'Xvnc :1'", "ssh gate vncserver :1"})
    EXPECT_THAT(uses(body), IsEmpty()) << body;
}

TEST(JobBody, PortsAreThoseThatAreListenedOn) {
  EXPECT_THAT(uses("VNC_PORT=5901\nexport WS_PORT='6080'"), ElementsAre("2:10 5901", "3:16 6080"));
  EXPECT_THAT(uses("Xvnc --rfbport=5901 $D"), ElementsAre("2:6 5901"));
  EXPECT_THAT(uses("websockify --web /usr/share/novnc --heartbeat 30 6080 localhost:5901"),
              ElementsAre("2:50 6080"));
  EXPECT_THAT(uses("ttyd --port 7681 bash\ncode-server --port=8443"), ElementsAre("2:6 7681", "3:13 8443"));
  EXPECT_THAT(uses("python3 -m websockify 0.0.0.0:6080 localhost:5901 &"), ElementsAre("2:23 6080"));
  EXPECT_THAT(uses("WS_PORT=6080\n/opt/noVNC/utils/novnc_proxy --vnc localhost:1 --listen $WS_PORT"),
              ElementsAre("2:9 6080"));
  for (const auto* body : {"REDIS_PORT=6379", "mysql --port 3306", "jupyter lab --port 8888",
                           "VNC_PORT={{VNC_PORT}}", "VNC_PORT=${VNC_PORT:-5901}",
                           "VNC_PORT=5901\nwhile used $VNC_PORT; do VNC_PORT=$((VNC_PORT + 1)); done",
                           "websockify $WS_PORT localhost:5901", "VNC_PORT=99999",
                           "VNC_PORT=5901\n. ./ports.conf", "VNC_PORT=5901\nread VNC_PORT"})
    EXPECT_THAT(uses(body), IsEmpty()) << body;
}

TEST(JobScript, AnyBytesAreRead) {
  std::mt19937 random(5);
  constexpr std::string_view alphabet = "#SBATCH -\n\n =\"'`$(){}<>&|;\\*[]:0159apx/.\xff\r\t";
  const std::vector<std::string> pieces{
      "#SBATCH ", "--mem=",    "{{A}}",           "<<E\n",        "\nE\n",         "$((",        "${X:=",
      "/a.sif",   "bash -c '", "apptainer exec ", "vncserver :1", "VNC_PORT=5901", "DISPLAY=:1", "eval "};
  for (int round = 0; round < 20'000; ++round) {
    std::string text = "#!/bin/sh\n";
    for (auto left = random() % 40; left > 0; --left)
      text += random() % 3 == 0 ? pieces[random() % pieces.size()]
                                : std::string(1, alphabet[random() % alphabet.size()]);
    const auto read = script(text);
    for (const auto& option : read.options) ASSERT_LE(option.at.line, text.size()) << text;
  }
}

TEST(JobScript, HugeScriptsTakeNoLongerThanTheyAreLong) {
  for (const std::string piece : {"$(",
                                  "$(bash -c \"",
                                  "bash -c '$(",
                                  "a=(",
                                  "$'",
                                  "`",
                                  "((",
                                  "${",
                                  "\"",
                                  "'",
                                  "<<E ",
                                  "eval x\nA=/a.sif\n",
                                  "{{A}}",
                                  "{{",
                                  "A=/a.sif;",
                                  "bash -c '",
                                  "x ",
                                  "#SBATCH --x ",
                                  "[ -f /a.sif ] && ",
                                  "{{A",
                                  "vncserver :1;"}) {
    std::string text = "#!/bin/sh\n";
    while (text.size() < 400'000) text += piece;
    static_cast<void>(script(text));
    std::string lines = "#!/bin/sh\n#SBATCH ";
    while (lines.size() < 400'000) lines += piece;
    static_cast<void>(script(lines));
  }
}

TEST(JobScript, VariablesDoNotGrowWithoutEnd) {
  std::string text = "A0=/0123456789\n";
  for (int i = 1; i < 60; ++i) text += fmt::format("A{}=$A{}$A{}\n", i, i - 1, i - 1);
  EXPECT_THAT(uses(text + "run $A1.sif $A59.sif"), ElementsAre("62:5 /0123456789/0123456789.sif"));
  text = fmt::format("A={}\nrun", std::string(1000, 'x'));
  while (text.size() < 1'000'000) text += " $A";
  EXPECT_THAT(uses(text), IsEmpty());
}

}  // namespace
}  // namespace tidelock::slurm
