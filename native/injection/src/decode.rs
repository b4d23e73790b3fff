//! Payloads that hide in an encoding: Base64, hexadecimal, percent and ROT13, each decoded once.

/// Shortest run of Base64 that is decoded, in characters: eighteen bytes.
const MIN_BASE64: usize = 24;
/// Shortest run of hexadecimal digits.
const MIN_HEX: usize = 32;
/// Longest payload that is decoded, in characters.
const MAX_RUN: usize = 8192;

/// Shows place and text of every payload that decodes to text.
pub(crate) fn payloads(text: &str, mut show: impl FnMut(usize, usize, &str)) {
    if has_run(text.as_bytes()) {
        runs(text, &mut show);
    }
    if text.bytes().any(|byte| byte == b'%') {
        percent(text, show);
    }
}

/// Whether [`MIN_BASE64`] characters of Base64 stand in a row. Such a row holds one of any [`MIN_BASE64`] bytes that follow each other:
/// only those are looked at, and what stands around them.
fn has_run(bytes: &[u8]) -> bool {
    let is_inner = |byte: &&u8| is_base64(**byte);
    let mut at = MIN_BASE64 - 1;
    while at < bytes.len() {
        let before = bytes[..=at]
            .iter()
            .rev()
            .take_while(is_inner)
            .take(MIN_BASE64)
            .count();
        let after = bytes[at + 1..]
            .iter()
            .take_while(is_inner)
            .take(MIN_BASE64)
            .count();
        if before > 0 && before + after >= MIN_BASE64 {
            return true;
        }
        at += MIN_BASE64;
    }
    false
}

fn runs(text: &str, mut show: impl FnMut(usize, usize, &str)) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        while at < bytes.len() && at - start < MAX_RUN && is_base64(bytes[at]) {
            at += 1;
        }
        let run = &bytes[start..at];
        if let Some(inner) = decoded(run) {
            show(start, at, &inner);
        }
        at = at.max(start + 1);
    }
}

const fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_' | b'=')
}

fn decoded(run: &[u8]) -> Option<String> {
    if run.len() >= MIN_HEX
        && run.len().is_multiple_of(2)
        && run.iter().all(u8::is_ascii_hexdigit)
        && let Some(text) = readable(
            run.chunks(2)
                .map(|pair| nibble(pair[0]) << 4 | nibble(pair[1]))
                .collect(),
        )
    {
        return Some(text);
    }
    if run.len() >= MIN_BASE64 {
        readable(base64(run))
    } else {
        None
    }
}

const fn nibble(byte: u8) -> u8 {
    match byte {
        b'0'..=b'9' => byte - b'0',
        b'a'..=b'f' => byte - b'a' + 10,
        _ => byte.wrapping_sub(b'A') + 10,
    }
}

/// RFC 4648, both alphabets; what is left over at the end is dropped.
fn base64(run: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(run.len() / 4 * 3);
    let (mut bits, mut count) = (0_u32, 0);
    for byte in run {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => break,
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count) as u8);
        }
    }
    out
}

/// Text that somebody could have written: UTF-8, hardly any control characters, with spaces.
fn readable(bytes: Vec<u8>) -> Option<String> {
    let text = String::from_utf8(bytes).ok()?;
    let odd = text
        .chars()
        .filter(|each| each.is_control() && !each.is_whitespace())
        .count();
    (odd * 20 <= text.len() && text.contains(' ')).then_some(text)
}

fn percent(text: &str, mut show: impl FnMut(usize, usize, &str)) {
    for (start, word) in words(text) {
        if word.matches('%').count() < 3 || word.len() > MAX_RUN {
            continue;
        }
        let bytes = word.as_bytes();
        let mut out = Vec::with_capacity(bytes.len());
        let mut at = 0;
        while at < bytes.len() {
            let pair = bytes
                .get(at + 1..at + 3)
                .filter(|pair| pair.iter().all(u8::is_ascii_hexdigit));
            if let (b'%', Some(pair)) = (bytes[at], pair) {
                out.push(nibble(pair[0]) << 4 | nibble(pair[1]));
                at += 3;
            } else {
                out.push(if bytes[at] == b'+' { b' ' } else { bytes[at] });
                at += 1;
            }
        }
        if let Some(inner) = readable(out) {
            show(start, start + word.len(), &inner);
        }
    }
}

fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.split_whitespace()
        .map(move |word| (word.as_ptr() as usize - text.as_ptr() as usize, word))
}

/// A letter moved by thirteen places; any other byte as it is.
pub(crate) const fn rot13(byte: u8) -> u8 {
    match byte {
        b'a'..=b'm' | b'A'..=b'M' => byte + 13,
        b'n'..=b'z' | b'N'..=b'Z' => byte - 13,
        _ => byte,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_not_looked_at_has_no_payload(parts in prop::collection::vec("[a-zA-Z0-9+/=_-]{0,30}|[ .%\\n]{1,3}|(%4[0-9a-f]){1,5}", 0..12)) {
            let text = parts.concat();
            let (mut found, mut all) = (Vec::new(), Vec::new());
            payloads(&text, |start, end, inner| found.push((start, end, inner.to_owned())));
            runs(&text, |start, end, inner| all.push((start, end, inner.to_owned())));
            percent(&text, |start, end, inner| all.push((start, end, inner.to_owned())));
            prop_assert_eq!(found, all);
            let longest = text.split(|each: char| !each.is_ascii() || !is_base64(each as u8)).map(str::len).max();
            prop_assert_eq!(has_run(text.as_bytes()), longest.is_some_and(|longest| longest >= MIN_BASE64));
        }
    }
}
