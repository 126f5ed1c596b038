#include "compose/schema/shapes.h"

namespace devc::compose::schema {
namespace {

constexpr Attribute externalRows[] = {{"name", text, "06-networks#external"}};
constexpr Shape external = [] {
    Shape shape = object(externalRows, accept::Bool | accept::String, Form::External);
    shape.cast = Cast::Bool;
    shape.value = Value::Bool;
    return shape;
}();

constexpr Attribute poolRows[] = {
    {"subnet", text, "06-networks#ipam"},
    {"gateway", text, "06-networks#ipam"},
    {"ip_range", text, "06-networks#ipam"},
    {"aux_addresses", textMap, "06-networks#ipam"},
};
constexpr Shape pool = object(poolRows);
constexpr Attribute ipamRows[] = {
    {"driver", text, "06-networks#ipam"},
    {"config", listOf(pool), "06-networks#ipam", Merge::Subnets},
    {"options", textMap, "06-networks#ipam"},
};
constexpr Attribute networkRows[] = {
    {"name", text, "06-networks#name"},
    {"driver", text, "06-networks#driver"},
    {"driver_opts", options, "06-networks#driver_opts"},
    {"ipam", object(ipamRows), "06-networks#ipam", Merge::Deep, Unique::No, Path::No, Zero::JsonEmpty},
    {"external", external, "06-networks#external"},
    {"internal", flag, "06-networks#internal"},
    {"attachable", flag, "06-networks#attachable"},
    {"labels", pairs, "06-networks#labels", Merge::Pairs, Unique::Key},
    {"enable_ipv4", flag, "06-networks#enable_ipv4", Merge::Deep, Unique::No, Path::No, Zero::Keep},
    {"enable_ipv6", flag, "06-networks#enable_ipv6", Merge::Deep, Unique::No, Path::No, Zero::Keep},
};
constexpr Attribute volumeRows[] = {
    {"name", text, "07-volumes#name"},
    {"driver", text, "07-volumes#driver"},
    {"driver_opts", options, "07-volumes#driver_opts"},
    {"external", external, "07-volumes#external"},
    {"labels", pairs, "07-volumes#labels", Merge::Pairs, Unique::Strict},
};
constexpr Attribute secretRows[] = {
    {"name", text, "09-secrets"},
    {"file", text, "09-secrets", Merge::Deep, Unique::No, Path::File},
    {"environment", text, "09-secrets"},
    {"external", external, "09-secrets"},
    {"labels", pairs, "09-secrets", Merge::Pairs, Unique::Strict},
    {"driver", text, "09-secrets"},
    {"driver_opts", options, "09-secrets"},
    {"template_driver", text, "09-secrets"},
};
constexpr Attribute configRows[] = {
    {"name", text, "08-configs"},
    {"file", text, "08-configs", Merge::Deep, Unique::No, Path::File},
    {"environment", text, "08-configs"},
    {"content", text, "08-configs"},
    {"external", external, "08-configs"},
    {"labels", pairs, "08-configs", Merge::Pairs, Unique::Strict},
    {"template_driver", text, "08-configs"},
};
constexpr Attribute modelRows[] = {
    {"name", text, "models"},
    {"model", text, "models", Merge::Deep, Unique::No, Path::No, Zero::Omit, true},
    {"context_size", strictInteger, "models"},
    {"runtime_flags", texts, "models"},
};

constexpr Shape network = object(networkRows, accept::Null);
constexpr Shape volume = object(volumeRows, accept::Null);
constexpr Shape secret = object(secretRows);
constexpr Shape config = object(configRows);
constexpr Shape model = object(modelRows);

constexpr Attribute includeRows[] = {
    {"path", textAsList, "14-include"},
    {"env_file", textAsList, "14-include"},
    {"project_directory", text, "14-include"},
};
constexpr Shape includeEntry = [] {
    Shape shape = plain(object(includeRows, accept::String, Form::Include));
    shape.open = true;
    return shape;
}();

constexpr Attribute projectRows[] = {
    {"version", scalar(accept::String, Value::Text), "04-version-and-name"},
    {"name", text, "04-version-and-name"},
    {"include", listOf(includeEntry), "14-include"},
    {"services", mapOf(service, Keys::Name), "05-services", Merge::Deep, Unique::No, Path::No, Zero::Keep},
    {"networks", mapOf(network), "06-networks"},
    {"volumes", mapOf(volume, Keys::Name), "07-volumes"},
    {"secrets", mapOf(secret, Keys::Name), "09-secrets"},
    {"configs", mapOf(config, Keys::Name), "08-configs"},
    {"models", mapOf(model, Keys::Name), "models"},
};

}  // namespace

constexpr Shape projectShape = object(projectRows);
const Shape project = projectShape;

}  // namespace devc::compose::schema
