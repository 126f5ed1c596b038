#include <algorithm>
#include <cctype>
#include <cstdlib>

#include "engine/template/tree.h"
#include "engine/error.h"

namespace devc::engine {
namespace {

constexpr int maximumDepth = 100;

bool isBlank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool isWord(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || static_cast<unsigned char>(c) >= 0x80; }

void appendUtf8(std::string& out, unsigned code) {
    if (code < 0x80) out += static_cast<char>(code);
    else if (code < 0x800) {
        out += static_cast<char>(0xc0 | (code >> 6));
        out += static_cast<char>(0x80 | (code & 0x3f));
    } else if (code < 0x10000) {
        out += static_cast<char>(0xe0 | (code >> 12));
        out += static_cast<char>(0x80 | ((code >> 6) & 0x3f));
        out += static_cast<char>(0x80 | (code & 0x3f));
    } else {
        out += static_cast<char>(0xf0 | (code >> 18));
        out += static_cast<char>(0x80 | ((code >> 12) & 0x3f));
        out += static_cast<char>(0x80 | ((code >> 6) & 0x3f));
        out += static_cast<char>(0x80 | (code & 0x3f));
    }
}

/// Recursive descent over the text; `at_` is the offset of what comes next.
class Parser {
public:
    explicit Parser(std::string_view text) : text_(text) {}

    Template::Node parse() {
        Template::Node root;
        root.source = text_;
        variables_.push_back("$");
        if (list(root.body, false) != Stop::Text) fail("unexpected {{{}}}", stopWord_);
        return root;
    }

private:
    enum class Stop { Text, End, Else };

    template <typename... T>
    [[noreturn]] void fail(fmt::format_string<T...> format, T&&... arguments) const {
        const auto line = 1 + std::count(text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(std::min(at_, text_.size())), '\n');
        throw Error(fmt::format("template parsing error: template: :{}: {}", line, fmt::format(format, std::forward<T>(arguments)...)), 64);
    }

    struct Depth {
        explicit Depth(Parser& parser) : parser_(parser) {
            if (++parser_.depth_ > maximumDepth) parser_.fail("nested too deeply");
        }
        ~Depth() { --parser_.depth_; }
        Parser& parser_;
    };

    void skipBlanks() {
        while (at_ < text_.size() && isBlank(text_[at_])) ++at_;
    }
    bool next(std::string_view token) const { return text_.substr(at_, token.size()) == token; }
    bool take(std::string_view token) {
        if (!next(token)) return false;
        at_ += token.size();
        return true;
    }
    std::string word() {
        const std::size_t begin = at_;
        while (at_ < text_.size() && isWord(text_[at_])) ++at_;
        return std::string(text_.substr(begin, at_ - begin));
    }
    bool closes() const { return next("}}") || (at_ < text_.size() && isBlank(text_[at_]) && text_.substr(at_ + 1, 3) == "-}}"); }

    /// The end of an action; a trim marker eats the blanks that follow.
    void close() {
        skipBlanks();
        const bool trim = at_ > 0 && isBlank(text_[at_ - 1]) && take("-");
        if (!take("}}")) {
            if (at_ >= text_.size()) fail("unclosed action");
            fail("unexpected {} in operand", quoted());
        }
        if (trim) skipBlanks();
    }
    std::string quoted() const { return fmt::format("\"{}\"", text_.substr(at_, 1)); }

    /// Text and actions up to {{end}}, {{else or the end of the text.
    Stop list(std::vector<Template::Node>& nodes, bool nested) {
        const Depth depth(*this);
        while (true) {
            const std::size_t open = text_.find("{{", at_);
            std::string_view text = text_.substr(at_, open == std::string_view::npos ? open : open - at_);
            at_ = open == std::string_view::npos ? text_.size() : open + 2;
            if (open != std::string_view::npos && next("-") && at_ + 1 < text_.size() && isBlank(text_[at_ + 1])) {
                ++at_;
                while (!text.empty() && isBlank(text.back())) text.remove_suffix(1);
            }
            if (!text.empty()) {
                Template::Node node;
                node.kind = Template::Node::Text;
                node.text = text;
                nodes.push_back(std::move(node));
            }
            if (open == std::string_view::npos) {
                if (nested) fail("unexpected EOF");
                return Stop::Text;
            }
            if (const Stop stop = action(nodes); stop != Stop::Text) {
                if (!nested) fail("unexpected {{{{{}}}}}", stopWord_);
                return stop;
            }
        }
    }

