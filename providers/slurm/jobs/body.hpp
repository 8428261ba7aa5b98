#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/diagnostic.hpp"

namespace tidelock::slurm {

/// An image that the script needs on the node it runs on.
struct ImageUse {
  /// Absolute paths, placeholders included. One of them must be there: a variable may get several in turn.
  std::vector<std::string> any_of;
  Location at;
};

/// A fixed X display.
struct DisplayUse {
  std::uint32_t number = 0;
  bool vnc = false;  ///< a VNC server has it, and with it the TCP port 5900 + number
  Location at;
};

/// A fixed TCP port that the script listens on.
struct PortUse {
  std::uint32_t port = 0;
  Location at;
};

/// What the body of a script names, each thing once, where it stands first.
struct BodyUses {
  std::vector<ImageUse> images;
  std::vector<DisplayUse> displays;
  std::vector<PortUse> ports;
};

/// Finds in a shell script, without running it:
///
/// Images are words that are absolute paths to *.sif. They count as the value of a variable, as the image of
/// apptainer (or singularity) exec, run, shell, test, instance and the source of its build (what stands
/// behind the image is inside of the container), and as argument of programs that are not known to only look
/// at files or to write them. An image does not count that the script itself makes (pull, cp, mv, wget, > …),
/// that it can do without (`if [ -f x.sif ]`, `[ -f x.sif ] && …`), or that is one of several (behind ||, in
/// a `for` list or an array).
///
/// Displays are the first :N behind vncserver, Xvnc, Xvfb and other X servers, except to end or list them,
/// and DISPLAY=:N for N > 0 (:0 is a node's own). A script with several has none: it chooses.
///
/// Ports are the number behind -rfbport and --rfbport; the value of VNC_PORT, RFB_PORT, WS_PORT,
/// WEBSOCKET_PORT, WEBSOCKIFY_PORT, NOVNC_PORT and of names that end in _ and one of these; the first
/// [HOST:]PORT behind websockify; --port and --listen of programs known to serve (websockify, novnc_proxy,
/// code-server, ttyd, gotty, uvicorn).
///
/// Variables that are set once, literally, before they are used have their value. A variable that gets a
/// value in any other way (from $( ), read, a loop, an argument, ((…)), a default, a file that is sourced
/// later) has none, and what is named with it is left out. Of a variable that is set several times, always to
/// an image, one must be there. What runs on other hosts (ssh) is left out. Text of `bash -c '…'` and of
/// here-documents for a shell is looked at for displays and ports.
///
/// An #SBATCH line behind the first command is a warning: sbatch passes over it.
[[nodiscard]] BodyUses read_job_body(const std::shared_ptr<const SourceFile>& file, Diagnostics& diagnostics);

}  // namespace tidelock::slurm
