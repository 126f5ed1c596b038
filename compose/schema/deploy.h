#pragma once
#include "compose/schema/shapes.h"

namespace devc::compose::schema {

inline constexpr std::string_view updateOrders[] = {"start-first", "stop-first"};

inline constexpr Attribute updateRows[] = {
    {"parallelism", integer, "deploy#update_config", Merge::Deep, Unique::No, Path::No, Zero::Keep},
    {"delay", duration, "deploy#update_config"},
    {"failure_action", text, "deploy#update_config"},
    {"monitor", duration, "deploy#update_config"},
    {"max_failure_ratio", real, "deploy#update_config"},
    {"order", choice(updateOrders), "deploy#update_config"},
};

inline constexpr Attribute restartPolicyRows[] = {
    {"condition", text, "deploy#restart_policy"},
    {"delay", duration, "deploy#restart_policy", Merge::Deep, Unique::No, Path::No, Zero::Keep},
    {"max_attempts", integer, "deploy#restart_policy", Merge::Deep, Unique::No, Path::No, Zero::Keep},
    {"window", duration, "deploy#restart_policy", Merge::Deep, Unique::No, Path::No, Zero::Keep},
};

inline constexpr Attribute discreteRows[] = {
    {"kind", text, "deploy#resources", Merge::Deep, Unique::No, Path::No, Zero::Keep},
    {"value", anyNumber, "deploy#resources", Merge::Deep, Unique::No, Path::No, Zero::Keep},
};
inline constexpr Attribute genericRows[] = {
    {"discrete_resource_spec", object(discreteRows), "deploy#resources", Merge::Deep, Unique::No, Path::No, Zero::Keep},
};
inline constexpr Shape genericResource = object(genericRows);
inline constexpr Shape deviceReservation = object(deviceRequestRows, 0, Form::DeviceRequest);

inline constexpr Attribute limitRows[] = {
    {"cpus", real, "deploy#cpus"},
    {"memory", scalar(accept::String, Value::Bytes), "deploy#memory"},
    {"pids", integer, "deploy#pids"},
};
inline constexpr Attribute reservationRows[] = {
    {"cpus", real, "deploy#cpus"},
    {"memory", scalar(accept::String, Value::Bytes), "deploy#memory"},
    {"devices", listOf(deviceReservation), "deploy#devices"},
    {"generic_resources", listOf(genericResource), "deploy#resources"},
};
inline constexpr Attribute resourceRows[] = {
    {"limits", object(limitRows), "deploy#resources", Merge::Deep, Unique::No, Path::No, Zero::Keep},
    {"reservations", object(reservationRows), "deploy#resources", Merge::Deep, Unique::No, Path::No, Zero::Keep},
};

inline constexpr Attribute preferenceRows[] = {{"spread", text, "deploy#placement"}};
inline constexpr Shape preference = object(preferenceRows);
inline constexpr Attribute placementRows[] = {
    {"constraints", texts, "deploy#placement"},
    {"preferences", listOf(preference), "deploy#placement"},
    {"max_replicas_per_node", integer, "deploy#placement"},
};

/// services.deploy, in the order of printing.
inline constexpr Attribute deployRows[] = {
    {"mode", text, "deploy#mode"},
    {"replicas", natural, "deploy#replicas", Merge::Deep, Unique::No, Path::No, Zero::Keep},
    {"labels", pairs, "deploy#labels", Merge::Pairs, Unique::Key},
    {"update_config", object(updateRows), "deploy#update_config", Merge::Deep, Unique::No, Path::No, Zero::Keep},
    {"rollback_config", object(updateRows), "deploy#rollback_config", Merge::Deep, Unique::No, Path::No, Zero::Keep},
    {"resources", object(resourceRows), "deploy#resources", Merge::Deep, Unique::No, Path::No, Zero::JsonEmpty},
    {"restart_policy", object(restartPolicyRows), "deploy#restart_policy", Merge::Deep, Unique::No, Path::No, Zero::Keep},
    {"placement", object(placementRows), "deploy#placement", Merge::Deep, Unique::No, Path::No, Zero::JsonEmpty},
    {"endpoint_mode", text, "deploy#endpoint_mode"},
};

}  // namespace devc::compose::schema
