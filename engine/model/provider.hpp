#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/base/diagnostic.hpp"
#include "engine/manifest/manifest.hpp"
#include "engine/model/change.hpp"
#include "engine/model/declaration.hpp"
#include "engine/model/observation.hpp"
#include "engine/model/script.hpp"

namespace tidelock {

struct Graph;

/// A read-only question to one host, for all resources of a family there. It starts a constant number of
/// processes, whatever the number of resources.
struct Probe {
  std::vector<Script> scripts;     ///< called one after the other; their records form one answer
  std::chrono::seconds limit{20};  ///< after that, what did not arrive is unchecked
};

/// The answer to a probe: its NUL-terminated records, in order, without the NULs.
struct ProbeOutput {
  std::vector<std::string> records;
  int status = 0;  ///< of the last function
};

/// A resource that a provider is asked about, and what it remembered when it was last applied.
struct Subject {
  const Declaration* declaration = nullptr;
  std::string_view memory;  ///< Finding::memory of the last apply; empty if there was none
  /// It is no longer declared: the question is whether it is there and what keeps it from being deleted.
  bool leaving = false;
  /// Of what leaves: it is not ours to delete, and stays.
  bool stays = false;
  /// Finding::payload of the plan, when a host is looked at again right before it is changed.
  const Payload* payload = nullptr;
};

struct ProbeOptions {
  bool rehash = false;  ///< digests remembered from earlier are not to be believed
  bool details =
      true;  ///< also ask for what only people want to see, such as the text of a file that changes
  /// Everything that is declared for the host: what will be, for those that ask what keeps something from
  /// being deleted.
  std::span<const DeclarationPtr> declared = {};  // NOLINT(readability-redundant-member-init)
};

/// What a provider makes of the answers of one host.
struct Reading {
  std::vector<Finding> findings;  ///< one a subject, in their order
  std::vector<Extra> extras;
  /// What is worth a line in a plan and calls for no change: whole sentences.
  std::vector<std::string> remarks;
  /// Nodes of which it is known that they are meant to be out of reach, and why: Slurm holds them as powered
  /// down, for example. One of them that does not answer is no failure.
  std::map<std::string, std::string> away;
  /// What the answers so far leave open. The engine asks it in one more exec and reads again, with all
  /// answers.
  std::optional<Probe> question;
};

/// Runs a script as root (where the manifest says so).
struct ScriptStep {
  Script script;
};

/// Brings a local file or folder to the host, as the login user.
struct UploadStep {
  std::filesystem::path source;
  std::uint64_t bytes = 0;
  std::string name;   ///< of the file or folder in the staging folder
  std::string stage;  ///< folder on the host that an earlier step gave to the login user
  /// Folder on the host that may hold an older file of that name; for a folder, an older one of its kind.
  std::string basis;
  bool folder = false;
  /// Paths in the folder that stay behind, with all that is in them. GCC warns of lists without it unless it
  /// has an initializer.
  std::vector<std::string> exclude = {};  // NOLINT(readability-redundant-member-init)
};

/// The exit status of a step's function that could not do its work and has put back what was there before,
/// which works again.
inline constexpr int taken_back = 88;

/// One remote action of a change. Steps are data: they say what to do and do nothing.
struct Step {
  std::vector<std::size_t> serves;  ///< indices into the changes given to `steps`
  std::string what;                 ///< "install /opt/apptainers/x.sif", for progress and errors
  std::chrono::seconds limit{60};
  std::variant<ScriptStep, UploadStep> action;
  /// Of changes that belong together with others (Declaration::together): it proves that they can be made and
  /// changes nothing that lasts. It comes before every change of the group, on all hosts.
  bool rehearses = false;
  /// It serves many changes and can do some of them: when it fails, what the host looks like afterwards tells
  /// which are done.
  bool judged_by_sight = false;
};

/// What a provider may know about the host that its steps run on.
struct StepContext {
  std::string login_user;
  std::string run;  ///< names this apply; staging names may hold it
};

/// Where a host keeps what was at a path before.
using KeptPaths = std::map<std::string, std::string, std::less<>>;

/// What was seen of one resource of a group.
struct Sight {
  std::string_view host;
  DeclarationPtr declaration;  ///< may be replaced by what it is to be now that all is seen
  Finding* finding = nullptr;  ///< may be amended
  bool leaving = false;        ///< no longer declared
  bool stays = false;          ///< of what leaves: it is not ours to delete
};

/// What declarations are made with besides the section itself.
struct ExpandContext {
  const Manifest& manifest;
  /// The bytes behind a secret scalar. In `validate` it only looks whether they can be had, and gives none.
  std::function<Result<Secret>(const Node&)> secret;
};

/// Knows one family of kinds. Everything it does is a function from values to values: no session, thread,
/// lock or logger can be reached from here.
class Provider {
 public:
  virtual ~Provider() = default;

