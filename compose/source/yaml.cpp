#include "compose/source/yaml.h"

#include <map>
#include <sstream>
#include <unordered_map>

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include "compose/problems.h"
#include "compose/source/base64.h"
#include "compose/source/scalar.h"
#include "compose/source/utf8.h"

namespace devc::compose {
namespace {


[[noreturn]] void fail(Position at, std::string message, std::string hint = {}) {
    throw LoadError({diagnose(at, std::move(message), std::move(hint))});
}

/// Builds the tree from yaml-cpp's events.
class Builder : public YAML::EventHandler {
public:
    explicit Builder(const Source& source) : source_(source) {}

    std::vector<Node> documents;

    /// yaml-cpp leaves a token that can begin nothing where it is, and would see an empty document there again and again.
    void OnDocumentStart(const YAML::Mark& mark) override {
        if (mark.pos == lastStart_) fail(position(mark), "not valid YAML: nothing can begin here");
        lastStart_ = mark.pos;
        if (++started_ > Budget::mostDocuments) fail(position(mark), fmt::format("the file has more than {} documents", Budget::mostDocuments));
    }
    void OnDocumentEnd() override {
        anchors_.clear();
        open_.clear();
    }
    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        count(1, mark);
        add(Node::null(position(mark)), anchor);
    }
    void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        auto found = anchors_.find(anchor);
        if (found == anchors_.end()) fail(position(mark), "an alias refers to the value that contains it: cycle detected");
        count(found->second.size, mark, "aliases are counted as what they stand for");
        Node copy = found->second.node;
        copy.at = position(mark);
        add(std::move(copy), 0);
    }
    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  const std::string& value) override {
        count(1, mark);
        Position at = position(mark);
        bool plain = tag.empty() || tag == "?";
        Node node = plain ? resolveScalar(value, at) : Node::string(value, at);
        plainMergeKey_ = plain && value == "<<";
        if (!plain) lastQuoted_ = at;
        applyTag(node, tag, value);
        // Docker Compose refuses keys that are numbers, booleans or null; a date keeps its text.
        if (!open_.empty() && open_.back().node.isMap() && !open_.back().hasKey && plain) {
            if (!node.isString()) fail(at, fmt::format("non-string key {}", value), "put it in quotes");
            node = Node::string(value, at);
        }
        add(std::move(node), anchor);
    }
    void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value) override {
        count(1, mark);
        start(Node::list(position(mark)), tag, anchor);
    }
    void OnSequenceEnd() override { end(); }
    void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value) override {
        count(1, mark);
        start(Node::map(position(mark)), tag, anchor);
    }
    void OnMapEnd() override { end(); }

    /// yaml-cpp takes the end of the file for the end of a quoted text whose line is complete.
    void requireClosedQuote() const {
        if (!lastQuoted_.source) return;
        std::string_view rest = source_.from(lastQuoted_);
        char quote = rest.empty() ? '\0' : rest.front();
        if (quote != '"' && quote != '\'') return;
        std::size_t i = 1;
        for (; i < rest.size() && rest[i] != quote; ++i) {
            if (quote == '"' && rest[i] == '\\') ++i;
        }
        if (i >= rest.size()) fail(lastQuoted_, fmt::format("not valid YAML: the quoted text has no closing {}", quote));
    }

