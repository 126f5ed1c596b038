#pragma once
#include "app/commands/commands.h"
#include "app/ui/log_printer.h"

namespace devc::app {

/// How `logs` and an attached `up` print what containers write.
struct PrintFlags {
    bool timestamps = false, noColor = false, noPrefix = false;

    /// `timestampsName`: "--timestamps", with a letter where the command has one.
    void addTo(CLI::App& command, const std::string& timestampsName);
    LogPrinter::Options options(const Context& context) const;
};

}  // namespace devc::app