    Stop action(std::vector<Template::Node>& nodes) {
        skipBlanks();
        if (take("/*")) {
            const std::size_t end = text_.find("*/", at_);
            if (end == std::string_view::npos) fail("unclosed comment");
            at_ = end + 2;
            close();
            return Stop::Text;
        }
        const std::size_t begin = at_;
        const std::string keyword = word();
        if (keyword == "end" || keyword == "else") {
            stopWord_ = keyword;
            if (keyword == "end") close();
            return keyword == "end" ? Stop::End : Stop::Else;
        }
        Template::Node node;
        node.position = begin;
        if (keyword == "if" || keyword == "range" || keyword == "with") {
            block(node, keyword);
        } else if (keyword == "break" || keyword == "continue") {
            if (loops_ == 0) fail("{{{{{}}}}} outside {{{{range}}}}", keyword);
            node.kind = keyword == "break" ? Template::Node::Break : Template::Node::Continue;
            close();
        } else if (keyword == "template" || keyword == "define" || keyword == "block") {
            fail("{{{{{}}}}} is not supported in formats", keyword);
        } else {
            at_ = begin;
            node.kind = Template::Node::Action;
            node.pipeline = pipeline(false);
            if (node.pipeline.commands.empty()) fail("missing value for command");
            close();
        }
        nodes.push_back(std::move(node));
        return Stop::Text;
    }

    void block(Template::Node& node, const std::string& keyword) {
        node.kind = keyword == "if" ? Template::Node::If : keyword == "range" ? Template::Node::Range : Template::Node::With;
        const std::size_t scope = variables_.size();
        node.pipeline = pipeline(keyword == "range");
        if (node.pipeline.commands.empty()) fail("missing value for {}", keyword);
        close();
        loops_ += keyword == "range" ? 1 : 0;
        const Stop stop = list(node.body, true);
        loops_ -= keyword == "range" ? 1 : 0;
        if (stop == Stop::Else) {
            skipBlanks();
            const std::size_t begin = at_;
            const std::string chained = word();
            if ((chained == "if" || chained == "with") && chained == keyword) {
                // `else if` is an `if` of its own that shares the {{end}}.
                const Depth depth(*this);
                Template::Node inner;
                inner.position = begin;
                block(inner, chained);
                node.otherwise.push_back(std::move(inner));
            } else {
                at_ = begin;
                close();
                if (list(node.otherwise, true) != Stop::End) fail("expected end; found {{{{else}}}}");
            }
        }
        variables_.resize(scope);
    }

    /// `$x := `, `$x = `, `$k, $v := `; rewinds when the variables belong to a command.
    void declaration(TemplatePipeline& result, bool pairs) {
        const std::size_t begin = at_;
        std::vector<std::string> names;
        while (next("$")) {
            ++at_;
            names.push_back("$" + word());
            skipBlanks();
            if (!pairs || names.size() == 2 || !take(",")) break;
            skipBlanks();
        }
        const bool declares = take(":=");
        if (names.empty() || (!declares && !(next("=") && take("=")))) {
            at_ = begin;
            return;
        }
        if (declares) variables_.insert(variables_.end(), names.begin(), names.end());
        else for (const std::string& name : names) requireVariable(name);
        result.variables = std::move(names);
        result.assigns = !declares;
    }

    void requireVariable(const std::string& name) const {
        if (std::find(variables_.begin(), variables_.end(), name) == variables_.end()) fail("undefined variable \"{}\"", name);
    }

    TemplatePipeline pipeline(bool pairs) {
        const Depth depth(*this);
        TemplatePipeline result;
        skipBlanks();
        declaration(result, pairs);
        while (true) {
            TemplateCommand command;
            for (skipBlanks(); at_ < text_.size() && !atCommandEnd(); skipBlanks()) command.operands.push_back(operand());
            if (at_ >= text_.size()) fail("unclosed action");
            if (command.operands.empty()) {
                if (result.commands.empty() && !next("|")) return result;
                fail("missing value for command");
            }
            result.commands.push_back(std::move(command));
            skipBlanks();
            if (!take("|")) return result;
        }
    }
    bool atCommandEnd() const {
        if (next("}}") || next("|") || next(")")) return true;
        return next("-}}") && at_ > 0 && isBlank(text_[at_ - 1]);
    }

