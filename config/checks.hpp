#pragma once

#include "config/option_reader.hpp"

#include <string>

/// The parts of check_together that have a file of their own.
namespace weappd {

/// "is missing", unless something was wrong with that option already.
void complain_of_missing(option_reader& reader, const std::string& path, const std::string& what = {});

/// Templates against apps and against the rules of their fields. Writes the app of each template that names
/// none.
void check_templates(option_reader& reader);

/// Triggers against the templates that they fill.
void check_triggers(option_reader& reader);

} // namespace weappd
