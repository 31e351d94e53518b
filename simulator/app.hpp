#pragma once

#include "config/secret.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace weappd::simulator {

enum class app_kind { mini_program, official_account };

/// A message template that an app has at WeChat.
struct template_definition {
  std::string id;
  std::string title{};
  bool long_term = false; ///< a mini program's: one consent is for many messages
  /// "thing1", in the order of its content. The letters name the kind, whose rule the text must keep
  /// (template_rules.hpp).
  std::vector<std::string> fields{};
  std::map<std::string, std::vector<std::string>> choices{}; ///< of enum fields; without: any text
};

/// A mini program or an official account that WeChat knows.
struct app {
  std::string app_id;
  secret app_secret;
  app_kind kind = app_kind::mini_program;
  std::vector<template_definition> templates{};
};

/// Null if the app has no such template.
inline const template_definition* find_template(const app& of, std::string_view id) {
  for (const auto& each : of.templates)
    if (each.id == id)
      return &each;
  return nullptr;
}

} // namespace weappd::simulator
