#pragma once
#include <functional>
#include <map>
#include <set>
#include <string>

#include "engine/linux/fd.h"

namespace devc::app {

/// Says which files below some folders change (inotify). Folders that appear later are watched too, and what is in them
/// counts as changed.
class TreeWatch {
public:
    TreeWatch();
    /// A folder with all below it, or a file. It need not exist yet, and may be replaced. `skip` (absolute paths) is asked about
    /// folders that need no watch.
    void add(const std::string& path, const std::function<bool(const std::string&)>& skip);
    /// Waits for a change, then until nothing has changed for a tenth of a second, but no longer than a second, so that what an
    /// editor or a checkout does comes as one set of absolute paths, of files and of folders that are gone; what changes beside
    /// a root may be in it. Empty when `stop` became readable.
    /// When too much changes at once to be told apart, every file in the watched folders is in it.
    std::set<std::string> next(int stop);

private:
    void read(std::set<std::string>& changed);
    void addFolder(const std::string& path, std::set<std::string>* found);

    engine::Fd inotify_;
    std::map<int, std::string> folders_;  ///< by watch
    std::set<std::string> roots_;         ///< what was asked for
    std::set<std::string> starts_;        ///< folders that exist and hold the roots
    std::function<bool(const std::string&)> skip_;
};

}  // namespace devc::app
