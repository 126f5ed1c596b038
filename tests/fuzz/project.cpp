#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <unistd.h>

#include "compose/load.h"
#include "compose/render/render.h"
#include "compose/source/node.h"
#include "tests/fuzz/input.h"

using namespace devc::compose;

namespace {

/// A folder that the loader reads from, removed when the program ends.
class Folder {
public:
    Folder() {
        std::string pattern = (std::filesystem::temp_directory_path() / "fuzz-project-XXXXXX").string();
        if (!::mkdtemp(pattern.data())) std::abort();
        path = pattern;
    }
    ~Folder() { std::filesystem::remove_all(path); }

    void write(const std::string& name, std::string_view text) const { std::ofstream(path / name) << text; }
    void empty() const {
        for (const auto& entry : std::filesystem::directory_iterator(path)) std::filesystem::remove_all(entry.path());
    }

    std::filesystem::path path;
};

/// "#= b.yaml" begins another file, so that extends, include, env_file and .env find something.
void writeFiles(const Folder& folder, std::string_view text) {
    constexpr std::string_view mark = "#= ";
    std::string name = "compose.yaml";
    while (true) {
        std::size_t next = text.starts_with(mark) ? 0 : text.find("\n#= ");
        std::string_view content = next == 0 ? std::string_view() : text.substr(0, next == std::string_view::npos ? next : next + 1);
        if (!content.empty()) folder.write(name, content);
        if (next == std::string_view::npos) return;
        text.remove_prefix(content.size() + mark.size());
        std::size_t end = text.find('\n');
        name = std::string(text.substr(0, end));
        bool plain = !name.empty() && name.size() < 32 && name.find_first_not_of("abcdefghijklmnopqrstuvwxyz.-") == std::string::npos;
        if (!plain || name == "." || name == "..") name = "other";
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
}

LoadRequest requestFor(const Folder& folder) {
    LoadRequest request;
    request.currentDir = folder.path.string();
    request.profiles = {"*"};
    request.warn = [](const std::string&) {};
    return request;
}

std::string rendered(const Project& project) { return render(project, {}); }

/// What `config` prints is read again. Docker Compose prints a few things that it refuses itself, and so does devc.
void readAgain(const Folder& folder, const std::string& printed) {
    std::filesystem::remove(folder.path / ".env");
    folder.write("printed", printed);
    LoadRequest request = requestFor(folder);
    request.files = {"printed"};
    try {
        rendered(load(request));
    } catch (const LoadError&) {
    }
}

}  // namespace

/// The whole loader: files to Project, Project to text, and that text again.
void fuzz(std::string_view text) {
    static const Folder folder;
    folder.empty();
    writeFiles(folder, text);
    std::string first;
    try {
        first = rendered(load(requestFor(folder)));
    } catch (const LoadError&) {
        return;
    }
    LoadRequest raw = requestFor(folder);
    raw.interpolate = false;
    try {
        render(load(raw), {.json = true, .escapeDollars = false});
    } catch (const LoadError&) {
    }
    readAgain(folder, first);
}
