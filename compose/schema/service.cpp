#include "compose/schema/build.h"
#include "compose/schema/deploy.h"
#include "compose/schema/mounts.h"
#include "compose/schema/patterns.h"

namespace devc::compose::schema {
namespace {

constexpr std::string_view conditions[] = {"service_started", "service_healthy", "service_completed_successfully"};
constexpr std::string_view cgroups[] = {"host", "private"};
constexpr std::string_view watchActions[] = {"rebuild", "sync", "restart", "sync+restart", "sync+exec"};

constexpr Attribute dependencyRows[] = {
    {"condition", choice(conditions), "05-services#depends_on", Merge::Deep, Unique::No, Path::No, Zero::Omit, true},
    {"restart", flag, "05-services#depends_on"},
    {"required", flag, "05-services#depends_on", Merge::Deep, Unique::No, Path::No, Zero::Keep},
};
constexpr Shape dependency = object(dependencyRows);
constexpr Shape dependsOn = [] {
    Shape shape = mapOf(dependency, Keys::Name, accept::List, Form::DependsOn);
    shape.items = &text;
    return shape;
}();

constexpr Attribute attachmentRows[] = {
    {"aliases", texts, "05-services#networks", Merge::Deep, Unique::Key},
    {"driver_opts", options, "05-services#networks"},
    {"gw_priority", strictNumber, "05-services#networks"},
    {"interface_name", text, "05-services#networks"},
    {"ipv4_address", text, "05-services#networks"},
    {"ipv6_address", text, "05-services#networks"},
    {"link_local_ips", texts, "05-services#networks", Merge::Deep, Unique::Key},
    {"mac_address", text, "05-services#networks"},
    {"priority", strictNumber, "05-services#networks"},
};
constexpr Shape attachment = object(attachmentRows, accept::Null);
constexpr Shape attachments = [] {
    Shape shape = mapOf(attachment, Keys::Name, accept::List, Form::NamedNull);
    shape.items = &text;
    return shape;
}();

constexpr Attribute modelBindingRows[] = {
    {"endpoint_var", text, "05-services#models"},
    {"model_var", text, "05-services#models"},
};
constexpr Shape modelBinding = object(modelBindingRows, accept::Null);
constexpr Shape modelBindings = [] {
    Shape shape = mapOf(modelBinding, Keys::Name, accept::List, Form::NamedNull);
    shape.items = &text;
    return shape;
}();

constexpr Attribute blockWeightRows[] = {
    {"path", text, "05-services#blkio_config", Merge::Deep, Unique::No, Path::No, Zero::Always, false, "Path"},
    {"weight", strictInteger, "05-services#blkio_config", Merge::Deep, Unique::No, Path::No, Zero::Always, false, "Weight"},
};
constexpr Attribute blockRateRows[] = {
    {"path", text, "05-services#blkio_config", Merge::Deep, Unique::No, Path::No, Zero::Always, false, "Path"},
    {"rate", bytes, "05-services#blkio_config", Merge::Deep, Unique::No, Path::No, Zero::Always, false, "Rate"},
};
constexpr Shape blockWeight = plain(object(blockWeightRows));
constexpr Shape blockRate = plain(object(blockRateRows));
constexpr Shape blockRates = listOf(blockRate);
constexpr Attribute blockRows[] = {
    {"weight", strictInteger, "05-services#blkio_config"},
    {"weight_device", listOf(blockWeight), "05-services#blkio_config"},
    {"device_read_bps", blockRates, "05-services#blkio_config"},
    {"device_read_iops", blockRates, "05-services#blkio_config"},
    {"device_write_bps", blockRates, "05-services#blkio_config"},
    {"device_write_iops", blockRates, "05-services#blkio_config"},
};

constexpr Attribute credentialRows[] = {
    {"config", text, "05-services#credential_spec"},
    {"file", text, "05-services#credential_spec"},
    {"registry", text, "05-services#credential_spec"},
};

constexpr Attribute envFileRows[] = {
    {"path", text, "05-services#env_file", Merge::Deep, Unique::No, Path::File, Zero::Omit, true},
    {"required", flag, "05-services#env_file", Merge::Deep, Unique::No, Path::No, Zero::OmitTrue},
    {"format", text, "05-services#env_file"},
};
constexpr Shape envFile = plain(object(envFileRows, accept::String));

constexpr Attribute extendsRows[] = {
    {"file", text, "05-services#extends"},
    {"service", text, "05-services#extends", Merge::Deep, Unique::No, Path::No, Zero::Omit, true},
};

constexpr Shape extends = [] {
    Shape shape = plain(object(extendsRows, accept::String, Form::Extends));
    shape.open = true;
    return shape;
}();

constexpr Attribute healthRows[] = {
    {"test", as(listOf(text, accept::String), Value::HealthTest), "05-services#healthcheck", Merge::Replace},
    {"timeout", duration, "05-services#healthcheck", Merge::Deep, Unique::No, Path::No, Zero::Keep},
    {"interval", duration, "05-services#healthcheck", Merge::Deep, Unique::No, Path::No, Zero::Keep},
    {"retries", between(anyNumber, 0, 1.8e19), "05-services#healthcheck", Merge::Deep, Unique::No, Path::No, Zero::Keep},
    {"start_period", duration, "05-services#healthcheck", Merge::Deep, Unique::No, Path::No, Zero::Keep},
    {"start_interval", duration, "05-services#healthcheck", Merge::Deep, Unique::No, Path::No, Zero::Keep},
    {"disable", flag, "05-services#healthcheck"},
};

constexpr Attribute loggingRows[] = {
    {"driver", text, "05-services#logging"},
    {"options", optionsOrNull, "05-services#logging"},
};

constexpr Attribute watchRows[] = {
    {"path", text, "develop#path", Merge::Deep, Unique::No, Path::Watch, Zero::Omit, true},
    {"action", choice(watchActions), "develop#action", Merge::Deep, Unique::No, Path::No, Zero::Omit, true},
    {"target", text, "develop#target"},
    {"exec", hook, "develop#exec", Merge::Deep, Unique::No, Path::No, Zero::JsonEmpty},
    {"include", textAsList, "develop#include"},
    {"ignore", textAsList, "develop#ignore"},
    {"initial_sync", strictFlag, "develop#initial_sync"},
};
constexpr Shape watchRule = object(watchRows);
constexpr Attribute developRows[] = {{"watch", listOf(watchRule), "develop#watch"}};

constexpr Shape optionValue = scalar(accept::Scalar, Value::Text);
constexpr Shape optionValues = listOf(optionValue, accept::Scalar);
constexpr Attribute providerRows[] = {
    {"type", text, "05-services#provider", Merge::Deep, Unique::No, Path::No, Zero::Omit, true},
    {"options", as(mapOf(optionValues), Value::TextLists), "05-services#provider"},
};

constexpr std::string_view allGpus[] = {"all"};
constexpr Attribute gpuRows[] = {
    {"capabilities", texts, "05-services#gpus", Merge::Deep, Unique::Strict},
    {"driver", text, "05-services#gpus"},
    {"count", scalar(accept::String | accept::Integer, Value::Count), "05-services#gpus"},
    {"device_ids", texts, "05-services#gpus", Merge::Deep, Unique::Strict},
    {"options", pairs, "05-services#gpus", Merge::Pairs, Unique::Strict},
};
constexpr Shape gpu = [] {
    Shape shape = object(gpuRows, 0, Form::DeviceRequest);
    shape.open = true;
    return shape;
}();

constexpr Shape gpus = [] {
    Shape shape = listOf(gpu, accept::String, Form::Gpus);
    shape.choices = allGpus;
    shape.choiceCount = 1;
    return shape;
}();

constexpr Shape cpuPercent = between(scalar(accept::Integer | accept::String, Value::Number, Cast::Number), 0, 100);
constexpr std::string_view pullPolicies = "always|never|build|if_not_present|missing|refresh|daily|weekly|every_([0-9]+[wdhms])+";
constexpr Shape oomScore = between(integer, -1000, 1000);

/// All attributes of a service, in the order in which `config` prints them.
constexpr Attribute serviceRows[] = {
    {"profiles", texts, "15-profiles", Merge::Deep, Unique::Key},
    {"annotations", pairs, "05-services#annotations", Merge::Pairs, Unique::Key},
    {"attach", flag, "05-services#attach", Merge::Deep, Unique::No, Path::No, Zero::Keep},
    {"build", object(buildRows, accept::String, Form::Build), "build", Merge::Deep, Unique::No, Path::No, Zero::Keep},
    {"develop", object(developRows, accept::Null), "develop", Merge::Deep, Unique::No, Path::No, Zero::Keep},
    {"blkio_config", plain(object(blockRows)), "05-services#blkio_config", Merge::Deep, Unique::No, Path::No, Zero::Keep},
    {"cap_add", texts, "05-services#cap_add", Merge::Deep, Unique::Key},
    {"cap_drop", texts, "05-services#cap_drop", Merge::Deep, Unique::Key},
    {"cgroup_parent", text, "05-services#cgroup_parent"},
    {"cgroup", choice(cgroups), "05-services#cgroup"},
    {"cpu_count", natural, "05-services#cpu_count"},
    {"cpu_percent", cpuPercent, "05-services#cpu_percent"},
    {"cpu_period", anyNumber, "05-services#cpu_period"},
    {"cpu_quota", anyNumber, "05-services#cpu_quota"},
    {"cpu_rt_period", anyNumber, "05-services#cpu_rt_period"},
    {"cpu_rt_runtime", anyNumber, "05-services#cpu_rt_runtime"},
    {"cpus", real, "05-services#cpus"},
    {"cpuset", text, "05-services#cpuset"},
    {"cpu_shares", anyNumber, "05-services#cpu_shares"},
    {"command", command, "05-services#command", Merge::Replace, Unique::No, Path::No, Zero::JsonNull},
    {"configs", listOf(fileMount), "05-services#configs", Merge::Deep, Unique::Config},
    {"container_name", matching("[a-zA-Z0-9][a-zA-Z0-9_.-]+", hasContainerName), "05-services#container_name"},
    {"credential_spec", object(credentialRows), "05-services#credential_spec", Merge::Deep, Unique::No, Path::No, Zero::Keep},
    {"depends_on", dependsOn, "05-services#depends_on", Merge::Deep, Unique::Strict},
    {"deploy", object(deployRows, accept::Null), "deploy", Merge::Deep, Unique::No, Path::No, Zero::Keep},
    {"device_cgroup_rules", texts, "05-services#device_cgroup_rules", Merge::Deep, Unique::Strict},
    {"devices", listOf(device), "05-services#devices", Merge::Deep, Unique::Target},
    {"dns", addresses, "05-services#dns", Merge::Pairs, Unique::Key},
    {"dns_opt", texts, "05-services#dns_opt", Merge::Pairs, Unique::Key},
    {"dns_search", textOrTexts, "05-services#dns_search", Merge::Pairs, Unique::Key},
    {"domainname", text, "05-services#domainname"},
    {"entrypoint", command, "05-services#entrypoint", Merge::Replace, Unique::No, Path::No, Zero::JsonNull},
    {"provider", object(providerRows), "05-services#provider", Merge::Deep, Unique::No, Path::No, Zero::Keep},
    {"environment", optionalPairs, "05-services#environment", Merge::Pairs, Unique::Key},
    {"env_file", listOf(envFile, accept::String, Form::EnvFiles), "05-services#env_file", Merge::Deep, Unique::Path},
    {"expose", textsOrNumbers, "05-services#expose", Merge::Deep, Unique::Text},
    {"extends", extends, "05-services#extends", Merge::Replace},
    {"external_links", texts, "05-services#external_links", Merge::Deep, Unique::Strict},
    {"extra_hosts", hosts, "05-services#extra_hosts", Merge::Hosts, Unique::Strict},
    {"group_add", textsOrNumbers, "05-services#group_add", Merge::Deep, Unique::Strict},
    {"gpus", gpus, "05-services#gpus"},
    {"hostname", text, "05-services#hostname"},
    {"healthcheck", object(healthRows), "05-services#healthcheck", Merge::Deep, Unique::No, Path::No, Zero::Keep},
    {"image", text, "05-services#image"},
    {"init", flag, "05-services#init", Merge::Deep, Unique::No, Path::No, Zero::Keep},
    {"ipc", text, "05-services#ipc"},
    {"isolation", text, "05-services#isolation"},
    {"labels", pairs, "05-services#labels", Merge::Pairs, Unique::Key},
    {"label_file", textAsList, "05-services#label_file", Merge::Deep, Unique::No, Path::FileItems},
    {"links", texts, "05-services#links", Merge::Deep, Unique::Key},
    {"logging", object(loggingRows), "05-services#logging", Merge::Logging, Unique::No, Path::No, Zero::Keep},
    {"mem_limit", bytes, "05-services#mem_limit"},
    {"mem_reservation", textBytes, "05-services#mem_reservation"},
    {"memswap_limit", bytes, "05-services#memswap_limit"},
    {"mem_swappiness", textBytes, "05-services#mem_swappiness"},
    {"mac_address", text, "05-services#mac_address"},
    {"models", modelBindings, "05-services#models", Merge::Deep, Unique::Strict},
    {"network_mode", text, "05-services#network_mode"},
    {"networks", attachments, "05-services#networks", Merge::Deep, Unique::Strict},
    {"oom_kill_disable", flag, "05-services#oom_kill_disable"},
    {"oom_score_adj", oomScore, "05-services#oom_score_adj"},
    {"pid", textOrNull, "05-services#pid"},
    {"pids_limit", anyNumber, "05-services#pids_limit"},
    {"platform", text, "05-services#platform"},
    {"ports", listOf(port, 0, Form::Ports), "05-services#ports", Merge::Deep, Unique::Port},
    {"privileged", flag, "05-services#privileged"},
    {"pull_policy", matching(pullPolicies, hasPullPolicy), "05-services#pull_policy"},
    {"pull_refresh_after", text, "05-services#pull_policy", Merge::Deep, Unique::No, Path::No, Zero::Never},
    {"read_only", flag, "05-services#read_only"},
    {"restart", text, "05-services#restart"},
    {"runtime", text, "05-services#runtime"},
    {"scale", natural, "05-services#scale", Merge::Deep, Unique::No, Path::No, Zero::Keep},
    {"secrets", listOf(secretMount), "05-services#secrets", Merge::Deep, Unique::Secret},
    {"security_opt", texts, "05-services#security_opt", Merge::Deep, Unique::Strict},
    {"shm_size", bytes, "05-services#shm_size"},
    {"stdin_open", flag, "05-services#stdin_open"},
    {"stop_grace_period", duration, "05-services#stop_grace_period", Merge::Deep, Unique::No, Path::No, Zero::Keep},
    {"stop_signal", text, "05-services#stop_signal"},
    {"storage_opt", optionsOrNull, "05-services#storage_opt"},
    {"sysctls", pairs, "05-services#sysctls", Merge::Pairs, Unique::Key},
    {"tmpfs", textOrTexts, "05-services#tmpfs", Merge::Pairs, Unique::Key},
    {"tty", flag, "05-services#tty"},
    {"ulimits", ulimits, "05-services#ulimits"},
    {"use_api_socket", strictFlag, "05-services#use_api_socket"},
    {"user", text, "05-services#user"},
    {"userns_mode", text, "05-services#userns_mode"},
    {"uts", text, "05-services#uts"},
    {"volumes", listOf(volumeMount), "05-services#volumes", Merge::Deep, Unique::Target},
    {"volumes_from", texts, "05-services#volumes_from", Merge::Deep, Unique::Strict},
    {"working_dir", text, "05-services#working_dir"},
    {"pre_start", listOf(preStartHook), "05-services#pre_start"},
    {"post_start", listOf(hook), "05-services#post_start"},
    {"pre_stop", listOf(hook), "05-services#pre_stop"},
};

}  // namespace

constexpr Shape serviceShape = object(serviceRows);
const Shape service = serviceShape;

}  // namespace devc::compose::schema
