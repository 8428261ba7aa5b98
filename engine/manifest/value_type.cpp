#include "engine/manifest/value_type.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

#include "engine/manifest/value_types.hpp"

namespace tidelock {

std::span<const ValueType> value_types() {
  static const std::array types{
      boolean_type(),    integer_type(),    text_type(),       name_type(),        account_type(),
      login_type(),      unit_type(),       package_type(),    path_type(),        set_type(),
      mode_type(),       sha256_type(),     duration_type(),   size_type(),        bandwidth_type(),
      decimal_type(),    slurm_name_type(), slurm_word_type(), count_limit_type(), duration_limit_type(),
      wall_limit_type(), tres_type(),       tres_count_type()};
  return types;
}

const ValueType& value_type(std::string_view name) {
  const auto types = value_types();
  const auto found = std::ranges::find(types, name, &ValueType::name);
  if (found == types.end()) throw std::logic_error("there is no value type " + std::string(name));
  return *found;
}

std::string text_of(const Value& value) {
  const auto* text = std::get_if<std::string>(&value);
  return text == nullptr ? std::string{} : *text;
}

std::int64_t number_of(const Value& value) {
  const auto* number = std::get_if<std::int64_t>(&value);
  return number == nullptr ? 0 : *number;
}

}  // namespace tidelock
