#pragma once

/// Messages of weappd stay in this process. They carry secrets, shared pointers and optionals, and none of
/// them can be serialised or printed - by design, so that no secret leaves by accident. This macro is the one
/// way to tell CAF so. Use it at global scope, once for each message, below its definition.
///
/// Includes only what the macro needs: every message header starts with this one.
#include <caf/allowed_unsafe_message_type.hpp>

#define WEAPPD_MESSAGE(type) CAF_ALLOW_UNSAFE_MESSAGE_TYPE(type)
