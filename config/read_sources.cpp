#include "config/option_reader.hpp"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <fstream>
#include <set>
#include <system_error>

#include <yaml-cpp/yaml.h>

namespace weappd {
namespace {

using form = given_value::form;
constexpr std::size_t max_yaml_bytes = 1'048'576;

std::string joined(const std::string& group, const std::string& name) {
  return group.empty() ? name : group + "." + name;
}

given_value value_of(const YAML::Node& node) {
  switch (node.Type()) {
  case YAML::NodeType::Scalar: // "?" is the tag of a scalar without quotes
    return {.kind = node.Tag() == "?" || node.Tag().empty() ? form::plain : form::quoted,
            .text = node.Scalar(),
            .items = {}};
  case YAML::NodeType::Sequence: {
    given_value value{.kind = form::list, .text = {}, .items = {}};
    for (const auto& item : node) {
      value.flat = value.flat && item.IsScalar();
      if (item.IsScalar())
        value.items.push_back(item.Scalar());
    }
    return value;
  }
  case YAML::NodeType::Map:
    return {.kind = form::group, .text = {}, .items = {}};
  default:
    return {.kind = form::nothing, .text = {}, .items = {}};
  }
}

/// Walks through the groups of a document. Only groups that the schema knows are entered, so neither depth
/// nor aliases of the file make the walk long.
class yaml_walk {
public:
  yaml_walk(const std::string& name, option_reader& reader) : name_(name), reader_(reader) {}

  void group(const YAML::Node& node, const std::string& path) {
    std::set<std::string> seen;
    for (const auto& member : node) {
      const value_source source{source_level::file,
                                name_ + " line " + std::to_string(member.first.Mark().line + 1)};
      if (!member.first.IsScalar()) {
        reader_.complain(path, "has a key that is not a text (" + source.words + ")");
        continue;
      }
      const auto& key = member.first.Scalar();
      const auto full = joined(path, key);
      if (!seen.insert(key).second)
        reader_.complain(full, "is there twice in its group (" + source.words + ")");
      if (key.find('.') != std::string::npos) {
        reader_.complain(full, "unknown option; in YAML a group is written as a map, not with a dot (" +
                                   source.words + ")");
        continue;
      }
      reader_.assign(full, value_of(member.second), source);
      if (member.second.IsMap() && is_group(generalise(full)))
        group(member.second, full);
    }
  }

private:
  const std::string& name_;
  option_reader& reader_;
};

/// What the parser says, without the words of the file that it may quote behind a colon.
std::string parser_words(const YAML::Exception& error) {
  return error.msg.substr(0, error.msg.find(':'));
}

} // namespace

bool read_yaml(const std::string& text, const std::string& name, option_reader& reader) {
  const auto refuse = [&](const std::string& problem) {
    reader.complain(name, problem);
    return false;
  };
  try {
    const auto documents = YAML::LoadAll(text);
    if (documents.size() > 1)
      return refuse("holds more than one YAML document");
    if (documents.empty() || documents.front().IsNull())
      return true;
    if (!documents.front().IsMap())
      return refuse("line " + std::to_string(documents.front().Mark().line + 1) +
                    ": the file must be a map of options");
    yaml_walk(name, reader).group(documents.front(), {});
    return true;
  } catch (const YAML::Exception& error) {
    return refuse("line " + std::to_string(error.mark.line + 1) + ": not YAML: " + parser_words(error));
  }
}

bool read_yaml_file(const std::string& path, option_reader& reader) {
  const auto refuse = [&](const std::string& problem) {
    reader.complain(path, problem);
    return false;
  };
  std::ifstream file(path, std::ios::binary);
  if (!file)
    return refuse("cannot be opened: " + std::generic_category().message(errno));
  std::string text(max_yaml_bytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad())
    return refuse("cannot be read: " + std::generic_category().message(errno));
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > max_yaml_bytes)
    return refuse("is longer than " + std::to_string(max_yaml_bytes) + " bytes");
  return read_yaml(text, path.substr(path.rfind('/') + 1), reader);
}

void read_environment(const std::vector<std::pair<std::string, std::string>>& variables,
                      option_reader& reader) {
  constexpr std::string_view prefix = "WEAPPD_";
  for (const auto& [name, text] : variables) {
    std::string path;
    for (std::size_t i = prefix.size(); i < name.size(); ++i) {
      if (name.compare(i, 2, "__") == 0) {
        path += '.';
        ++i;
      } else {
        path += name[i] >= 'A' && name[i] <= 'Z' ? static_cast<char>(name[i] - 'A' + 'a') : name[i];
      }
    }
    reader.assign_text(path, text, {source_level::environment, "environment " + printable(name)});
  }
}

void read_assignments(const std::vector<std::string>& assignments, option_reader& reader) {
  for (std::size_t i = 0; i < assignments.size(); ++i) {
    const auto& given = assignments[i];
    const auto equals = given.find('=');
    if (equals == std::string::npos || equals == 0) // without its text: it may hold a secret
      reader.complain("--set", "number " + std::to_string(i + 1) + " is not of the form path=value");
    else
      reader.assign_text(given.substr(0, equals), given.substr(equals + 1),
                         {source_level::command_line, "--set"});
  }
}

} // namespace weappd
