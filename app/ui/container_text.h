#pragma once
#include <map>
#include <string>

#include "engine/container/containers.h"

namespace devc::app {

/// The first twelve digits of an id ("sha256:" removed).
std::string shortId(const std::string& id);

/// Docker's PORTS column: "0.0.0.0:8080->80/tcp, [::]:8080->80/tcp, 443/tcp"; neighbours are joined to ranges.
std::string portsText(const engine::Container& container);

/// Docker's COMMAND column: quoted, and cut to 20 characters if `truncate`.
std::string commandText(const engine::Container& container, bool truncate);

/// Docker's labels column: "a=b,c=d".
std::string labelsText(const std::map<std::string, std::string>& labels);

/// Names of the networks the container is on, by commas.
std::string networksText(const engine::Container& container);

/// Volume names and host paths that are mounted, by commas; names are cut to 15 characters if `truncate`.
std::string mountsText(const engine::Container& container, bool truncate);

}  // namespace devc::app
