#pragma once
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace devc::app {

/// A list of objects printed the way `--format` says: `table` (or nothing), `table TEMPLATE`, `json` (an object a line),
/// or a TEMPLATE applied to every object. `\t` and `\n` written as two characters are understood as docker does.
class Listing {
public:
    /// `format`: the flag's value. `defaultTable`: the template of the plain table, columns apart by tabs:
    /// "{{.ID}}\t{{.Names}}". `headers`: field -> column title where it is not the field's name in capitals.
    /// Throws Error when the format is not a template (before anything was done).
    Listing(std::string format, std::string defaultTable, std::map<std::string, std::string> headers = {});
    ~Listing();

    /// `row`: what `json` prints and fields refer to. `labels` are for `{{.Label "x"}}`.
    void add(const nlohmann::json& row, const std::map<std::string, std::string>& labels = {});
    /// With a table also when there are no rows: the header.
    std::string text() const;
    /// text() to stdout.
    void print() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// What `inspect` of any noun prints: a JSON array indented by four, or one line an object rendered by `format` ("json" is
/// compact). `objects` is an array.
std::string inspectText(const nlohmann::json& objects, const std::string& format);

}  // namespace devc::app
