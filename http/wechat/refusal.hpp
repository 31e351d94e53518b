#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace weappd {

/// WeChat refused. The texts are empty if errmsg does not hold them in their exact form, so they are fit for
/// a log; the rest of errmsg is not kept.
struct wechat_refusal {
  std::int64_t errcode = 0;
  std::string rid{};       ///< WeChat's support can look it up
  std::string address{};   ///< our address as WeChat sees it ("invalid ip ...")
  std::string bad_field{}; ///< of 47003: the template's field that does not fit, [A-Za-z0-9_]
};

/// What can be taken from the errmsg of a refusal. `errcode` is not 0.
wechat_refusal read_refusal(std::int64_t errcode, std::string_view errmsg);

} // namespace weappd
