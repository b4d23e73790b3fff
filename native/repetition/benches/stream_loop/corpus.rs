//! Text without loops, cut into pieces: what every alarm is false on.
//!
//! Prose comes from the public data sets and is frozen by a hash. Markdown, code and data are what a developer's
//! machine holds (the registry of cargo, `node_modules`): sampled in the order of a hash of the path, and reported by
//! the hash of what was taken. Paragraphs that a corpus has already are left out, as the definition asks.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use midstream_repetition::{PieceKind, Pieces};
use serde_json::Value;

use crate::loops::Random;

/// One token: its hash for the rules on tokens, its text for the rules on text.
#[derive(Clone, Copy, Debug)]
pub struct Token {
    pub hash: u32,
    pub kind: PieceKind,
    pub text: &'static [u8],
}

/// Streams of one kind of text.
pub struct Corpus {
    pub name: &'static str,
    pub streams: Vec<Vec<Token>>,
    /// FNV-1a, 64 bits, over the text of all streams.
    pub hash: u64,
    pub bytes: usize,
}

/// Bytes of one corpus: about a million tokens.
const CORPUS_BYTES: usize = 4_400_000;
/// Bytes of one file: no file is a large part of a corpus.
const FILE_BYTES: usize = 48 << 10;
/// Files smaller than this say little.
const FILE_LEAST: u64 = 400;

/// The sets that the prose consists of: file and fields.
const PROSE: [(&str, &[&str]); 6] = [
    ("grounding/halueval_general.jsonl", &["query", "response"]),
    (
        "grounding/begin_dev_cmu.jsonl",
        &["knowledge", "message", "response"],
    ),
    (
        "grounding/begin_test_wow.jsonl",
        &["knowledge", "message", "response"],
    ),
    ("refusal/xstest_completions.jsonl", &["prompt", "reply"]),
    ("toxicity/openai_moderation.jsonl", &["text"]),
    (
        "grounding/begin_dev_wow.jsonl",
        &["knowledge", "message", "response"],
    ),
];
/// What people write to each other, with rows of emoji and "no no no": repetition on purpose.
const TWEETS: [(&str, &[&str]); 1] = [("toxicity/davidson.jsonl", &["text"])];
/// Sets whose lines are data as they stand.
const ROWS: [&str; 5] = [
    "ucr/GunPoint_TRAIN.jsonl",
    "phones/examples.jsonl",
    "ru/vectors.jsonl",
    "secrets/gitleaks.jsonl",
    "loops/scenarios.jsonl",
];
/// [`Corpus::hash`] of the prose when the gates were set.
const FROZEN_PROSE: u64 = 0x6528_71B7_7A62_83A8;

impl Corpus {
    pub fn tokens(&self) -> usize {
        self.streams.iter().map(Vec::len).sum()
    }

    fn of(name: &'static str, texts: Vec<String>) -> Self {
        let mut corpus = Self {
            name,
            streams: Vec::new(),
            hash: 0xCBF2_9CE4_8422_2325,
            bytes: 0,
        };
        for text in texts {
            corpus.hash = fnv(corpus.hash, text.as_bytes());
            corpus.bytes += text.len();
            corpus.streams.push(tokens(text));
        }
        corpus
    }
}

/// All corpora that are there; says which are not.
pub fn load() -> Vec<Corpus> {
    let mut corpora = Vec::new();
    if let Some(texts) = rows(&PROSE) {
        let corpus = Corpus::of("prose", texts);
        if corpus.hash != FROZEN_PROSE {
            println!(
                "note: the prose is not the frozen one ({:016x}, expected {FROZEN_PROSE:016x})",
                corpus.hash
            );
        }
        corpora.push(corpus);
    } else {
        println!("skipped: prose, no data sets (MIDSTREAM_DATA)");
    }
    if let Some(texts) = rows(&TWEETS) {
        corpora.push(Corpus::of("tweets", texts));
    }
    for (name, endings) in [
        ("markdown", &["md"][..]),
        ("code", &["rs", "ts", "js", "mjs", "py"]),
        ("data", &["json", "yaml", "yml", "toml", "csv"]),
    ] {
        let mut texts = files(name, endings);
        if name == "data" {
            texts.extend(ROWS.iter().filter_map(|path| data(path)).map(|mut text| {
                text.truncate(text.floor_char_boundary(4 * FILE_BYTES));
                text
            }));
        }
        let corpus = Corpus::of(name, texts);
        if corpus.bytes < CORPUS_BYTES / 20 {
            println!("skipped: {name}, too few such files in ~/.cargo/registry and node_modules");
        } else {
            corpora.push(corpus);
        }
    }
    corpora.push(Corpus::of("synthetic", vec![synthetic(2_000_000, 1)]));
    corpora
}

/// Where loops are taken from.
pub fn source(corpora: &[Corpus]) -> &Corpus {
    corpora
        .iter()
        .find(|corpus| corpus.name == "prose")
        .unwrap_or(&corpora[corpora.len() - 1])
}

