#include <algorithm>
#include <cctype>

#include <nlohmann/json.hpp>

#include "engine/error.h"
#include "engine/image/image_config.h"

namespace devc::engine {

using nlohmann::json;

namespace {

bool isBlank(char c) { return c == ' ' || c == '\t'; }

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && isBlank(text.front())) text.remove_prefix(1);
    while (!text.empty() && isBlank(text.back())) text.remove_suffix(1);
    return text;
}

/// Words separated by blanks; quotes and backslashes as in a Dockerfile.
std::vector<std::string> wordsOf(std::string_view text) {
    std::vector<std::string> words;
    std::string word;
    bool inside = false;
    char quote = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        char c = text[i];
        if (c == '\\' && quote != '\'' && i + 1 < text.size()) {
            word += text[++i];
            inside = true;
        } else if (quote) {
            if (c == quote) quote = 0;
            else word += c;
        } else if (c == '"' || c == '\'') {
            quote = c;
            inside = true;
        } else if (isBlank(c)) {
            if (inside) words.push_back(std::move(word));
            word.clear();
            inside = false;
        } else {
            word += c;
            inside = true;
        }
    }
    if (inside) words.push_back(std::move(word));
    return words;
}

/// JSON form, or the shell form wrapped in the default shell.
json commandOf(std::string_view text) {
    if (text.starts_with('[')) {
        json list = json::parse(text, nullptr, false);
        if (list.is_array() && std::all_of(list.begin(), list.end(), [](const json& item) { return item.is_string(); })) return list;
    }
    return json::array({"/bin/sh", "-c", text});
}

std::vector<std::string> listOf(std::string_view text) {
    if (text.starts_with('[')) {
        json list = json::parse(text, nullptr, false);
        if (list.is_array() && std::all_of(list.begin(), list.end(), [](const json& item) { return item.is_string(); }))
            return list.get<std::vector<std::string>>();
    }
    return wordsOf(text);
}

/// "K=V K2=V2" or the old form "K value with blanks".
std::vector<std::pair<std::string, std::string>> pairsOf(std::string_view text, std::string_view line) {
    std::vector<std::string> words = wordsOf(text);
    std::vector<std::pair<std::string, std::string>> pairs;
    if (!words.empty() && words[0].find('=') == std::string::npos) {
        if (words.size() < 2) throw Error::of("--change \"{}\": a name needs a value", line);
        return {{words[0], std::string(trimmed(text.substr(words[0].size())))}};
    }
    for (const std::string& word : words) {
        std::size_t equal = word.find('=');
        if (equal == std::string::npos || equal == 0) throw Error::of("--change \"{}\": \"{}\" is not of the form NAME=VALUE", line, word);
        pairs.emplace_back(word.substr(0, equal), word.substr(equal + 1));
    }
    return pairs;
}

void setEnvironment(json& config, const std::string& name, const std::string& value) {
    json& list = config["Env"];
    if (!list.is_array()) list = json::array();
    for (json& item : list)
        if (item.get<std::string>().starts_with(name + "=")) {
            item = name + "=" + value;
            return;
        }
    list.push_back(name + "=" + value);
}

}  // namespace

void applyChanges(json& ociConfig, const std::vector<std::string>& changes) {
    json& config = ociConfig["config"];
    if (!config.is_object()) config = json::object();
    for (const std::string& line : changes) {
        std::string_view rest = trimmed(line);
        std::size_t end = rest.find_first_of(" \t");
        std::string name(rest.substr(0, end));
        std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::toupper(c); });
        std::string_view value = end == std::string_view::npos ? std::string_view() : trimmed(rest.substr(end));
        if (value.empty()) throw Error::of("--change \"{}\" needs a value", line);
        if (name == "CMD") config["Cmd"] = commandOf(value);
        else if (name == "ENTRYPOINT") config["Entrypoint"] = commandOf(value);
        else if (name == "ENV")
            for (auto& [key, text] : pairsOf(value, line)) setEnvironment(config, key, text);
        else if (name == "LABEL")
            for (auto& [key, text] : pairsOf(value, line)) config["Labels"][key] = text;
        else if (name == "EXPOSE")
            for (std::string port : wordsOf(value)) config["ExposedPorts"][port.find('/') == std::string::npos ? port + "/tcp" : port] = json::object();
        else if (name == "VOLUME")
            for (const std::string& volume : listOf(value)) config["Volumes"][volume] = json::object();
        else if (name == "WORKDIR") config["WorkingDir"] = value;
        else if (name == "USER") config["User"] = value;
        else if (name == "STOPSIGNAL") config["StopSignal"] = value;
        else if (name == "ONBUILD") config["OnBuild"].push_back(value);
        else if (name == "HEALTHCHECK" && value == "NONE") config["Healthcheck"] = {{"Test", {"NONE"}}};
        else if (name == "HEALTHCHECK" && value.starts_with("CMD ")) {
            std::string_view test = trimmed(value.substr(4));
            json command = commandOf(test);
            if (test.starts_with('[') && command[0] != "/bin/sh") command.insert(command.begin(), "CMD");
            else command = json::array({"CMD-SHELL", test});
            config["Healthcheck"] = {{"Test", command}};
        } else
            throw Error::of("--change \"{}\": {} is not a valid change command", line, name)
                .hint("use one of CMD, ENTRYPOINT, ENV, EXPOSE, HEALTHCHECK, LABEL, ONBUILD, STOPSIGNAL, USER, VOLUME, WORKDIR");
    }
}

}  // namespace devc::engine