  /// "files"; also the name of its folder and of its part in a probe's answer.
  [[nodiscard]] virtual std::string_view family() const = 0;
  [[nodiscard]] virtual std::span<const std::string_view> kinds() const = 0;
  [[nodiscard]] virtual SchemaFragment schema() const = 0;

  /// Makes declarations of one section of the manifest. What is wrong with it beyond the schema goes to
  /// `diagnostics`.
  [[nodiscard]] virtual std::vector<Placement> expand(const Section& section, const ExpandContext& context,
                                                      Diagnostics& diagnostics) const = 0;
  /// What the ledger remembers of a resource, as a declaration: its path and what it stands on. For deleting
  /// what is no longer declared, and for bringing back what was there before; `kept` then tells where the
  /// host keeps what was overwritten.
  [[nodiscard]] virtual DeclarationPtr recall(const ResourceKey& key, const Attributes& attributes,
                                              const KeptPaths& kept) const = 0;
  /// Attributes that are no longer declared, with what they go back to; `applied` are those of the last
  /// apply. For kinds in which a key that is left out means "no limit"; others leave such an attribute as it
  /// is.
  [[nodiscard]] virtual Attributes reset(const Declaration& /*declaration*/,
                                         const Attributes& /*applied*/) const {
    return {};
  }
  /// What only the whole graph shows.
  virtual void check(const Graph& /*graph*/, Diagnostics& /*diagnostics*/) const {}

  /// The first question to a host. None where nothing has to be asked.
  [[nodiscard]] virtual std::optional<Probe> probe(std::span<const Subject> subjects,
                                                   const ProbeOptions& options) const = 0;
  /// What the answers mean; `answers` are those to `probe`, then to each question of the readings before.
  /// Answers are hostile: too few or odd records give Unknown, never a guess.
  [[nodiscard]] virtual Reading read(std::span<const Subject> subjects, std::span<const ProbeOutput> answers,
                                     const ProbeOptions& options) const = 0;
  /// Called with all resources of one group (Declaration::together) on all hosts that answered, before they
  /// are compared.
  virtual void settle(std::span<Sight> /*group*/) const {}
  /// How to carry these changes of one host out. Steps that serve one change come in their order.
  [[nodiscard]] virtual std::vector<Step> steps(std::span<const Change* const> changes,
                                                const StepContext& context) const = 0;
};

/// All providers of the program.
class Registry {
 public:
  explicit Registry(std::vector<std::unique_ptr<Provider>> providers) : providers_(std::move(providers)) {}

  [[nodiscard]] std::vector<SchemaFragment> fragments() const;
  [[nodiscard]] std::span<const std::unique_ptr<Provider>> all() const { return providers_; }
  /// Null for a kind that nobody knows: a ledger written by a newer program may hold one.
  [[nodiscard]] const Provider* of_kind(std::string_view kind) const;

 private:
  std::vector<std::unique_ptr<Provider>> providers_;
};

}  // namespace tidelock
