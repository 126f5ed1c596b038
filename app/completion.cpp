#include "app/completion.h"

#include <algorithm>
#include <map>
#include <string_view>

#include "app/arguments.h"

namespace devc::app {
namespace {

/// Values of flags: a kind of name ("<service>"), or the words themselves. A flag that is not here takes a path.
const std::map<std::string_view, std::vector<std::string_view>>& flagValues() {
    static const std::map<std::string_view, std::vector<std::string_view>> table = {
        {"ansi", {"auto", "always", "never"}},
        {"attach", {"<service>"}},
        {"exit-code-from", {"<service>"}},
        {"format", {"table", "json"}},
        {"ipc", {"private", "shareable", "host", "none"}},
        {"network", {"<network>"}},
        {"no-attach", {"<service>"}},
        {"pid", {"host"}},
        {"policy", {"missing", "always"}},
        {"profile", {"<profile>"}},
        {"progress", {"auto", "tty", "plain", "json", "quiet"}},
        {"protocol", {"tcp", "udp"}},
        {"pull", {"always", "missing", "never"}},
        {"restart", {"no", "always", "on-failure", "unless-stopped"}},
        {"rmi", {"all", "local"}},
        {"scale", {"<service>"}},
        {"signal", {"SIGTERM", "SIGKILL", "SIGINT", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2"}},
        {"status", {"created", "dead", "exited", "paused", "removing", "restarting", "running"}},
        {"volumes-from", {"<container>"}},
    };
    return table;
}

/// What the positional arguments of a command are: the first, the second, ...; the last repeats with "...".
const std::map<std::string_view, std::vector<std::string_view>>& arguments() {
    static const std::map<std::string_view, std::vector<std::string_view>> table = {
        {"builder", {}},
        {"completion", {"<shell>"}},
        {"config", {"<service>", "..."}},
        {"container", {"<container>", "..."}},
        {"container cp", {"<container>", "..."}},
        {"container create", {"<image>"}},
        {"container exec", {"<container>"}},
        {"container ls", {}},
        {"container prune", {}},
        {"container run", {"<image>"}},
        {"down", {"<service>", "..."}},
        {"exec", {"<service>"}},
        {"image", {"<image>", "..."}},
        {"image build", {}},
        {"image import", {}},
        {"image load", {}},
        {"image prune", {}},
        {"ls", {}},
        {"network connect", {"<network>", "<container>"}},
        {"network create", {}},
        {"network disconnect", {"<network>", "<container>"}},
        {"network inspect", {"<network>", "..."}},
        {"network rm", {"<network>", "..."}},
        {"port", {"<service>"}},
        {"run", {"<service>"}},
        {"system", {}},
        {"version", {}},
        {"volume inspect", {"<volume>", "..."}},
        {"volume rm", {"<volume>", "..."}},
    };
    return table;
}

class Completer {
public:
    Completer(const std::string& current, const NameSource& names) : current_(current), names_(names) {}

    void offer(std::string_view text, std::string_view help = {}) {
        if (text.starts_with(current_)) result.candidates.push_back({std::string(text), std::string(help)});
    }
    void offerValue(std::string_view value) {
        if (value == "<shell>") return offer("bash"), offer("zsh"), offer("fish");
        if (!value.starts_with('<')) return offer(value);
        for (const std::string& name : names_(std::string(value.substr(1, value.size() - 2)))) offer(name);
    }
    void offerFlags(const CLI::App& app) {
        for (const CLI::Option* option : app.get_options()) {
            if (option->get_group().empty()) continue;
            for (const std::string& name : option->get_lnames()) offer("--" + name, option->get_description());
            if (current_ == "-")
                for (const std::string& name : option->get_snames()) offer("-" + name, option->get_description());
        }
    }
    void offerCommands(const CLI::App& app) {
        for (const CLI::App* command : app.get_subcommands([](const CLI::App* one) { return !one->get_group().empty(); }))
            offer(command->get_name(), command->get_description());
    }

    Completion result;

private:
    const std::string& current_;
    const NameSource& names_;
};

/// The words that the flag's own check allows ("TEXT:{text,dot,svg}"); none if any value will do.
std::vector<std::string> allowedBy(const CLI::Option& option) {
    const std::string type = option.get_type_name();
    const std::size_t begin = type.find(":{"), end = type.rfind('}');
    if (begin == std::string::npos || end == std::string::npos || end < begin) return {};
    return CLI::detail::split(type.substr(begin + 2, end - begin - 2), ',');
}

/// The flag that takes its value from the word after `word`.
const CLI::Option* lastFlag(const CLI::App& app, const std::string& word) {
    if (word.starts_with("--")) return app.get_option_no_throw(word);
    return app.get_option_no_throw(std::string("-") + word.back());
}

std::vector<std::string_view> positionalsOf(const std::string& command) {
    const auto exact = arguments().find(command);
    if (exact != arguments().end()) return exact->second;
    const auto noun = arguments().find(command.substr(0, command.find(' ')));
    if (noun != arguments().end()) return noun->second;
    if (command.find(' ') != std::string::npos) return {};
    return {"<service>", "..."};  // a project's command
}

}  // namespace

Completion complete(CLI::App& root, const std::vector<std::string>& words, const NameSource& names) {
    const std::string current = words.empty() ? "" : words.back();
    Completer completer(current, names);
    CLI::App* app = &root;
    std::string command;
    std::size_t given = 0;
    const CLI::Option* pending = nullptr;
    for (std::size_t at = 0; at + 1 < words.size(); ++at) {
        const std::string& word = words[at];
        if (pending != nullptr) {
            pending = nullptr;
        } else if (word.size() > 1 && word[0] == '-') {
            const CLI::App& owner = valueFollows(*app, word) ? *app : root;
            if (valueFollows(owner, word)) pending = lastFlag(owner, word);
        } else if (CLI::App* next = given == 0 ? subcommandOf(*app, word) : nullptr) {
            app = next;
            command += (command.empty() ? "" : " ") + next->get_name();
        } else if (app == &root) {
            return completer.result;  // a command that there is not
        } else if (++given; app->get_positionals_at_end() && given > positionalsOf(command).size()) {
            break;
        }
    }
    if (pending != nullptr) {
        const std::string name = pending->get_lnames().empty() ? "" : pending->get_lnames().front();
        const std::vector<std::string> allowed = allowedBy(*pending);
        for (const std::string& word : allowed) completer.offer(word);
        if (!allowed.empty()) return completer.result;
        const auto values = flagValues().find(name);
        completer.result.files = values == flagValues().end();
        if (values != flagValues().end())
            for (const std::string_view value : values->second) completer.offerValue(value);
        return completer.result;
    }
    const bool ofProgram = app->get_positionals_at_end() && given > 0;
    if (current.starts_with('-') && !ofProgram) {
        completer.offerFlags(*app);
        return completer.result;
    }
    if (!app->get_subcommands([](const CLI::App*) { return true; }).empty() && given == 0) {
        completer.offerCommands(*app);
        return completer.result;
    }
    const std::vector<std::string_view> kinds = positionalsOf(command);
    std::size_t place = given;
    if (!kinds.empty() && kinds.back() == "..." && place + 1 >= kinds.size()) place = kinds.size() - 2;
    if (place < kinds.size() && kinds[place] != "...") completer.offerValue(kinds[place]);
    completer.result.files = place >= kinds.size() || command == "container cp" || command == "cp";
    return completer.result;
}

}  // namespace devc::app