    TemplateOperand operand() {
        TemplateOperand result;
        const std::size_t begin = at_;
        result.position = begin;
        const char c = text_[at_];
        if (c == '.' && !(at_ + 1 < text_.size() && std::isdigit(static_cast<unsigned char>(text_[at_ + 1])) != 0)) {
            if (at_ + 1 >= text_.size() || !isWord(text_[at_ + 1])) ++at_;
        } else if (c == '$') {
            ++at_;
            result.kind = TemplateOperand::Variable;
            result.name = "$" + word();
            requireVariable(result.name);
        } else if (c == '(') {
            ++at_;
            result.kind = TemplateOperand::Parenthesis;
            result.pipeline = std::make_unique<TemplatePipeline>(pipeline(false));
            if (result.pipeline->commands.empty()) fail("missing value for parenthesized pipeline");
            skipBlanks();
            if (!take(")")) fail("unclosed left paren");
        } else {
            literalOrFunction(result);
        }
        while (next(".") && at_ + 1 < text_.size() && isWord(text_[at_ + 1])) {
            if (result.fields.size() == 1 || result.kind != TemplateOperand::Dot) result.position = at_;
            ++at_;
            result.fields.push_back(word());
        }
        if (result.fields.size() > 1 && result.kind == TemplateOperand::Dot)
            result.position = begin + 1 + result.fields.front().size();
        result.source = text_.substr(begin, at_ - begin);
        if (at_ < text_.size() && !isBlank(text_[at_]) && !atCommandEnd() && text_[at_] != '(')
            fail("unexpected {} in operand", quoted());
        return result;
    }

    void literalOrFunction(TemplateOperand& result) {
        const char c = text_[at_];
        result.kind = TemplateOperand::Literal;
        if (c == '"') result.literal = string();
        else if (c == '`') result.literal = rawString();
        else if (c == '\'') result.literal = character();
        else if (std::isdigit(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '+' || c == '.') result.literal = number();
        else if (isWord(c)) {
            const std::string name = word();
            if (name == "true" || name == "false") result.literal = name == "true";
            else if (name == "nil") result.literal = nullptr;
            else {
                if (!isTemplateFunction(name)) fail("function \"{}\" not defined", name);
                result.kind = TemplateOperand::Function;
                result.name = name;
            }
        } else {
            fail("unexpected {} in operand", quoted());
        }
    }

    std::string rawString() {
        const std::size_t end = text_.find('`', at_ + 1);
        if (end == std::string_view::npos) fail("unterminated raw quoted string");
        std::string result(text_.substr(at_ + 1, end - at_ - 1));
        at_ = end + 1;
        return result;
    }

    std::string string() {
        std::string result;
        ++at_;
        while (true) {
            if (at_ >= text_.size()) fail("unterminated quoted string");
            const char c = text_[at_++];
            if (c == '"') return result;
            if (c == '\\') escape(result);
            else result += c;
        }
    }

    void escape(std::string& result) {
        if (at_ >= text_.size()) fail("unterminated quoted string");
        const char c = text_[at_++];
        constexpr std::string_view codes = "abfnrtv", values = "\a\b\f\n\r\t\v";
        if (const std::size_t known = codes.find(c); known != std::string_view::npos) result += values[known];
        else if (c == 'x') result += static_cast<char>(hexadecimal(2));
        else if (c == 'u') appendUtf8(result, hexadecimal(4));
        else if (c == 'U') appendUtf8(result, hexadecimal(8));
        else if (c == '\\' || c == '"' || c == '\'') result += c;
        else fail("invalid syntax in quoted string");
    }
    unsigned hexadecimal(std::size_t digits) {
        const std::string text(text_.substr(at_, digits));
        if (text.size() != digits || text.find_first_not_of("0123456789abcdefABCDEF") != std::string::npos)
            fail("invalid syntax in quoted string");
        at_ += digits;
        return static_cast<unsigned>(std::strtoul(text.c_str(), nullptr, 16));
    }

    nlohmann::json character() {
        ++at_;
        std::string text;
        if (take("\\")) escape(text);
        else
            while (at_ < text_.size() && text_[at_] != '\'') text += text_[at_++];
        if (!take("'") || text.size() != 1) fail("malformed character constant: {}", text);
        return static_cast<std::int64_t>(static_cast<unsigned char>(text[0]));
    }

    nlohmann::json number() {
        const std::size_t begin = at_;
        if (text_[at_] == '-' || text_[at_] == '+') ++at_;
        while (at_ < text_.size() && (isWord(text_[at_]) || text_[at_] == '.' ||
                                      ((text_[at_] == '-' || text_[at_] == '+') && (text_[at_ - 1] == 'e' || text_[at_ - 1] == 'E'))))
            ++at_;
        const std::string text(text_.substr(begin, at_ - begin));
        char* end = nullptr;
        const long long integer = std::strtoll(text.c_str(), &end, 0);
        if (end != text.c_str() && *end == '\0') return integer;
        const double real = std::strtod(text.c_str(), &end);
        if (end == text.c_str() || *end != '\0') fail("bad number syntax: \"{}\"", text);
        return real;
    }

    std::string_view text_;
    std::size_t at_ = 0;
    int depth_ = 0, loops_ = 0;
    std::string stopWord_;
    std::vector<std::string> variables_;
};

}  // namespace

Template Template::parse(std::string_view text) {
    return Template(std::make_unique<Node>(Parser(text).parse()));
}

}  // namespace devc::engine
