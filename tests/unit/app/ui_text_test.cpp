#include <doctest/doctest.h>

#include <cstdio>
#include <memory>

#include "app/ui/escape.h"
#include "app/ui/human.h"
#include "app/ui/log_printer.h"
#include "app/ui/table.h"
#include "engine/error.h"

using namespace devc::app;
using std::chrono::seconds;

TEST_CASE("durations have docker's words") {
    CHECK(humanDuration(seconds(0)) == "Less than a second");
    CHECK(humanDuration(seconds(1)) == "1 second");
    CHECK(humanDuration(seconds(59)) == "59 seconds");
    CHECK(humanDuration(seconds(60)) == "About a minute");
    CHECK(humanDuration(seconds(150)) == "2 minutes");
    CHECK(humanDuration(seconds(3600)) == "About an hour");
    CHECK(humanDuration(seconds(48 * 3600)) == "2 days");
    CHECK(humanDuration(seconds(14 * 86400)) == "2 weeks");
}

TEST_CASE("sizes are decimal for files and binary for memory") {
    CHECK(humanSize(0) == "0B");
    CHECK(humanSize(12345, 3) == "12.3kB");
    CHECK(humanSize(1.45e9, 3) == "1.45GB");
    CHECK(humanBinarySize(512 * 1024 * 1024) == "512MiB");
}

TEST_CASE("sizes are read with binary units") {
    CHECK(parseSize("512m") == 512LL << 20);
    CHECK(parseSize("1.5g") == 3LL << 29);
    CHECK(parseSize("1024") == 1024);
    CHECK_THROWS_AS(parseSize("many"), devc::engine::Error);
}

TEST_CASE("durations are read as Go writes them") {
    CHECK(parseDuration("1m30s") == seconds(90));
    CHECK(parseDuration("500ms") == std::chrono::milliseconds(500));
    CHECK_THROWS_AS(parseDuration("soon"), devc::engine::Error);
}

TEST_CASE("columns are as wide as their widest cell") {
    Table table({"NAME", "IMAGE"});
    table.add({"a-long-container-name", "busybox"});
    table.add({"web", "x"});
    CHECK(table.text() == "NAME                    IMAGE\na-long-container-name   busybox\nweb                     x\n");
}

TEST_CASE("wide characters and colours count as the terminal shows them") {
    CHECK(displayWidth("日本") == 4);
    CHECK(displayWidth("\x1b[31mred\x1b[0m") == 3);
    CHECK(escapeControls("a\x1b[2J") == "a\\x1b[2J");
}

namespace {

/// What is printed into a file without a name.
class Output {
public:
    Output() : file_(std::tmpfile(), &std::fclose) {}
    std::FILE* get() { return file_.get(); }
    std::string text() {
        std::fflush(file_.get());
        std::rewind(file_.get());
        std::string result(1 << 16, '\0');
        result.resize(std::fread(result.data(), 1, result.size(), file_.get()));
        return result;
    }

private:
    std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_;
};

LogPrinter::Options optionsFor(Output& output) {
    LogPrinter::Options options;
    options.out = output.get();
    return options;
}

}  // namespace

TEST_CASE("log lines have their container's name, padded to the longest") {
    Output output;
    {
        LogPrinter printer(optionsFor(output));
        printer.add("web-1");
        printer.add("database-1");
        printer.write("web-1", "ready\n");
        printer.write("database-1", "up\n");
    }
    CHECK(output.text() == "web-1       | ready\ndatabase-1  | up\n");
}

TEST_CASE("a line that comes in pieces is printed once it is whole") {
    Output output;
    {
        LogPrinter printer(optionsFor(output));
        printer.add("a");
        printer.write("a", "one ");
        printer.write("a", "line\nrest");
        printer.finish("a");
    }
    CHECK(output.text() == "a  | one line\na  | rest\n");
}

TEST_CASE("without prefix lines are as the program wrote them") {
    Output output;
    {
        LogPrinter::Options options = optionsFor(output);
        options.prefix = false;
        LogPrinter printer(options);
        printer.add("a");
        printer.write("a", "text\n");
    }
    CHECK(output.text() == "text\n");
}

TEST_CASE("a program's colors and tabs stay, nothing else that a terminal obeys") {
    CHECK(escapeOutput("plain \xc3\xa4\tb") == "plain \xc3\xa4\tb");
    CHECK(escapeOutput("\x1b[1;31mred\x1b[m x") == "\x1b[1;31mred\x1b[m x\x1b[0m");
    CHECK(escapeOutput("\x1b[2J\x1b]0;title\a\x1b[31") == "\\x1b[2J\\x1b]0;title\\x07\\x1b[31");
    CHECK(escapeOutput("\x1b[?25l\x1b[>4m") == "\\x1b[?25l\\x1b[>4m");
    CHECK(escapeText("a\x1b[2J\nb\r") == "a\\x1b[2J\nb\\x0d");
}
