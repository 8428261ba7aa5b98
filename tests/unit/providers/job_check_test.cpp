#include <random>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/report/diagnostic_text.hpp"
#include "providers/slurm/jobs/check.hpp"

namespace tidelock::slurm {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr std::uint64_t mebi = 1024 * 1024;
constexpr std::uint64_t hour = 3600;

std::shared_ptr<const SourceFile> file(std::string name, std::string text) {
  return std::make_shared<const SourceFile>(
      SourceFile{.name = std::move(name), .directory = "/", .text = std::move(text)});
}

JobTemplate job(const std::string& name, const std::string& text) {
  return {"/opt/portal/jobs/" + name,
          read_job_script(file("jobs/" + name, "#!/bin/bash\n" + text)),
          "portal",
          {},
          {}};
}
/// One line of options.
JobTemplate asking(const std::string& options) { return job("j.sh", "#SBATCH " + options + "\ntrue\n"); }
JobTemplate asking(const std::string& options, std::vector<Parameter> parameters) {
  auto result = asking(options);
  result.parameters = std::move(parameters);
  return result;
}

ClusterPartition partition(std::string name, std::vector<std::string> nodes) {
  ClusterPartition result;
  result.name = std::move(name);
  result.nodes = std::move(nodes);
  return result;
}

/// The site: one viz node with two GPUs and 3584 MB, two compute nodes, QoS moonlight.
ClusterFacts site() {
  ClusterFacts facts;
  facts.nodes = {{"viz-node001", 8, 3584 * mebi, GresCounts{{"gpu:t4", 2}}},
                 {"node001", 64, 256 * 1024 * mebi, GresCounts{}},
                 {"node002", 64, 256 * 1024 * mebi, GresCounts{}}};
  auto viz = partition("viz", {"viz-node001"});
  auto group1 = partition("group1", {"node001", "node002"});
  viz.max_time = 12 * hour;
  group1.is_default = true;
  viz.allow_qos = {"moonlight", "normal"};
  group1.allow_qos = {"normal"};
  group1.allow_accounts = {"research"};
  facts.partitions = {viz, group1};
  facts.qos = {{"normal", {}, {}, {}},
               {"moonlight", 8 * hour, {}, {{"gres/gpu", 2}}},
               {"urgent", {}, {{"cpu", 4}, {"mem", 1024 * mebi}}, {}}};
  facts.accounts = {{"portal", {}}, {"research", {}}, {"lab", "research"}};
  facts.users = {{"portal", "portal", {{"portal", {{{"normal", "moonlight"}}, "normal"}}, {"lab", {}}}},
                 {"alice", "research", {{"research", {{{"normal"}}, "normal"}}}}};
  const std::set<std::string> images{"/opt/apptainers/vnc_desktop.sif", "/opt/apptainers/vnc_gnome.sif"};
  facts.images = {{{"viz-node001", images}, {"node001", {}}, {"node002", {}}}, {"/shared", "/home"}};
  return facts;
}

std::string checked(const std::vector<JobTemplate>& jobs, const ClusterFacts& facts = site()) {
  return diagnostics_text(check_jobs(jobs, facts), Style(false));
}
std::string checked(const JobTemplate& job, const ClusterFacts& facts = site()) {
  return checked(std::vector{job}, facts);
}

TEST(JobCheck, AGoodTemplateHasNoProblem) {
  EXPECT_EQ(checked(job("gedit_vnc_job.sh", R"(#SBATCH --job-name=gedit_{{SESSION_ID}}
#SBATCH --partition=viz --qos=normal
#SBATCH --cpus-per-task=2 --mem=2G --time=2:00:00 --gres=gpu:1
IMAGE=/opt/apptainers/vnc_desktop.sif
vncserver :1
apptainer exec --nv "$IMAGE" gedit
)")),
            "");
}

// The troubles that the site met.

TEST(JobCheck, MemoryThatNoNodeHas) {
  EXPECT_EQ(checked(job("gedit_vnc_job.sh", "#SBATCH --partition=viz\n#SBATCH --mem=4G\ntrue\n")),
            R"(jobs/gedit_vnc_job.sh:3:9: error: Job asks for more memory than any node has
  --mem=4G, and no node of partition viz has more than 3584M (viz-node001): Slurm refuses it (Memory specification can not be satisfied); ask for 3584M or less
    3 | #SBATCH --mem=4G
      |         ^
1 error.
)");
}

TEST(JobCheck, MemoryThatAParameterMayAskFor) {
  auto moonlight = asking("-p viz --mem={{MEMORY_GB}}G", {{"MEMORY_GB", {"1-8"}, {}}});
  moonlight.parameters[0].at = {file("cluster.yaml", "a\nb: { MEMORY_GB: 1-8 }\n"), 2, 17};
  moonlight.declared_at = {moonlight.parameters[0].at.file, 1, 1};
  EXPECT_EQ(checked(moonlight),
            R"(jobs/j.sh:2:16: error: Job asks for more memory than any node has
  --mem=8G (MEMORY_GB = 8), and no node of partition viz has more than 3584M (viz-node001): Slurm refuses it (Memory specification can not be satisfied); ask for 3584M or less
    2 | #SBATCH -p viz --mem={{MEMORY_GB}}G
      |                ^
cluster.yaml:2:17: note: the value comes from here
    2 | b: { MEMORY_GB: 1-8 }
      |                 ^
cluster.yaml:1:1: note: the template is declared here
    1 | a
      | ^
1 error.
)");
}

TEST(JobCheck, AnImageThatIsNotOnTheNodes) {
  EXPECT_EQ(checked(job("vnc.sh",
                        "#SBATCH -p viz\nIMAGE=/opt/apptainers/vnc_desktp.sif\napptainer exec $IMAGE x\n")),
            R"(jobs/vnc.sh:3:7: error: Image is not on every node of the partition
  /opt/apptainers/vnc_desktp.sif is not put on viz-node001, where partition viz may run this job (Apptainer image not found); declare the image for these nodes, or name one that is there; did you mean /opt/apptainers/vnc_desktop.sif?
    3 | IMAGE=/opt/apptainers/vnc_desktp.sif
      |       ^
1 error.
)");
  EXPECT_THAT(checked(job("vnc.sh", "#SBATCH -p group1 -A research\nrun /opt/apptainers/vnc_gnome.sif\n")),
              HasSubstr("is not put on node[001-002], where partition group1 may run this job"));
}

TEST(JobCheck, AQosThatDoesNotExist) {
  EXPECT_EQ(checked(asking("-p viz --qos=moonligth")),
            R"(jobs/j.sh:2:16: error: QoS does not exist
  "moonligth" is no QoS of the cluster (Slurm: Invalid qos specification); did you mean "moonlight"?
    2 | #SBATCH -p viz --qos=moonligth
      |                ^
1 error.
)");
}

TEST(JobCheck, AQosThatTheUserLacks) {
  EXPECT_EQ(checked(asking("-p viz --qos=urgent")),
            R"(jobs/j.sh:2:16: error: User lacks the QoS
  --qos=urgent, and portal has in account portal only moonlight, normal: sbatch refuses the job (Invalid qos specification); add urgent to the user's qos
    2 | #SBATCH -p viz --qos=urgent
      |                ^
jobs/j.sh:2:16: error: Partition does not take the QoS
  --qos=urgent: partition viz takes jobs with only QoS moonlight, normal
    2 | #SBATCH -p viz --qos=urgent
      |                ^
2 errors.
)");
}

TEST(JobCheck, TwoTemplatesThatFixOneDisplayAndItsPort) {
  const auto gedit = job("gedit.sh", "#SBATCH -p viz\nvncserver :1\nVNC_PORT=5901\n");
  const auto desktop = job("desktop.sh", "#SBATCH -p viz\nexport VNC_PORT=5901\nXvnc :1\n");
  EXPECT_EQ(checked({gedit, desktop}),
            R"(jobs/desktop.sh:4:6: error: Two job templates fix the same display
  display :1, and with it port 5901, is fixed here and in /opt/portal/jobs/gedit.sh: two such jobs on one of viz-node001 disturb each other; let the portal choose it for each session
    4 | Xvnc :1
      |      ^
jobs/gedit.sh:3:11: note: the other one is here
    3 | vncserver :1
      |           ^
1 error.
)");
}

TEST(JobCheck, TemplatesAsPortalsWriteThem) {
  auto vnc = job("vnc_job_template.sh", R"sh(#SBATCH --job-name=vnc_{{SESSION_ID}}
#SBATCH --partition=vnc              # an older name
#SBATCH --nodes=1 --ntasks=1
#SBATCH --cpus-per-task=4
#SBATCH --mem={{MEMORY_GB}}G
#SBATCH --gres=gpu:1
#SBATCH --time={{TIME_HOURS}}:00:00
#SBATCH --output={{LOG_PATH}}/vnc_%j.out

set -euo pipefail
SANDBOX_PATH="{{SANDBOX_PATH}}"
VNC_PORT={{VNC_PORT}}
WS_PORT={{WS_PORT}}
DISPLAY_NUM=$((VNC_PORT - 5900))
trap 'vncserver -kill ":${DISPLAY_NUM}" || true' EXIT
cat >"/scratch/vnc_sessions/{{SESSION_ID}}.json" <<JSON
{ "node": "$(hostname)", "image": "/opt/old/not_there.sif", "port": 5901 }
JSON
apptainer exec --nv --writable --bind /tmp/.X11-unix "$SANDBOX_PATH" bash -c "
  printf '%s\n' '{{VNC_PASSWORD}}' | vncpasswd -f >~/.vnc/passwd
  vncserver :${DISPLAY_NUM} -rfbport $VNC_PORT -geometry {{RESOLUTION}}
" &
websockify --web=/opt/novnc "$WS_PORT" "localhost:$VNC_PORT" &
wait
)sh");
  vnc.parameters = {{"MEMORY_GB", {"1-2"}, {}}, {"TIME_HOURS", {"1-8"}, {}}};
  auto gedit = job("gedit_vnc_job.sh", R"sh(#SBATCH --partition=viz
#SBATCH --cpus-per-task=2
#SBATCH --mem=2G
#SBATCH --time=02:00:00

APP_DIR=/opt/apptainers/apps
IMAGE="${APP_DIR}/gedit/gedit.sif"
INFO="/tmp/app_session_${SESSION_ID:-$SLURM_JOB_ID}.info"
NODE_IP=$(hostname -I | awk '{print $1}')   # don't trust DNS

find_free_port() { for p in $(seq 6080 6099); do ss -tln | grep -q ":$p " || { echo $p; return; }; done; }
WS_PORT=$(find_free_port)

if [[ ! -f "$IMAGE" ]]; then
  echo "Apptainer image not found: $IMAGE" >&2
  exit 1
fi
cleanup() { rm -f "$INFO"; }
trap cleanup EXIT
{ echo "JOB_ID=$SLURM_JOB_ID"; echo "VNC_PORT=5901"; } >"$INFO"
apptainer exec --nv "$IMAGE" bash <<'INNER'
export DISPLAY=:1
Xvnc :1 -geometry 1280x720 -SecurityTypes None &
exec gedit
INNER
)sh");
  auto editor = gedit;
  editor.name = "/opt/portal/jobs/editor.sh";
  EXPECT_EQ(checked({vnc, gedit}), R"(jobs/vnc_job_template.sh:3:9: error: Partition does not exist
  "vnc" is no partition of the cluster; there are: viz, group1
    3 | #SBATCH --partition=vnc              # an older name
      |         ^
jobs/gedit_vnc_job.sh:8:7: error: Image is not on every node of the partition
  /opt/apptainers/apps/gedit/gedit.sif is not put on viz-node001, where partition viz may run this job (Apptainer image not found); declare the image for these nodes, or name one that is there
    8 | IMAGE="${APP_DIR}/gedit/gedit.sif"
      |       ^
2 errors.
)");
  EXPECT_THAT(checked({gedit, editor}),
              HasSubstr(R"(jobs/gedit_vnc_job.sh:24:6: error: Two job templates fix the same display
  display :1, and with it port 5901, is fixed here and in /opt/portal/jobs/gedit_vnc_job.sh)"));
}

TEST(JobCheck, TwoTemplatesThatFixOnePort) {
  const auto gedit = job("gedit.sh", "#SBATCH -p viz\nvncserver :1\n");
  const auto desktop = job("desktop.sh", "#SBATCH -p viz\nVNC_PORT=5901\n");
  EXPECT_EQ(checked({gedit, desktop}),
            R"(jobs/desktop.sh:3:10: error: Two job templates fix the same port
  port 5901 is fixed here and in /opt/portal/jobs/gedit.sh: two such jobs on one of viz-node001 disturb each other; let the portal choose it for each session
    3 | VNC_PORT=5901
      |          ^
jobs/gedit.sh:3:11: note: the other one is here
    3 | vncserver :1
      |           ^
1 error.
)");
}

TEST(JobCheck, ALimitOfOneUserThatHoldsForAll) {
  EXPECT_EQ(checked({asking("-p viz -q moonlight"), asking("-p viz -q moonlight --gres=gpu:1")}),
            R"(jobs/j.sh:2:16: warning: Limit of one user holds for all
  portal submits 2 jobs with QoS moonlight, whose max_tres_per_user is gres/gpu=2: that caps all users of the portal together; if each is to have as much, let them submit as themselves, or limit what one job may have (max_tres_per_job)
    2 | #SBATCH -p viz -q moonlight
      |                ^
1 warning.
)");
}

// What else may be wrong.

TEST(JobCheck, UnknownPartitionsAndAccounts) {
  EXPECT_THAT(checked(asking("-p vis")),
              HasSubstr(R"("vis" is no partition of the cluster; did you mean "viz"?)"));
  EXPECT_THAT(checked(asking("-p viz,vnc")), HasSubstr(R"("vnc" is no partition of the cluster)"));
  EXPECT_THAT(checked(asking("-p viz -A portl")),
              HasSubstr(R"("portl" is no account of the cluster; did you mean "portal"?)"));
}

TEST(JobCheck, UsersAndTheirAccounts) {
  EXPECT_THAT(
      checked(asking("-p viz -A research")),
      HasSubstr("--account=research, and portal belongs to lab, portal only: sbatch refuses the job"));
  auto stranger = asking("-p viz");
  stranger.submit_as = "bob";
  EXPECT_THAT(checked(stranger),
              HasSubstr("jobs/j.sh: error: User has no account\n  bob has no association"));
  EXPECT_THAT(checked(asking("-p viz -A PORTAL -q Moonlight")), Not(HasSubstr("error")));
}

TEST(JobCheck, APartitionTakesCertainAccountsAndQos) {
  EXPECT_THAT(checked(asking("-c 1")),
              HasSubstr("the default account of portal, portal: partition group1 takes jobs of "
                        "research only"));
  EXPECT_EQ(checked(asking("-A lab")), "");  // an account below research
  EXPECT_THAT(checked(asking("-p group1 -q moonlight -A lab")),
              HasSubstr("--qos=moonlight: partition group1 takes jobs with only QoS normal"));
  auto facts = site();
  (*facts.partitions)[0].allow_qos.reset();
  (*facts.partitions)[0].deny_qos = {"normal"};
  EXPECT_THAT(
      checked(asking("-p viz"), facts),
      HasSubstr("the default QoS of portal, normal: partition viz takes jobs with any QoS but normal"));
}

TEST(JobCheck, AnOperatorMayUseEveryQos) {
  auto facts = site();
  (*facts.users)[0].is_operator = true;
  EXPECT_THAT(checked(asking("-p viz --qos=urgent"), facts), Not(HasSubstr("User lacks")));
}

TEST(JobCheck, TimeOverALimit) {
  EXPECT_THAT(
      checked(asking("-p viz -t 9:00:00 -q moonlight")),
      HasSubstr(
          "--time=9:00:00, and QoS moonlight allows 08:00:00 (max_wall): Slurm refuses the job, or never "
          "starts it (QOSMaxWallDurationPerJobLimit); ask for 08:00:00 or less"));
  EXPECT_THAT(
      checked(asking("-p viz -t 0-13")),
      HasSubstr("--time=0-13, and partition viz allows 12:00:00: Slurm refuses the job, or never starts it "
                "(PartitionTimeLimit); ask for 12:00:00 or less"));
  EXPECT_THAT(checked(asking("-p viz -t 0")), HasSubstr("--time=0, and partition viz allows 12:00:00"));
  EXPECT_EQ(checked(asking("-p viz -t 12:00:00")), "");
  EXPECT_EQ(checked(asking("-p viz -t 20:00:00 --time-min=1:00:00")), "");
  EXPECT_EQ(checked(asking("-p viz,group1 -A lab -t 20:00:00")), "");
  EXPECT_EQ(checked(asking("-p viz -t {{TIME_HOURS}}:00:00")), "");
  EXPECT_THAT(checked(asking("-p viz -t {{TIME_HOURS}}:00:00", {{"TIME_HOURS", {"1", "2-14"}, {}}})),
              HasSubstr("--time=14:00:00 (TIME_HOURS = 14), and partition viz"));
}

TEST(JobCheck, ThePartitionsOwnQosGoesBefore) {
  auto facts = site();
  facts.qos->push_back({"viz", 10 * hour, {}, {}});
  (*facts.partitions)[0].qos = "viz";
  EXPECT_THAT(checked(asking("-p viz -t 9:00:00 -q moonlight"), facts), Not(HasSubstr("error")));
  EXPECT_THAT(checked(asking("-p viz -t 11:00:00 -q moonlight"), facts),
              HasSubstr("and QoS viz allows 10:00:00"));
  facts.partitions->push_back(partition("free", {"node001"}));
  EXPECT_THAT(checked(asking("-p free -t 9:00:00 -q moonlight"), facts),
              HasSubstr("and QoS moonlight allows"));
  (*facts.partitions)[0].qos = "not known";
  EXPECT_THAT(checked(asking("-p viz,free -t 9:00:00 -q moonlight"), facts), Not(HasSubstr("error")));
  (*facts.partitions)[0].qos = "viz";
  (*facts.qos)[1].over_partition_qos = true;
  EXPECT_THAT(checked(asking("-p viz -t 9:00:00 -q moonlight"), facts),
              HasSubstr("and QoS moonlight allows 08:00:00"));
  (*facts.qos)[1].ignores_partition_time = true;
  EXPECT_THAT(checked(asking("-p viz -t 13:00:00 -q moonlight"), facts),
              Not(HasSubstr("PartitionTimeLimit")));
}

TEST(JobCheck, TresOverALimit) {
  auto facts = site();
  (*facts.nodes)[0].gres = GresCounts{{"gpu:t4", 8}};
  (*facts.partitions)[0].allow_qos.reset();
  (*facts.users)[0].accounts["portal"].qos->insert("urgent");
  EXPECT_THAT(checked(asking("-p viz -q moonlight --gpus=3"), facts),
              HasSubstr("--gpus=3 asks for gres/gpu = 3, and QoS moonlight allows all jobs of one user "
                        "(max_tres_per_user) 2: Slurm refuses the job, or never starts it"));
  EXPECT_THAT(checked(asking("-p viz -q moonlight --gres=gpu:t4:3"), facts),
              HasSubstr("asks for gres/gpu = 3"));
  EXPECT_THAT(checked(asking("-p viz -q urgent -c 5"), facts),
              HasSubstr("asks for cpu = 5, and QoS urgent allows one job "
                        "(max_tres_per_job) 4"));
  EXPECT_THAT(checked(asking("-p viz -q urgent -n 3 -c 2"), facts), HasSubstr("asks for cpu = 6"));
  EXPECT_THAT(checked(asking("-p viz -q urgent --mem=2G"), facts),
              HasSubstr("asks for mem = 2G, and QoS urgent allows one job (max_tres_per_job) 1G"));
  EXPECT_EQ(checked(asking("-p viz -q urgent -c 4 --mem=1G"), facts), "");
}

TEST(JobCheck, CpusThatNoNodeHas) {
  EXPECT_THAT(
      checked(asking("-p viz -c 16")),
      HasSubstr(
          "--cpus-per-task=16, and no node of partition viz has more than 8 CPUs (viz-node001): the CPUs of "
          "a task are on one node; ask for 8 or less"));
  EXPECT_THAT(checked(asking("-p viz --ntasks-per-node=3 -c 3")),
              HasSubstr("--ntasks-per-node=3 asks for 9 CPUs on one node"));
  EXPECT_THAT(checked(asking("-p viz -n 9")), HasSubstr("--ntasks=9 asks for 9 CPUs on one node"));
  EXPECT_THAT(checked(asking("-A lab -N 1 -n 65")), HasSubstr("--ntasks=65 asks for 65 CPUs on one node"));
  EXPECT_EQ(checked(asking("-A lab -n 128")), "");
  EXPECT_EQ(checked(asking("-p viz -n 9 --overcommit")), "");
  EXPECT_EQ(checked(asking("-p viz -n 8 --ntasks-per-node=16")), "");  // only an upper limit then
  EXPECT_EQ(checked(asking("-p viz -c {{CPUS}}")), "");
}

TEST(JobCheck, MoreNodesThanThePartitionHas) {
  EXPECT_THAT(checked(asking("-A lab -N 3-4")), HasSubstr("--nodes=3-4, and partition group1 has 2 nodes"));
  EXPECT_EQ(checked(asking("-A lab -N 2-4")), "");
}

TEST(JobCheck, CpusThatAllNodesTogetherLack) {
  auto facts = site();
  (*facts.nodes)[2].cpus = 4;
  EXPECT_THAT(checked(asking("-A lab -n 128"), facts),
              HasSubstr("--ntasks=128 asks for 128 CPUs, and 2 nodes of partition group1 have 68 together"));
}

TEST(JobCheck, TheLargestNodesAreCounted) {
  auto facts = site();
  facts.partitions->push_back(partition("all", {"viz-node001", "node001", "node002"}));
  EXPECT_EQ(checked(asking("-p all -N 2 -n 120"), facts), "");
  EXPECT_THAT(checked(asking("-p all -N 1-2 -n 129"), facts), HasSubstr("asks for 65 CPUs on one node"));
}

TEST(JobCheck, MemoryByCpuAndByGpu) {
  EXPECT_THAT(checked(asking("-p viz --mem-per-cpu=1G -c 4")),
              HasSubstr("--mem-per-cpu=1G for 4 CPUs is 4G on one node"));
  EXPECT_THAT(checked(asking("-p viz --mem-per-gpu=2G --gpus-per-node=2")),
              HasSubstr("--mem-per-gpu=2G for 2 GPUs is 4G on one node"));
  EXPECT_EQ(checked(asking("-p viz --mem-per-cpu=1G -c 3")), "");
  EXPECT_EQ(checked(asking("-p viz --mem=0")), "");
  EXPECT_EQ(checked(asking("-p viz --mem=8G --mem-per-cpu=8G")), "");  // one of them will come from elsewhere
  EXPECT_EQ(checked(asking("-p viz,group1 -A lab --mem=8G")), "");
}

TEST(JobCheck, DevicesThatNoNodeHas) {
  EXPECT_THAT(
      checked(asking("-p viz --gres=gpu:3")),
      HasSubstr("--gres=gpu:3 asks for 3 gpu on one node, and no node of partition viz has more than 2 "
                "(viz-node001)"));
  EXPECT_THAT(checked(asking("-A lab --gpus-per-node=1")),
              HasSubstr("no node of partition group1 has any gpu"));
  EXPECT_THAT(checked(asking("-p viz --gres=gup:1")),
              HasSubstr(R"("gup" is on no node of the cluster; did you mean "gpu"?)"));
  EXPECT_THAT(checked(asking("-p viz -G v100:1")),
              HasSubstr(R"("gpu:v100" is on no node of the cluster; there are: gpu, gpu:t4)"));
  EXPECT_THAT(checked(asking("-p viz --gpus=3 -N 1")), HasSubstr("--gpus=3 asks for 3 gpu on one node"));
  EXPECT_THAT(checked(asking("-p viz,group1 -A lab --gpus=3")),
              HasSubstr("--gpus=3 asks for 3 gpu, and the nodes"));
  EXPECT_THAT(checked(asking("-p viz -n 3 --gpus-per-task=1")), HasSubstr("asks for 3 gpu on one node"));
  EXPECT_EQ(checked(asking("-p viz --gres=gpu:t4:2,gpu:1")), "");
  EXPECT_EQ(checked(asking("-p viz --gpus=2 --gres=none")), "");
  auto facts = site();
  (*facts.nodes)[0].gres = GresCounts{{"gpu", 2}};  // nobody told their type
  EXPECT_EQ(checked(asking("-p viz --gres=gpu:a100:2"), facts), "");
  (*facts.nodes)[1].gres = GresCounts{{"gpu:a100", 4}};
  (*facts.nodes)[0].gres = GresCounts{{"gpu:t4", 2}};
  EXPECT_THAT(checked(asking("-p viz --gres=gpu:a100:1"), facts),
              HasSubstr("no node of partition viz has any gpu:a100"));
}

TEST(JobCheck, ValuesThatSbatchCannotRead) {
  EXPECT_THAT(checked(asking("-p viz --mem=4X")),
              HasSubstr("sbatch cannot read --mem=4X; write a number and one of K, M, G, T, as 3584M or 2G"));
  EXPECT_THAT(checked(asking("-p viz -t 8h")), HasSubstr("sbatch cannot read --time=8h"));
  EXPECT_THAT(checked(asking("-p viz -c {{CPUS}}", {{"CPUS", {"2", "many"}, {}}})),
              HasSubstr("sbatch cannot read --cpus-per-task=many (CPUS = many)"));
}

TEST(JobCheck, ParametersWithoutPlaceholder) {
  EXPECT_EQ(checked(asking("-p viz --mem={{MEMORY_GB}}G", {{"MEMORY_GB", {"2"}, {}}, {"MEMORY", {"1"}, {}}})),
            R"(jobs/j.sh: warning: Parameter has no placeholder
  "MEMORY" is no placeholder of /opt/portal/jobs/j.sh; it has: MEMORY_GB
1 warning.
)");
}

TEST(JobCheck, ImagesAreNeededOnlyWhereTheJobMayRun) {
  auto facts = site();
  facts.partitions->push_back(partition("all", {"viz-node001", "node001", "node002"}));
  const std::string run = "apptainer exec /opt/apptainers/vnc_gnome.sif x\n";
  EXPECT_THAT(checked(job("j.sh", "#SBATCH -p all\n" + run), facts),
              HasSubstr("is not put on node[001-002], where"));
  EXPECT_EQ(checked(job("j.sh", "#SBATCH -p all --gres=gpu:1\n" + run), facts), "");
  EXPECT_EQ(checked(job("j.sh", "#SBATCH -p all -w viz-node001\n" + run), facts), "");
  EXPECT_EQ(checked(job("j.sh", "#SBATCH -p all\nrun /shared/images/x.sif\nrun /home/alice/x.sif\n"), facts),
            "");
  facts.images->on["node001"] = facts.images->on["node002"] = {"/opt/solver.sif"};
  EXPECT_EQ(checked(job("j.sh", "#SBATCH -p all -c 16\nrun /opt/solver.sif\n"), facts), "");
  EXPECT_THAT(checked(job("j.sh", "#SBATCH -p all -c 99\nrun /opt/none.sif\n"), facts),
              AllOf(HasSubstr("more CPUs than any node"), HasSubstr("not put on viz-node001,node[001-002]")));
  facts.images->on.erase("node001");
  EXPECT_THAT(checked(job("j.sh", "#SBATCH -p all\n" + run), facts),
              HasSubstr("is not put on node002, where"));
  auto choosing = job("j.sh", "#SBATCH -p viz\napptainer exec /opt/apptainers/{{IMAGE}}.sif x\n");
  EXPECT_EQ(checked(choosing), "");
  choosing.parameters = {{"IMAGE", {"vnc_gnome", "vnc_kde"}, {}}};
  EXPECT_THAT(checked(choosing),
              HasSubstr("/opt/apptainers/vnc_kde.sif (IMAGE = vnc_kde) is not put on viz-node001"));
  const auto either =
      job("j.sh", "#SBATCH -p viz\nI=/opt/apptainers/a.sif\nok || I=/opt/apptainers/vnc_gnome.sif\nrun $I\n");
  EXPECT_EQ(checked(either), "");
}

TEST(JobCheck, TemplatesThatNeverMeetDoNotClash) {
  const auto fixed = [](const std::string& options) {
    return job("j.sh", "#SBATCH " + options + "\nvncserver :1\n");
  };
  EXPECT_THAT(checked({fixed("-p viz"), fixed("-p viz")}), HasSubstr("Two job templates"));
  EXPECT_EQ(checked({fixed("-p viz"), fixed("-p group1 -A lab")}), "");
  EXPECT_EQ(checked({fixed("-p viz --exclusive"), fixed("-p viz")}), "");
  EXPECT_EQ(checked({fixed("-p viz --gres=gpu:2"), fixed("-p viz --gpus=1")}), "");
  EXPECT_EQ(checked({fixed("-p viz -w viz-node001"), fixed("-p viz")}), "");
  EXPECT_EQ(checked({fixed("-p viz"), job("k.sh", "#SBATCH -p viz\nvncserver :2\n")}), "");
  EXPECT_EQ(checked({fixed("-p viz"), job("k.sh", "#SBATCH -p viz\nvncserver :3 -rfbport 5902\nXvfb :1\n")}),
            "");
}

TEST(JobCheck, WhatIsNotKnownIsNotBlamed) {
  const auto everything = job("j.sh",
                              "#SBATCH -p nowhere -q none -A nobody --mem=1T -c 999 --gres=x:9 -t 99-0\n"
                              "apptainer run /a.sif\nvncserver :1\n");
  EXPECT_EQ(checked({everything, everything}, {}), "");
  auto facts = site();
  (*facts.nodes)[0] = {.name = "viz-node001", .cpus = {}, .memory = {}, .gres = {}};
  EXPECT_EQ(checked(asking("-p viz --mem=1T -c 999 --gres=x:9 --gpus=99"), facts), "");
  facts.nodes->erase(facts.nodes->begin());
  EXPECT_EQ(checked(asking("-p viz --mem=1T -c 999 --gpus=99"), facts), "");
  EXPECT_EQ(checked(asking("-p {{P}} -q {{Q}} -A {{A}} --mem={{M}} --gres=gpu:{{G}}")), "");
  EXPECT_EQ(checked(job("j.sh", "#SBATCH -p nowhere -M other\ntrue\n")), "");
  EXPECT_EQ(checked(job("j.sh", "#SBATCH -p nowhere\n#SBATCH hetjob\n#SBATCH -p viz\ntrue\n")), "");
}

TEST(JobCheck, AnyOptionsAreChecked) {
  std::mt19937 random(3);
  const std::vector<std::string> names{"-p",
                                       "-q",
                                       "-A",
                                       "--mem",
                                       "--mem-per-cpu",
                                       "--mem-per-gpu",
                                       "-c",
                                       "-n",
                                       "-N",
                                       "-t",
                                       "--ntasks-per-node",
                                       "--gres",
                                       "--gpus",
                                       "--gpus-per-node",
                                       "--gpus-per-task"};
  const std::vector<std::string> values{
      "viz",          "group1", "all,viz",     "moonlight",     "1",     "0",
      "999999999999", "1-4",    "4G",          "999999999999T", "gpu:2", "gpu:t4:999999999999P",
      "a:b:c:d",      "{{A}}",  "{{A}}:{{B}}", "1-1:1",         "''",    "-1",
      "none"};
  const auto pick = [&](const auto& list) { return list[random() % list.size()]; };
  for (int round = 0; round < 5'000; ++round) {
    std::string options;
    for (auto left = random() % 5; left > 0; --left) options += pick(names) + " " + pick(values) + " ";
    auto one = job("j.sh", "#SBATCH " + options + "\nXvnc :1\nrun /a.sif\n");
    one.parameters = {{"A", {pick(values), "1-8"}, {}}, {"B", {pick(values)}, {}}};
    ASSERT_LE(checked({one, one}).size(), 20'000U) << options;
  }
}

TEST(JobCheck, HostileTextIsShownSafely) {
  const auto text = checked(asking("-p \"\033[31mviz\" -q '\xff' --job-name=x"));
  EXPECT_THAT(text, HasSubstr(R"("\x1b[31mviz" is no partition)"));
  EXPECT_THAT(text, Not(HasSubstr("\033")));
  EXPECT_THAT(checked(asking("-p viz --mem=" + std::string(100'000, '9') + "X")),
              testing::SizeIs(testing::Lt(2000U)));
}

}  // namespace
}  // namespace tidelock::slurm