private:
    struct Open {
        Node node;
        YAML::anchor_t anchor = 0;
        bool hasKey = false;
        bool mergeKey = false;
        std::string key;
        Position keyAt;
        std::vector<Node> merged;
        std::unordered_map<std::string, std::size_t> keys;
    };
    struct Anchor {
        Node node;
        std::size_t size;
    };

    Position position(const YAML::Mark& mark) const { return {&source_, mark.line + 1, mark.column + 1}; }

    void count(std::size_t values, const YAML::Mark& mark, std::string hint = {}) {
        values_ += values;
        if (values_ > Budget::mostFileValues) fail(position(mark), fmt::format("the file has more than {} values", Budget::mostFileValues), std::move(hint));
    }

    static void applyTag(Node& node, const std::string& tag, const std::string& value) {
        if (tag == "!reset") {
            node.tag = Tag::Reset;
        } else if (tag == "!override") {
            Position at = node.at;
            node = resolveScalar(value, at);
            node.tag = Tag::Override;
        } else if (tag == "tag:yaml.org,2002:int" || tag == "tag:yaml.org,2002:float" ||
                   tag == "tag:yaml.org,2002:bool" || tag == "tag:yaml.org,2002:null") {
            node = resolveScalar(value, node.at);
        } else if (tag == "tag:yaml.org,2002:binary") {
            auto bytes = fromBase64(value);
            if (!bytes) fail(node.at, "!!binary needs base64");
            node.text = std::move(*bytes);
        }
    }

    void start(Node node, const std::string& tag, YAML::anchor_t anchor) {
        if (open_.size() >= Budget::deepest) fail(node.at, fmt::format("values are nested deeper than {} levels", Budget::deepest));
        if (!open_.empty() && open_.back().node.isMap() && !open_.back().hasKey) {
            fail(node.at, "a key must be a scalar, not a list or mapping");
        }
        if (tag == "!reset") node.tag = Tag::Reset;
        if (tag == "!override") node.tag = Tag::Override;
        Open opened;
        opened.node = std::move(node);
        opened.anchor = anchor;
        open_.push_back(std::move(opened));
    }

    void end() {
        Open closed = std::move(open_.back());
        open_.pop_back();
        applyMerges(closed);
        add(std::move(closed.node), closed.anchor);
    }

    /// `<<`: what the mapping itself says wins, then the earlier of the merged ones.
    static void applyMerges(Open& closed) {
        for (Node& merged : closed.merged) {
            for (Entry& entry : merged.entries) {
                if (closed.keys.try_emplace(entry.key, closed.node.entries.size()).second) {
                    closed.node.entries.push_back(std::move(entry));
                }
            }
        }
    }

    void add(Node node, YAML::anchor_t anchor) {
        if (anchor != 0) anchors_.insert_or_assign(anchor, Anchor{node, countValues(node)});
        if (open_.empty()) {
            documents.push_back(std::move(node));
            return;
        }
        Open& parent = open_.back();
        if (parent.node.isList()) {
            parent.node.push(std::move(node));
        } else if (!parent.hasKey) {
            parent.mergeKey = plainMergeKey_ && node.isString() && node.text == "<<";
            parent.key = node.isNull() ? "null" : node.scalarText();
            parent.keyAt = node.at;
            parent.hasKey = true;
        } else {
            parent.hasKey = false;
            addMember(parent, std::move(node));
        }
        plainMergeKey_ = false;
    }

    void addMember(Open& parent, Node node) {
        if (parent.mergeKey) {
            mergeMember(parent, std::move(node));
            return;
        }
        auto [position, fresh] = parent.keys.try_emplace(parent.key, parent.node.entries.size());
        if (!fresh) {
            fail(parent.keyAt, fmt::format("mapping key \"{}\" already defined at line {}", parent.key,
                                           parent.node.entries[position->second].at.line));
        }
        parent.node.entries.push_back({std::move(parent.key), parent.keyAt, std::move(node)});
    }

    static void mergeMember(Open& parent, Node node) {
        if (node.isMap()) {
            parent.merged.push_back(std::move(node));
            return;
        }
        if (!node.isList()) fail(node.at, "map merge requires a mapping or a list of mappings as the value of `<<`");
        for (Entry& entry : node.entries) {
            if (!entry.value.isMap()) fail(entry.at, "map merge requires a mapping or a list of mappings as the value of `<<`");
            parent.merged.push_back(std::move(entry.value));
        }
    }

    const Source& source_;
    int lastStart_ = -1;
    std::size_t started_ = 0;
    std::vector<Open> open_;
    std::unordered_map<YAML::anchor_t, Anchor> anchors_;
    std::size_t values_ = 0;
    bool plainMergeKey_ = false;
    Position lastQuoted_;  // or a block scalar
};

void requireText(const Source& source) {
    const std::string& text = source.text;
    int line = 1;
    std::size_t lineStart = 0;
    for (std::size_t i = 0; i < text.size();) {
        auto byte = static_cast<unsigned char>(text[i]);
        Position at{&source, line, static_cast<int>(i - lineStart) + 1};
        bool control = byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r';
        if (control || byte == 0x7F) throw LoadError({{source.name, at.line, at.column, fmt::format("control characters are not allowed: byte 0x{:02x}", byte), {}, {}}});
        std::size_t length = utf8Length(text, i);
        if (length == 0) throw LoadError({{source.name, at.line, at.column, fmt::format("the file is not valid UTF-8: byte 0x{:02x}", byte), {}, {}}});
        if (byte == '\n') {
            ++line;
            lineStart = i + 1;
        }
        i += length;
    }
}

}  // namespace

std::vector<Node> parseYaml(const Source& source) {
    requireText(source);
    Builder builder(source);
    try {
        std::istringstream stream(source.text);
        YAML::Parser parser(stream);
        while (parser.HandleNextDocument(builder)) {}
        builder.requireClosedQuote();
    } catch (const YAML::Exception& error) {
        Position at{&source, error.mark.line + 1, error.mark.column + 1};
        std::string message = error.msg;
        if (message.find("anchor") != std::string::npos) message = "unknown anchor: " + message;
        std::string hint;
        std::string_view line = source.line(at.line);
        if (line.substr(0, line.find_first_not_of(" \t")).find('\t') != std::string_view::npos) {
            hint = "YAML is indented with spaces, this line has a tab";
        }
        fail(at, "not valid YAML: " + message, hint);
    }
    if (builder.documents.size() == 1 && builder.documents.front().isNull()) return {};
    return std::move(builder.documents);
}

}  // namespace devc::compose
