//! The header says the same as the Rust types, the contract and the host's reader.

use super::cc;
use gatewright_abi::{Host, MAJOR, MAX_BYTES, MAX_METHOD, MINOR, Plugin, SYMBOL, Slice};
use gatewright_contract::wire::{METHODS, Reply, Request, Status};
use serde_json::Value;
use std::mem::{offset_of, size_of};

const HEADER: &str = include_str!("../../include/gatewright.h");

macro_rules! members {
    ($lines:ident, $c:literal, $type:ty: $($member:ident),+) => {
        $lines.push(format!(concat!("sizeof(", $c, ") {}"), size_of::<$type>()));
        $($lines.push(format!(
            concat!($c, ".", stringify!($member), " {}+{}"),
            offset_of!($type, $member),
            size_of_member(|it: &$type| &raw const it.$member),
        ));)+
    };
}

fn size_of_member<T, M>(_: impl Fn(&T) -> *const M) -> usize {
    size_of::<M>()
}

/// What `tests/c/layout.c` prints, as Rust sees it.
fn expected() -> Vec<String> {
    let mut lines = Vec::new();
    members!(lines, "gatewright_slice", Slice: ptr, len);
    members!(lines, "gatewright_host", Host: size, major, minor, ctx, log, now_ms, random, call, done);
    members!(lines, "gatewright_plugin", Plugin: magic, major, minor, size, flags, manifest, create, call, destroy);
    let numbers: [(&str, i64); 15] = [
        ("MAGIC", gatewright_abi::MAGIC.into()),
        ("MAJOR", MAJOR.into()),
        ("MINOR", MINOR.into()),
        ("CONTRACT", gatewright_contract::CONTRACT.into()),
        ("MAX_BYTES", MAX_BYTES as i64),
        ("MAX_METHOD", MAX_METHOD as i64),
        ("OK", Status::Ok as i64),
        ("BAD_REQUEST", Status::BadRequest as i64),
        ("UNAVAILABLE", Status::Unavailable as i64),
        ("CONFLICT", Status::Conflict as i64),
        ("CONFIG", Status::Config as i64),
        ("INTERNAL", Status::Internal as i64),
        ("PANIC", Status::Panic as i64),
        ("UNKNOWN_METHOD", Status::UnknownMethod as i64),
        ("NOT_PERMITTED", Status::NotPermitted as i64),
    ];
    lines.extend(numbers.map(|(name, number)| format!("GATEWRIGHT_{name} {number}")));
    lines
}

#[test]
fn gcc_and_rustc_agree_on_every_size_offset_and_number() {
    let source = cc::file("tests/c/layout.c");
    let c = cc::run(&cc::compile("gcc", &["-std=c99"], &source), &[]);
    assert_eq!(c.lines().collect::<Vec<_>>(), expected());
    let cpp = cc::run(&cc::compile("g++", &["-std=c++17", "-xc++"], &source), &[]);
    assert_eq!(c, cpp);
}

#[test]
fn the_headers_compile_as_c_and_as_cpp() {
    let source = cc::file("tests/c/both.c");
    for standard in ["-std=c99", "-std=c11", "-std=c17"] {
        cc::compile("gcc", &[standard, "-c", "-Wconversion", "-Wshadow"], &source);
    }
    for standard in ["-std=c++11", "-std=c++17", "-std=c++20"] {
        cc::compile("g++", &[standard, "-c", "-Wconversion", "-Wshadow", "-xc++"], &source);
    }
}

#[test]
fn the_entry_has_the_name_that_the_host_looks_for() {
    assert!(HEADER.contains(&format!("*{SYMBOL}(void);")));
}

/// Lines of the comment that begin with a word, with SCOPE and CREDENTIALS written out.
fn examples(word: &str) -> Vec<String> {
    let after = |line: &'static str, word: &str| line.strip_prefix(" *   ")?.strip_prefix(word);
    let stands_for =
        |name: &str| HEADER.lines().find_map(|l| after(l, &format!("{name} = "))).expect("it is there");
    let (scope, credentials) = (stands_for("SCOPE"), stands_for("CREDENTIALS"));
    let lines = HEADER.lines().filter_map(|line| after(line, word)?.strip_prefix(' '));
    lines.map(|line| line.replace("SCOPE", scope).replace("CREDENTIALS", credentials)).collect()
}

#[test]
fn every_method_is_described() {
    for method in METHODS {
        let line = format!(" * {method:<14}");
        assert!(HEADER.lines().any(|l| l.starts_with(&line)), "{method} has no line");
    }
    assert_eq!(examples("takes").len(), METHODS.len());
}

#[test]
fn every_example_is_what_the_host_writes_and_reads() {
    for example in examples("takes") {
        let request = Request::read(example.as_bytes()).unwrap_or_else(|e| panic!("{example}: {e}"));
        let back: Value = serde_json::from_slice(&request.to_bytes().expect("bytes")).expect("JSON");
        // Nothing in it that the host does not know, and in the host's own spelling.
        assert_eq!(back, serde_json::from_str::<Value>(&example).expect("JSON"), "{example}");
    }
    for example in examples("gives") {
        let reply = Reply::read(example.as_bytes()).unwrap_or_else(|e| panic!("{example}: {e}"));
        let value: Value = serde_json::from_str(&example).expect("JSON");
        if ["accepted", "refused", "continue"].iter().any(|w| value["outcome"] == *w) {
            assert!(reply.verdict().is_ok(), "{example}");
        }
    }
}

/// Names of the public members of a struct, from its source.
fn members(source: &'static str, name: &str) -> Vec<&'static str> {
    let begin = source.find(&format!("pub struct {name}")).expect("the struct");
    let body = source[begin..].split("\n}\n").next().expect("its body");
    body.lines()
        .filter_map(|line| line.trim().strip_prefix("pub ")?.split_once(": ").map(|(name, _)| name))
        .collect()
}

#[test]
fn every_member_of_a_request_and_a_reply_is_in_it() {
    let request = members(include_str!("../../../contract/src/wire/request.rs"), "Request<'a>");
    let reply = members(include_str!("../../../contract/src/wire/reply.rs"), "Reply");
    let scope = members(include_str!("../../../contract/src/call.rs"), "Scope");
    let manifest = include_str!("../../../contract/src/manifest.rs");
    let manifest =
        ["Manifest", "Traits", "Steps", "Abilities", "Schemas"].map(|s| members(manifest, s)).concat();
    assert!(request.len() > 15 && reply.len() > 20 && scope.len() > 10 && manifest.len() > 35);
    let words: Vec<&str> =
        HEADER.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).filter(|w| !w.is_empty()).collect();
    for member in [request, reply, scope, manifest].concat() {
        assert!(words.contains(&member), "the header does not know the member `{member}`");
    }
}
