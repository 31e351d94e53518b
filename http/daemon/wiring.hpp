#pragma once

#include "actors/factories.hpp"
#include "http/client/http_client.hpp"
#include "persistence/store.hpp"

#include <memory>

namespace weappd {

/// Who does what: the one list of it. standard_factories() has the actors of actors/; here the store, the
/// gateway to WeChat and the one to the CAPTCHA service, which make their calls through these clients, join
/// them. A test replaces one line of the result.
factories wire(const store_backend_ptr& store, const std::shared_ptr<http_client>& wechat,
               const std::shared_ptr<http_client>& captcha);

/// The gateway to WeChat, making its calls through `client`.
void use_gateway(factories& make, const std::shared_ptr<http_client>& client);

} // namespace weappd
