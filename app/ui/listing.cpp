#include "app/ui/listing.h"

#include <optional>
#include <vector>

#include <unistd.h>

#include <nlohmann/json.hpp>

#include "app/ui/output.h"
#include "app/ui/table.h"
#include "engine/error.h"
#include "engine/template/template.h"

namespace devc::app {
namespace {

std::string replaceAll(std::string text, std::string_view what, std::string_view with) {
    for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size())) text.replace(at, what.size(), with);
    return text;
}

/// A row's text must stay on its line and must not steer the terminal.
nlohmann::json withoutControls(const nlohmann::json& row) {
    nlohmann::json result = row;
    for (auto& [key, value] : result.items())
        if (value.is_string()) value = escapeControls(value.get_ref<const std::string&>());
    return result;
}

}  // namespace

struct Listing::Impl {
    bool table = false, json = false, terminal = ::isatty(STDOUT_FILENO) == 1;
    std::optional<engine::Template> format;
    std::string body;
    std::map<std::string, std::string> headers;
};

Listing::Listing(std::string format, std::string defaultTable, std::map<std::string, std::string> headers)
    : impl_(std::make_unique<Impl>()) {
    impl_->headers = std::move(headers);
    if (format == "json") {
        impl_->json = true;
        return;
    }
    constexpr std::string_view table = "table";
    if (format.empty() || format == table) {
        impl_->table = true;
        format = std::move(defaultTable);
    } else if (format.rfind(std::string(table) + " ", 0) == 0 || format.rfind(std::string(table) + "\\t", 0) == 0) {
        impl_->table = true;
        format.erase(0, table.size());
        format.erase(0, format.find_first_not_of(' '));
    }
    impl_->format = engine::Template::parse(replaceAll(replaceAll(std::move(format), "\\t", "\t"), "\\n", "\n"));
}

Listing::~Listing() = default;

void Listing::add(const nlohmann::json& row, const std::map<std::string, std::string>& labels) {
    if (impl_->json) {
        impl_->body += engine::compactJson(row) + "\n";
        return;
    }
    const engine::Template::Methods methods = {{"Label", [&labels](const std::vector<nlohmann::json>& arguments) {
                                            const auto found = arguments.empty() || !arguments[0].is_string()
                                                                   ? labels.end()
                                                                   : labels.find(arguments[0].get<std::string>());
                                            return nlohmann::json(found == labels.end() ? std::string() : found->second);
                                        }}};
    impl_->body += impl_->format->render(impl_->table || impl_->terminal ? withoutControls(row) : row, methods) + "\n";
}

std::string Listing::text() const {
    if (!impl_->table) return impl_->body;
    return alignColumns(impl_->format->header(impl_->headers) + "\n" + impl_->body);
}

void Listing::print() const { out(text()); }

std::string inspectText(const nlohmann::json& objects, const std::string& format) {
    if (format.empty()) return objects.dump(4, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
    std::string result;
    if (format == "json") {
        for (const auto& object : objects) result += engine::compactJson(object) + "\n";
        return result;
    }
    const engine::Template parsed = engine::Template::parse(format);
    for (const auto& object : objects) result += parsed.render(object) + "\n";
    return result;
}

}  // namespace devc::app
