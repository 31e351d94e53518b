#pragma once

#include "http/server/router.hpp"

#include <span>
#include <string>
#include <string_view>

/// The API as its users can read it: OpenAPI 3.1, and a page that shows it and lets them try it.
namespace weappd::http {

/// http/openapi.json: every route of ours, on whatever listener. Of static storage.
std::string_view api_document();
/// http/api/docs.html, which reads /openapi.json where it came from. Of static storage.
std::string_view docs_page();
/// The Content-Security-Policy for the page: its own script and style, by their hashes, and calls to where it
/// came from.
std::string docs_policy(std::string_view page);

/// What a listener with these routes answers: `document` without the operations that are not there, with the
/// version of the program and with the table of all error codes ("x-error-codes"). A route that the document
/// does not know, one of an extension, is told by its name alone.
std::string describe_api(std::string_view document, std::span<const route> routes, std::string_view version);

} // namespace weappd::http
