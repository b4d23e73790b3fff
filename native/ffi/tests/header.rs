//! `midstream.h` says what the Rust source says: every constant, every prototype, nothing else.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Name -> value or normalised prototype.
type Facts = BTreeMap<String, String>;

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn source() -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let files = fs::read_dir(folder).expect("src can be read");
    files
        .map(|file| fs::read_to_string(file.unwrap().path()).unwrap())
        .collect()
}

/// The text between the first `open` after `start` and the next `close`, and what follows.
fn between(text: &str, open: char, close: char) -> (&str, &str) {
    let from = text.find(open).expect("an opening") + 1;
    let to = from + text[from..].find(close).expect("a closing");
    (&text[from..to], &text[to + 1..])
}

fn header_constants(header: &str) -> Facts {
    let lines = header
        .lines()
        .filter_map(|line| line.strip_prefix("#define MS_"));
    lines
        .map(|line| {
            let code = line.split("/*").next().unwrap_or_default();
            let (name, value) = code.split_once(' ').expect("a value");
            (
                format!("MS_{name}"),
                value.trim().trim_matches(['(', ')']).to_owned(),
            )
        })
        .collect()
}

/// Constants of the source; sums of other constants are worked out.
fn source_constants(source: &str) -> Facts {
    let mut facts = Facts::new();
    let lines = source
        .lines()
        .filter_map(|line| line.strip_prefix("pub const MS_"));
    for line in lines {
        let (name, rest) = line.split_once(':').expect("a type");
        let (_, value) = rest.split_once('=').expect("a value");
        let value = value.trim().trim_end_matches(';');
        facts.insert(format!("MS_{name}"), value.to_owned());
    }
    let known = facts.clone();
    for value in facts.values_mut() {
        if value.contains('+') {
            let terms = value.split('+').map(str::trim);
            let sum: i64 = terms
                .map(|term| {
                    known
                        .get(term)
                        .map_or(term, String::as_str)
                        .parse::<i64>()
                        .unwrap()
                })
                .sum();
            *value = sum.to_string();
        }
    }
    facts
}

fn c_type(rust: &str) -> &'static str {
    match rust {
        "u32" => "uint32_t",
        "i32" => "int32_t",
        "f64" => "double",
        "*const u8" => "const uint8_t *",
        "*mut u8" => "uint8_t *",
        "*const u32" => "const uint32_t *",
        "*mut u32" => "uint32_t *",
        "*const u64" => "const uint64_t *",
        "*mut u64" => "uint64_t *",
        "*const f64" => "const double *",
        "*mut f64" => "double *",
        other => panic!("{other} has no place in the flat ABI"),
    }
}

fn source_prototypes(source: &str) -> Facts {
    source
        .split("extern \"C\" fn ")
        .skip(1)
        .filter(|rest| rest.starts_with("ms_"))
        .map(|rest| {
            let name = rest[..rest.find('(').unwrap()].to_owned();
            let (arguments, rest) = between(rest, '(', ')');
            let result = rest[..rest.find('{').unwrap()]
                .trim()
                .trim_start_matches("-> ");
            let arguments = arguments
                .split(',')
                .map(str::trim)
                .filter(|one| !one.is_empty());
            let arguments: Vec<String> = arguments
                .map(|one| {
                    let (name, kind) = one.split_once(": ").expect("a type");
                    format!("{} {name}", c_type(kind)).replace("* ", "*")
                })
                .collect();
            let list = if arguments.is_empty() {
                "void".into()
            } else {
                arguments.join(", ")
            };
            (name, format!("{} ({list})", c_type(result)))
        })
        .collect()
}

fn header_prototypes(header: &str) -> Facts {
    let mut facts = Facts::new();
    let mut rest = header;
    while let Some(end) = rest.find(");") {
        let start = rest[..end].rfind('(').expect("an opening");
        let head = rest[..start]
            .rsplit(['\n', '/'])
            .next()
            .expect("a line")
            .trim();
        let (result, name) = head.split_once(' ').expect("a name");
        let arguments = rest[start + 1..end]
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        facts.insert(name.to_owned(), format!("{result} ({arguments})"));
        rest = &rest[end + 2..];
    }
    facts
}

#[test]
fn the_header_has_the_constants_of_the_source() {
    let (header, source) = (
        header_constants(&read("midstream.h")),
        source_constants(&source()),
    );
    assert!(header.len() > 20, "the header was not read: {header:?}");
    assert_eq!(header, source);
}

#[test]
fn the_header_has_the_prototypes_of_the_source() {
    let (header, source) = (
        header_prototypes(&read("midstream.h")),
        source_prototypes(&source()),
    );
    assert!(header.len() > 15, "the header was not read: {header:?}");
    assert_eq!(header, source);
}
