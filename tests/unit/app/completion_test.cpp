#include <doctest/doctest.h>

#include "app/completion.h"

using namespace devc::app;

namespace {

/// The words that are offered, by blanks; ":files" last where paths are.
std::string offered(std::vector<std::string> words) {
    CLI::App root("", "devc");
    std::string file, timeout, format;
    root.add_option("-f,--file", file);
    root.add_option("--profile", format);
    CLI::App* stop = root.add_subcommand("stop", "Stop services");
    stop->add_option("-t,--timeout", timeout);
    stop->add_option("service", file);
    stop->add_option("--format", format)->check(CLI::IsMember({"text", "dot"}));
    CLI::App* container = root.add_subcommand("container", "");
    CLI::App* rm = container->add_subcommand("rm", "");
    rm->add_option("container", file);
    CLI::App* copy = container->add_subcommand("cp", "");
    copy->add_option("source", file);
    const Completion result = complete(root, words, [](const std::string& kind) -> std::vector<std::string> {
        if (kind == "service") return {"web", "worker", "db"};
        if (kind == "container") return {"shop-web-1"};
        if (kind == "profile") return {"debug"};
        return {};
    });
    std::string text;
    for (const Candidate& candidate : result.candidates) text += (text.empty() ? "" : " ") + candidate.text;
    if (result.files) text += text.empty() ? ":files" : " :files";
    return text;
}

}  // namespace

TEST_CASE("commands are completed by what was typed") {
    CHECK(offered({"st"}) == "stop");
    CHECK(offered({"container", ""}) == "rm cp");
}

TEST_CASE("services are offered to a project's command, after flags with values too") {
    CHECK(offered({"stop", "w"}) == "web worker");
    CHECK(offered({"-f", "a.yaml", "stop", "-t", "3", ""}) == "web worker db");
}

TEST_CASE("containers are offered to container commands") {
    CHECK(offered({"container", "rm", ""}) == "shop-web-1");
    CHECK(offered({"container", "cp", "s"}) == "shop-web-1 :files");
}

TEST_CASE("flags are offered after a dash, values after a flag") {
    CHECK(offered({"stop", "--t"}) == "--timeout");
    CHECK(offered({"--profile", ""}) == "debug");
    CHECK(offered({"-f", ""}) == ":files");
}

TEST_CASE("a flag that allows certain words offers these") {
    CHECK(offered({"stop", "--format", ""}) == "text dot");
    CHECK(offered({"stop", "--format", "d"}) == "dot");
    CHECK(offered({"stop", "--format", "x"}) == "");
}

TEST_CASE("an unknown command has nothing to offer") { CHECK(offered({"nothing", ""}) == ""); }
