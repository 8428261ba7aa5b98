#include "engine/base/secret.hpp"

#include <openssl/crypto.h>

namespace tidelock {

Secret::~Secret() { OPENSSL_cleanse(bytes_.data(), bytes_.size()); }

}  // namespace tidelock
