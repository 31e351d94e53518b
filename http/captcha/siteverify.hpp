#pragma once

#include "config/options.hpp"
#include "http/client/http_client.hpp"
#include "messages/challenges.hpp"

/// The one call of a CAPTCHA service: a form with secret, response and remoteip, answered by JSON with
/// `success` and `error-codes`. reCAPTCHA v2, hCaptcha and Turnstile take it. Pure.
namespace weappd {

/// The longest answer that is read.
inline constexpr std::uint32_t max_siteverify_answer = 16'384;

/// `repeatable` is false: a service takes a response once, and what is told twice would be refused.
[[nodiscard]] http_call siteverify_call(const captcha_options& service, const verify_captcha& asked);

/// passed: the service says so. refused: it says no, and names nothing but faults of the response. Everything
/// else is unclear: no answer, one that makes no sense, faults of the service or of our configuration, a
/// `score` instead of a judgement (reCAPTCHA v3: `success` then says only that the response is genuine), and
/// a response that is too old or was judged before (the call that used it up may have been ours, without an
/// answer).
[[nodiscard]] captcha_judgement judge_siteverify(const http_outcome& outcome);

} // namespace weappd
