#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "compose/budget.h"

namespace devc::compose {

struct Position;

/// A file that was read: its name as shown to the user, and its text for the snippets of diagnostics.
struct Source {
    std::string name;
    std::string text;

    /// Line `number` (from 1) without its end; empty if there is none.
    std::string_view line(int number) const;
    /// The text from a place of this file to the end.
    std::string_view from(const Position& at) const;
};

/// Where a value stands. Lines and columns count from 1.
struct Position {
    const Source* source = nullptr;
    int line = 0;
    int column = 0;
};

enum class Kind : std::uint8_t { Null, Bool, Integer, Float, String, List, Map };
/// `!reset` drops what earlier files said, `!override` replaces it.
enum class Tag : std::uint8_t { None, Reset, Override };

struct Entry;

/// A value of the document tree. Positions survive every step of the pipeline.
class Node {
public:
    Kind kind = Kind::Null;
    Tag tag = Tag::None;
    Position at;
    std::int64_t integer = 0;  // Bool (0, 1) and Integer
    double real = 0;           // Float
    std::string text;          // String; the digits of a Float that is a whole number beyond the range of `integer`
    std::vector<Entry> entries;  // List (without keys) and Map

    static Node null(Position at = {});
    static Node string(std::string text, Position at = {});
    static Node number(std::int64_t value, Position at = {});
    static Node floating(double value, Position at = {});
    static Node boolean(bool value, Position at = {});
    static Node list(Position at = {});
    static Node map(Position at = {});

    bool isNull() const { return kind == Kind::Null; }
    bool isString() const { return kind == Kind::String; }
    bool isList() const { return kind == Kind::List; }
    bool isMap() const { return kind == Kind::Map; }
    bool isScalar() const { return kind != Kind::List && kind != Kind::Map; }
    bool isTrue() const { return kind == Kind::Bool && integer != 0; }

    /// The value of a key of a Map; null pointer if it has none (or is no Map).
    const Node* find(std::string_view key) const;
    Node* find(std::string_view key);
    /// The text of a String under `key`, else empty.
    std::string_view textOf(std::string_view key) const;
    /// Sets or adds a key.
    Node& set(std::string_view key, Node value);
    void erase(std::string_view key);
    void push(Node value);
    void sortKeys();

    /// A scalar as text, as Go prints it: 1.5, 1e+21, true; null is empty.
    std::string scalarText() const;
    bool operator==(const Node& other) const;
};

/// A member of a Map, or (with an empty key) of a List.
struct Entry {
    std::string key;
    Position at;
    Node value;
};

/// Owns the files that positions point to, for as long as the tree lives, and knows how much may still come.
class Sources {
public:
    const Source& add(std::string name, std::string text);

    Budget budget;

private:
    std::vector<std::unique_ptr<Source>> files_;
};

}  // namespace devc::compose
