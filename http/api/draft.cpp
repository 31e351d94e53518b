#include "http/api/draft.hpp"

#include "http/api/template_words.hpp"

namespace weappd::http {

const template_options* find_template(request_actor& self, const std::string& name) {
  const auto& all = self.server().settings.templates;
  const auto found = all.find(name);
  return found == all.end() ? nullptr : &found->second;
}

std::string sender_of(request_actor& self) {
  const auto* client = self.context().service;
  return client != nullptr ? "client:" + client->id.value : std::string{};
}

std::optional<message_draft> new_draft(request_actor& self, user_id to, const std::string& template_name,
                                       const template_options& of, timestamp now) {
  const auto id = self.server().message_ids.next(now);
  if (!id) {
    self.fail(ec::overloaded);
    return std::nullopt;
  }
  message_draft draft;
  draft.id = *id;
  draft.to = to;
  draft.app = app_of(of, self.server().settings);
  draft.template_name = template_name;
  draft.created_at = now;
  draft.send_at = now;
  draft.request_id = self.context().id.view();
  draft.trace_id = self.context().trace_id.view();
  return draft;
}

std::string data_path(std::string_view member) {
  std::string path = "data.";
  json::append_name(path, member);
  return path;
}

} // namespace weappd::http
