//! What may come next, for people to read. Candidates come from the grammar and from the schema's lists, and each is tried
//! on a copy of the reader, so that what is said to be legal is.

use super::{Reader, State};
use crate::engine::{Engine, Verdict};
use crate::guard::Shared;

/// Most entries of a list.
pub(crate) const MAX_ENTRIES: usize = 16;

impl Reader {
    /// At most `MAX_ENTRIES` tokens or descriptions. Not for every byte: it copies the reader some twenty times.
    pub fn expected(&self, shared: &Shared) -> Vec<String> {
        let mut out = Vec::new();
        match self.state {
            State::Value | State::ItemOrEnd => {
                self.values(shared, &mut out);
                self.add(shared, (&["]"], &mut out));
            }
            State::NameOrEnd | State::Name => {
                self.strings(shared, &mut out);
                self.add(shared, (&["}"], &mut out));
            }
            State::Colon => out.push(":".to_owned()),
            State::CommaOrEnd => self.add(shared, (&[",", "]", "}"], &mut out)),
            State::Text => self.rest_of_text(shared, &mut out),
            State::Escape => out.push("one of \" \\ / b f n r t u".to_owned()),
            State::Hex(_) => out.push("hex digit".to_owned()),
            State::PairBackslash | State::PairU => {
                out.push("second half of a surrogate pair".to_owned());
            }
            State::Literal(rest) if self.may(shared, rest) => {
                out.push(String::from_utf8_lossy(rest).into_owned());
            }
            State::Literal(_) => {}
            State::Number(place) => self.rest_of_number(shared, (place.may_end(), &mut out)),
            State::Done => out.push("end of text".to_owned()),
        }
        out.truncate(MAX_ENTRIES);
        out
    }

    /// A copy that has read `token`, if it may come next.
    fn after(&self, shared: &Shared, token: &[u8]) -> Option<Self> {
        let mut reader = self.clone();
        (reader.feed(shared, token).ok()? == token.len()).then_some(reader)
    }

    fn may(&self, shared: &Shared, token: &[u8]) -> bool {
        self.after(shared, token).is_some()
    }

    fn add(&self, shared: &Shared, (tokens, out): (&[&str], &mut Vec<String>)) {
        let legal = tokens
            .iter()
            .filter(|token| self.may(shared, token.as_bytes()));
        out.extend(legal.map(|&token| token.to_owned()));
    }

    fn values(&self, shared: &Shared, out: &mut Vec<String>) {
        self.add(shared, (&["{", "["], out));
        self.strings(shared, out);
        if b"-0123456789".iter().any(|&byte| self.may(shared, &[byte])) {
            out.push("number".to_owned());
        }
        self.add(shared, (&["true", "false", "null"], out));
    }

    /// A string or name: those that the schema lists, and a quote if others may come.
    fn strings(&self, shared: &Shared, out: &mut Vec<String>) {
        let Some(inside) = self.after(shared, b"\"") else {
            return;
        };
        inside.listed(shared, out);
        if out.is_empty()
            || inside.is_free(shared)
            || !out.iter().any(|entry| entry.starts_with('"'))
        {
            out.push("\"".to_owned());
        }
    }

    /// Strings of the schema that the open string may become.
    fn listed(&self, shared: &Shared, out: &mut Vec<String>) {
        let Some(engine) = self
            .engine
            .as_ref()
            .filter(|engine| engine.verdict() == Verdict::Open)
        else {
            return;
        };
        for (whole, rest) in engine.listed(shared, self.is_name) {
            if out.len() >= MAX_ENTRIES {
                return;
            }
            let entry = Engine::quoted(whole);
            if !out.contains(&entry) && self.may(shared, &escaped(rest)) {
                out.push(entry);
            }
        }
    }

    /// Whether the open string may go on with what no schema lists.
    fn is_free(&self, shared: &Shared) -> bool {
        [&b"z"[..], b"Q", b"7", b"~", b" ", b"/", "\u{e9}".as_bytes()]
            .iter()
            .any(|text| {
                let after = self.after(shared, text);
                after.is_some_and(|reader| {
                    let mut listed = Vec::new();
                    reader.listed(shared, &mut listed);
                    listed.is_empty()
                })
            })
    }

    fn rest_of_text(&self, shared: &Shared, out: &mut Vec<String>) {
        if self.utf8.is_open() {
            return out.push("rest of a UTF-8 character".to_owned());
        }
        self.listed(shared, out);
        if self.is_free(shared) {
            out.push("character".to_owned());
        }
        if out.is_empty() || self.may(shared, b"\"") {
            self.add(shared, (&["\""], out));
        }
    }

    fn rest_of_number(&self, shared: &Shared, (may_end, out): (bool, &mut Vec<String>)) {
        if (b'0'..=b'9').any(|byte| self.may(shared, &[byte])) {
            out.push("digit".to_owned());
        }
        self.add(shared, (&[".", "e", "-"], out));
        if may_end {
            self.add(shared, (&[",", "]", "}"], out));
            if self.path.frames.is_empty() && self.clone().finish(shared).is_ok() {
                out.push("end of text".to_owned());
            }
        }
    }
}

/// `text` and the closing quote, as they may stand behind an opened string.
fn escaped(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() + 1);
    for &byte in text {
        match byte {
            b'"' | b'\\' => out.extend([b'\\', byte]),
            0..0x20 => out.extend(format!("\\u{byte:04x}").bytes()),
            _ => out.push(byte),
        }
    }
    out.push(b'"');
    out
}
