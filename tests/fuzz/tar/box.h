#pragma once
#include <string>
#include <string_view>

namespace devc::fuzz {

/// Where archives are unpacked: a file system in memory that only this process sees, with what an archive might reach for
/// beside the folders that it may fill. All else is mounted read-only, but for the folders that libFuzzer writes to.
///
///     /mnt/outside   files and folders of somebody else; nothing here may be changed, nor read
///     /mnt/below     a lower layer; may be read
///     /mnt/in/layer  an empty folder
///     /mnt/in/tree   a folder that lives: it has a file, a folder, and links that lead outside
namespace box {

constexpr const char* layer = "/mnt/in/layer";
constexpr const char* tree = "/mnt/in/tree";
constexpr const char* below = "/mnt/below";

/// Once, with the command line of libFuzzer.
void enter(int argc, char** argv);
/// Makes /mnt/in as it is described above.
void refill();
/// Ends the process with a word if anything beside the content of `layer` and `tree` has been made, changed or read, or if
/// the two have what no archive may make.
void verify(bool devicesInTree, bool specialModesInTree);
/// Ends the process with a word.
[[noreturn]] void escaped(const std::string& what);

}  // namespace box
}  // namespace devc::fuzz
