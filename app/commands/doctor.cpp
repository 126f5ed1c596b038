// doctor: whether this machine has what devc needs.
#include <algorithm>

#include "app/commands/commands.h"
#include "app/commands/noun.h"
#include "app/doctor/doctor.h"
#include "engine/host.h"

namespace devc::app {

void addDoctor(CLI::App& parent, Context& context) {
    CLI::App* command = parent.add_subcommand("doctor", "Check that this machine has what devc needs");
    command->callback([&context] {
        const std::vector<Finding> findings = judge(look(engine::Host::fromEnvironment()));
        out(textOf(findings));
        const bool missing = std::any_of(findings.begin(), findings.end(), [](const Finding& finding) { return finding.verdict == Verdict::Missing; });
        context.status = missing ? 1 : 0;
    });
}

}  // namespace devc::app