fn data(path: &str) -> Option<String> {
    let root = std::env::var_os("MIDSTREAM_DATA").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"),
        PathBuf::from,
    );
    std::fs::read_to_string(root.join(path)).ok()
}

/// One stream a set: its rows follow one another, which is harsher than a stream a row.
fn rows(sets: &[(&str, &[&str])]) -> Option<Vec<String>> {
    let mut seen = HashSet::new();
    let mut texts = Vec::new();
    for (path, fields) in sets {
        let mut text = String::new();
        for line in data(path)?.lines() {
            let row: Value = serde_json::from_str(line).ok()?;
            for field in *fields {
                add_new_paragraphs(&mut text, row[field].as_str()?, &mut seen);
            }
        }
        texts.push(text);
    }
    Some(texts)
}

fn add_new_paragraphs(text: &mut String, from: &str, seen: &mut HashSet<String>) {
    for paragraph in from.split("\n\n").filter(|part| !part.trim().is_empty()) {
        if seen.insert(paragraph.trim().to_owned()) {
            text.push_str(paragraph);
            text.push_str("\n\n");
        }
    }
}

/// Files with these endings, a stream each.
fn files(name: &str, endings: &[&str]) -> Vec<String> {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home =
        home.or_else(|| std::env::var_os("HOME").map(|home| Path::new(&home).join(".cargo")));
    let mut found = Vec::new();
    if let Some(home) = home {
        walk(&home.join("registry/src"), endings, &mut found, 0);
    }
    let modules = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../node_modules");
    walk(&modules, endings, &mut found, 0);
    // In the order of a hash: neighbours in a folder are alike.
    let salt = fnv(0, name.as_bytes());
    found.sort_by_key(|(key, _)| (fnv(salt, key.as_bytes()), key.clone()));
    let mut seen = HashSet::new();
    let (mut texts, mut bytes) = (Vec::new(), 0);
    for (_, path) in found {
        let Ok(mut whole) = std::fs::read_to_string(path) else {
            continue;
        };
        whole.truncate(whole.floor_char_boundary(FILE_BYTES));
        let mut text = String::new();
        add_new_paragraphs(&mut text, &whole, &mut seen);
        bytes += text.len();
        texts.push(text);
        if bytes >= CORPUS_BYTES {
            break;
        }
    }
    texts
}

/// Adds each file with the part of its path that is the same on every machine.
fn walk(folder: &Path, endings: &[&str], found: &mut Vec<(String, PathBuf)>, depth: usize) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let (path, Ok(meta)) = (entry.path(), entry.metadata()) else {
            continue;
        };
        if meta.is_dir() && depth < 12 {
            walk(&path, endings, found, depth + 1);
        } else if meta.is_file() && meta.len() >= FILE_LEAST {
            let ending = path.extension().and_then(|ending| ending.to_str());
            let name = path.file_name().and_then(|name| name.to_str());
            // Minified and generated bundles are nobody's text.
            let bundle = name.is_none_or(|name| name.contains(".min."));
            if ending.is_some_and(|ending| endings.contains(&ending)) && !bundle {
                let parts: Vec<_> = path
                    .iter()
                    .rev()
                    .take(4)
                    .filter_map(|p| p.to_str())
                    .collect();
                found.push((parts.join("/"), path));
            }
        }
    }
}

fn fnv(hash: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(hash, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
    })
}

/// The text in pieces. It stays for the process's life: the tokens point into it.
pub fn tokens(text: String) -> Vec<Token> {
    let text: &'static [u8] = Box::leak(text.into_boxed_str()).as_bytes();
    let mut tokens = Vec::with_capacity(text.len() / 3);
    let mut start = 0;
    let mut take = |piece: midstream_repetition::Piece| {
        let end = piece.end as usize;
        tokens.push(Token {
            hash: piece.hash,
            kind: piece.kind,
            text: &text[start..end],
        });
        start = end;
    };
    let mut pieces = Pieces::new();
    pieces.push(text, &mut take);
    pieces.finish(&mut take);
    tokens
}

/// Made-up prose: sentences over 3 000 words, of which some are frequent (Zipf), seeded.
pub fn synthetic(bytes: usize, seed: u64) -> String {
    let mut random = Random(seed);
    let word = |random: &mut Random| -> String {
        let len = 2 + random.below(4) + random.below(5);
        (0..len)
            .map(|_| char::from(b'a' + random.below(26) as u8))
            .collect()
    };
    let words: Vec<String> = (0..3_000).map(|_| word(&mut random)).collect();
    let mut text = String::with_capacity(bytes + 200);
    while text.len() < bytes {
        let len = 4 + random.below(18);
        for at in 0..len {
            // 1/rank: the logarithm of the rank is even.
            let rank = (words.len() as f64).powf(random.share());
            let rank = (1..words.len()).take_while(|&at| at as f64 <= rank - 1.0);
            text.push_str(&words[rank.count()]);
            let comma = at + 1 < len && random.below(12) == 0;
            text.push_str(if comma { ", " } else { " " });
        }
        text.pop();
        text.push_str(if random.below(6) == 0 { ".\n\n" } else { ". " });
    }
    text
}
