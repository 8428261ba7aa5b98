#pragma once

#include <string>
#include <string_view>

#include "engine/base/encoding.hpp"
#include "engine/base/text.hpp"
#include "providers/ssh/wire.hpp"

namespace tidelock {

// Public keys that ssh-keygen made, as known_hosts writes them.
inline const std::string key_a =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMAEuTAMvAW8XmJ6DIv7fe6HmxTp1abIK4fvYoiMB1aw";
inline const std::string key_b =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFtNmsotQuqmkiJ5v9SaQ7TbgLoBtd+oD9vc9lAVgFXW";
inline const std::string key_ecdsa =
    "ecdsa-sha2-nistp256 "
    "AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBH2QUPOemYyRhAOhxn5ZGgAkKCj4fWR3aiimqHa"
    "ngffMON8LwRrZO8yZ5LEfycJIZzhTDH7MeHZ8kfvMw5/kuD0=";
inline const std::string key_rsa =
    "ssh-rsa "
    "AAAAB3NzaC1yc2EAAAADAQABAAAAgQDqitJ0V52lNnZ6HGqSWdUBuP9rm7PEwJGecS1yrk7RVWZ9gtnoJzELj67np2GH0sbUPDrsc6+"
    "2l"
    "nVQHgFtuUx+uBxbO/NzO6zQIoL5E3L31IMagRg8s4qpdJYLlzTX6VVaXm3Sk4GAwEFFXS8CxfKDmlpCZ7CiIOC212Lg7IJE7w==";
inline constexpr std::string_view fingerprint_a = "SHA256:YqWz+2kgOdV4jItfILI7s+Z8fj/9E5z54vRfjjhr9NI";
inline constexpr std::string_view fingerprint_b = "SHA256:bBInNAWitHdk8156uQ1VsGYhLuLjIQPCAFJGI88fL9Q";

/// The key in such a line.
inline ssh::PublicKey parsed(const std::string& line) {
  return *ssh::public_key(*from_base64(split(line, ' ')[1]));
}

}  // namespace tidelock
