//! A JSON reader that validates as it walks and builds nothing. RFC 8259; bytes over 0x7F are allowed inside strings only.

/// Deepest nesting. Vendors' chunks have less than ten levels; the limit bounds the stack.
const MAX_DEPTH: u32 = 128;

/// Why JSON was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bad {
    /// No JSON, or not of the shape that was asked for: no client reads it either.
    Json,
    /// JSON that clients read and this reader does not take in whole: it must not pass unseen.
    Refused,
}

/// Half-open range of a payload.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Span {
    pub start: u32,
    pub end: u32,
}

impl Span {
    pub fn new(start: usize, end: usize) -> Self {
        Self {
            start: start as u32,
            end: end as u32,
        }
    }

    pub fn of(self, bytes: &[u8]) -> &[u8] {
        &bytes[self.start as usize..self.end as usize]
    }

    pub fn is_empty(self) -> bool {
        self.start == self.end
    }
}

/// The inside of a string, without its quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Text {
    pub span: Span,
    pub escaped: bool,
}

/// Walks over one JSON text.
#[derive(Debug)]
pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    depth: u32,
}

impl<'a> Reader<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            at: 0,
            depth: 0,
        }
    }

    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// Offset of the next token.
    pub fn position(&mut self) -> usize {
        self.space();
        self.at
    }

    /// Offset behind the last token.
    pub fn consumed(&self) -> usize {
        self.at
    }

    /// First byte of the next token; 0 at the end.
    pub fn peek(&mut self) -> u8 {
        self.space();
        self.bytes.get(self.at).copied().unwrap_or(0)
    }

    /// Whether nothing but white space is left.
    pub fn is_at_end(&mut self) -> bool {
        self.space();
        self.at == self.bytes.len()
    }

    fn space(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.bytes.get(self.at) {
            self.at += 1;
        }
    }

    fn expect(&mut self, byte: u8) -> Result<(), Bad> {
        if self.peek() == byte && byte != 0 {
            self.at += 1;
            return Ok(());
        }
        Err(Bad::Json)
    }

    /// Enters an object or array; returns whether it has members.
    pub fn open(&mut self, bracket: u8, closing: u8) -> Result<bool, Bad> {
        self.expect(bracket)?;
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Bad::Refused);
        }
        if self.peek() == closing {
            self.at += 1;
            self.depth -= 1;
            return Ok(false);
        }
        Ok(true)
    }

    /// After a member: whether another follows.
    pub fn more(&mut self, closing: u8) -> Result<bool, Bad> {
        match self.peek() {
            b',' => {
                self.at += 1;
                Ok(true)
            }
            byte if byte == closing => {
                self.at += 1;
                self.depth -= 1;
                Ok(false)
            }
            _ => Err(Bad::Json),
        }
    }

    /// A member's name and the colon after it.
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "as `string`")]
    pub fn key(&mut self) -> Result<Text, Bad> {
        let key = self.string()?;
        self.expect(b':')?;
        Ok(key)
    }

    /// A string.
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "measured: see `string_end`")]
    pub fn string(&mut self) -> Result<Text, Bad> {
        self.expect(b'"')?;
        let start = self.at;
        let end = self.string_end()?;
        let span = Span::new(start, (end >> 1) as usize);
        Ok(Text {
            span,
            escaped: end & 1 == 1,
        })
    }

    /// End of the string's inside, times two, plus one where it has escapes: a number comes back in a register. A `Text`
    /// would go through memory byte by byte and be read as words, which stalls for longer than the search takes.
    fn string_end(&mut self) -> Result<u64, Bad> {
        let mut escaped = false;
        loop {
            self.at += plain_run(&self.bytes[self.at..]);
            match self.bytes.get(self.at) {
                Some(b'"') => {
                    let end = self.at as u64;
                    self.at += 1;
                    return Ok(end << 1 | u64::from(escaped));
                }
                Some(b'\\') => {
                    escaped = true;
                    self.escape()?;
                }
                // Lenient readers take it (Python's with `strict=False`).
                Some(0..=0x1f) => return Err(Bad::Refused),
                _ => return Err(Bad::Json),
            }
        }
    }

    fn escape(&mut self) -> Result<(), Bad> {
        match self.bytes.get(self.at + 1) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => self.at += 2,
            Some(b'u') => {
                let digits = self.bytes.get(self.at + 2..self.at + 6).ok_or(Bad::Json)?;
                if !digits.iter().all(u8::is_ascii_hexdigit) {
                    return Err(Bad::Json);
                }
                self.at += 6;
            }
            _ => return Err(Bad::Json),
        }
        Ok(())
    }

    /// Any value, unread; returns where it stands.
    #[inline]
    pub fn skip(&mut self) -> Result<Span, Bad> {
        let start = self.position();
        self.skip_value()?;
        Ok(Span::new(start, self.at))
    }

    fn skip_value(&mut self) -> Result<(), Bad> {
        match self.peek() {
            b'"' => {
                self.string()?;
            }
            b'{' => {
                let mut more = self.open(b'{', b'}')?;
                while more {
                    self.key()?;
                    self.skip_value()?;
                    more = self.more(b'}')?;
                }
            }
            b'[' => {
                let mut more = self.open(b'[', b']')?;
                while more {
                    self.skip_value()?;
                    more = self.more(b']')?;
                }
            }
            b't' => self.word(b"true")?,
            b'f' => self.word(b"false")?,
            b'n' => self.word(b"null")?,
            _ => self.number()?,
        }
        Ok(())
    }

    fn word(&mut self, word: &[u8]) -> Result<(), Bad> {
        if self.bytes[self.at..].starts_with(word) {
            self.at += word.len();
            return Ok(());
        }
        Err(Bad::Json)
    }

    fn number(&mut self) -> Result<(), Bad> {
        let start = self.at;
        if self.bytes.get(self.at) == Some(&b'-') {
            self.at += 1;
        }
        let leading_zero = self.bytes.get(self.at) == Some(&b'0');
        let count = self.digits().map_err(|_| self.special_number(start))?;
        if leading_zero && count > 1 {
            return Err(Bad::Json);
        }
        if self.bytes.get(self.at) == Some(&b'.') {
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.bytes.get(self.at) {
            self.at += 1;
            if let Some(b'+' | b'-') = self.bytes.get(self.at) {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(())
    }

    /// Python's `json` reads what no number of JSON can say and servers write all the same (`"logprob": -Infinity`).
    #[cold]
    fn special_number(&self, start: usize) -> Bad {
        let rest = &self.bytes[start..];
        let names: [&[u8]; 3] = [b"NaN", b"Infinity", b"-Infinity"];
        if names.iter().any(|name| rest.starts_with(name)) {
            return Bad::Refused;
        }
        Bad::Json
    }

    fn digits(&mut self) -> Result<usize, Bad> {
        let count = self.bytes[self.at..]
            .iter()
            .take_while(|b| b.is_ascii_digit())
            .count();
        self.at += count;
        if count == 0 {
            Err(Bad::Json)
        } else {
            Ok(count)
        }
    }

    /// A whole number that is not negative; any other value is skipped and gives `None`.
    pub fn whole(&mut self) -> Result<Option<u64>, Bad> {
        let span = self.skip()?;
        Ok(std::str::from_utf8(span.of(self.bytes))
            .ok()
            .and_then(|digits| digits.parse().ok()))
    }
}

/// Bytes of `bytes` before the first quote, backslash or control character, eight at a time: a token's text is short, so
/// a call into a vectorised search costs more than it saves.
fn plain_run(bytes: &[u8]) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let zero = |word: u64| word.wrapping_sub(ONES) & !word;
    let mut at = 0;
    while let Some(chunk) = bytes.get(at..at + 8) {
        let word = u64::from_le_bytes(chunk.try_into().expect("eight bytes"));
        let control = word.wrapping_sub(ONES * 0x20) & !word;
        let quote = zero(word ^ (ONES * u64::from(b'"')));
        let slash = zero(word ^ (ONES * u64::from(b'\\')));
        let found = (control | quote | slash) & HIGH;
        if found != 0 {
            // Borrows only reach upwards, so the lowest mark is true.
            return at + (found.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    let rest = bytes[at..].iter();
    at + rest
        .take_while(|&&b| b != b'"' && b != b'\\' && b >= 0x20)
        .count()
}

/// Whether `bytes` are one valid JSON value.
pub(crate) fn is_valid(bytes: &[u8]) -> bool {
    let mut reader = Reader::new(bytes);
    reader.skip().is_ok() && reader.is_at_end()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn valid_json_is_told_from_invalid() {
        for good in [
            "0",
            "-0.5e+3",
            " [ ] ",
            "{\"a\":[1,{\"b\":null}],\"c\":\"\\u00e9\\n\"}",
            "\"é\"",
            "true",
        ] {
            assert!(is_valid(good.as_bytes()), "{good}");
        }
        for bad in [
            "",
            "01",
            "1.",
            "-",
            "[1,]",
            "{\"a\"}",
            "{a:1}",
            "\"\n\"",
            "\"\\x\"",
            "\"\\u12g4\"",
            "nul",
            "1 2",
            "[",
            "\"",
            "{\"a\":1,}",
            "é",
        ] {
            assert!(!is_valid(bad.as_bytes()), "{bad}");
        }
    }

    #[test]
    fn the_json_suite_is_told_valid_from_invalid() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
        let folder = std::env::var_os("MIDSTREAM_DATA").map_or(root, Into::into);
        let Ok(suite) = std::fs::read_to_string(folder.join("json/json_test_suite.jsonl")) else {
            return eprintln!("skipped: no data sets at {}", folder.display());
        };
        for line in suite.lines() {
            let case: serde_json::Value = serde_json::from_str(line).unwrap();
            let bytes = base64(case["bytes_b64"].as_str().unwrap());
            match case["expect"].as_str().unwrap() {
                "y" => assert!(is_valid(&bytes), "{}", case["name"]),
                "n" => assert!(!is_valid(&bytes), "{}", case["name"]),
                _ => _ = is_valid(&bytes),
            }
        }
    }

    fn base64(text: &str) -> Vec<u8> {
        let (mut out, mut bits, mut count) = (Vec::new(), 0u32, 0);
        for byte in text.bytes().filter(|b| *b != b'=') {
            let value = match byte {
                b'A'..=b'Z' => byte - b'A',
                b'a'..=b'z' => byte - b'a' + 26,
                b'0'..=b'9' => byte - b'0' + 52,
                b'+' => 62,
                _ => 63,
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

    #[test]
    fn nesting_is_bounded() {
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert!(is_valid(nested(128).as_bytes()));
        assert!(!is_valid(nested(129).as_bytes()));
        assert!(!is_valid("[".repeat(1_000_000).as_bytes()));
    }

    #[test]
    fn what_lenient_readers_take_is_told_from_what_none_takes() {
        let read = |text: &str| Reader::new(text.as_bytes()).skip().map(|_| ());
        for text in [
            "[NaN]",
            "[1, -Infinity]",
            "{\"a\":Infinity}",
            "[\"a\tb\"]",
            "{\"a\u{1}\":1}",
        ] {
            assert_eq!(read(text), Err(Bad::Refused), "{text}");
        }
        for text in [
            "[nan]",
            "[-NaN]",
            "[In]",
            "[+1]",
            "[\"a",
            "[\"\\x\t\"]",
            "[-]",
        ] {
            assert_eq!(read(text), Err(Bad::Json), "{text}");
        }
    }

    #[test]
    fn the_first_special_byte_is_found_at_every_place() {
        for at in 0..40 {
            for special in [b'"', b'\\', 0, 0x1F, b'\n'] {
                for filler in [b'a', 0xFF, 0x80, b'!', b'#', b'[', b']', 0x20, 0x7F] {
                    let mut bytes = vec![filler; 40];
                    bytes[at] = special;
                    assert_eq!(plain_run(&bytes), at, "{special} after {filler}");
                }
            }
        }
    }
}
