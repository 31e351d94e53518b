#pragma once

#include <nlohmann/json.hpp>

#include <string>

namespace weappd::kit {

/// What is wrong with the history of a message as GET /api/v1/messages/{id} tells it: states that may not
/// follow one another, an attempt out of its turn, times that run back, an end that is not the message's.
/// Empty if nothing is.
std::string problem_of_history(const nlohmann::json& message);

} // namespace weappd::kit
