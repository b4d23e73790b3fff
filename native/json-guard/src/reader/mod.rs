//! The grammar of RFC 8259, a byte at a time, and what the schema's engine is told of it.
//!
//! Knows nothing of the text around the JSON.

mod expected;
mod number;
mod path;
mod scan;
mod text;

use crate::engine::{Engine, Verdict};
use crate::guard::Shared;
use crate::schema::{FALSE_LITERAL, NULL_LITERAL, TRUE_LITERAL, Types};
use crate::seen::Seen;
use crate::settings::{DuplicateKeys, Exponents, MAX_NUMBER_BYTES};
use crate::status::Kind;
use number::Place as NumberPlace;
use path::Path;
use scan::Utf8;

/// What may come next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Value,
    ItemOrEnd,
    NameOrEnd,
    Name,
    Colon,
    CommaOrEnd,
    /// Inside a string or name.
    Text,
    /// Behind a backslash.
    Escape,
    /// Inside `\uXXXX`: digits that are still to come.
    Hex(u8),
    /// Behind the first half of a surrogate pair.
    PairBackslash,
    PairU,
    /// Inside `true`, `false` or `null`: bytes that are still to come.
    Literal(&'static [u8]),
    Number(NumberPlace),
    Done,
}

/// The first impossible byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// Index in what was fed.
    pub at: usize,
    pub why: Why,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    /// Not JSON, or over a bound. The reader stands before the byte.
    Json(Kind),
    /// The engine's root is `No`.
    Schema,
}

type Step = Result<(), Why>;

/// One JSON text.
#[derive(Clone, Debug)]
pub(crate) struct Reader {
    state: State,
    path: Path,
    /// Names of the objects that are open, if repeated ones matter.
    seen: Seen,
    engine: Option<Engine>,
    /// Whether the string that is open is a name.
    is_name: bool,
    utf8: Utf8,
    /// Of the escape that is open.
    unit: u16,
    /// The first half of a surrogate pair, whose second half must follow.
    high: Option<u16>,
    number_bytes: usize,
    /// Bytes of this JSON text.
    bytes: usize,
    committed: bool,
}

impl Reader {
    pub fn new(shared: &Shared) -> Self {
        Self {
            state: State::Value,
            path: Path::default(),
            seen: Seen::default(),
            engine: shared.has_schema().then(|| Engine::new(shared.schema())),
            is_name: false,
            utf8: Utf8::default(),
            unit: 0,
            high: None,
            number_bytes: 0,
            bytes: 0,
            committed: false,
        }
    }

    /// Ready for another text, with the memory it has.
    pub fn reset(&mut self) {
        self.state = State::Value;
        self.path.clear();
        self.seen.release(0);
        if let Some(engine) = &mut self.engine {
            engine.reset();
        }
        self.utf8 = Utf8::default();
        self.high = None;
        self.bytes = 0;
        self.committed = false;
    }

    pub fn is_done(&self) -> bool {
        self.state == State::Done
    }

    /// Whether a member's colon or an array's comma was read: prose seldom gets so far.
    pub fn is_committed(&self) -> bool {
        self.committed
    }

    /// Whether nothing but white space was read.
    pub fn is_empty(&self) -> bool {
        self.state == State::Value && self.path.frames.is_empty()
    }

    /// Whether the schema's verdict on the whole value is known, not left to a full validator.
    pub fn is_decided(&self) -> bool {
        self.engine
            .as_ref()
            .is_none_or(|engine| engine.verdict() != Verdict::Maybe)
    }

    pub fn engine(&self) -> Option<&Engine> {
        self.engine.as_ref()
    }

    /// JSON Pointer of at most `levels` tokens.
    pub fn pointer(&self, levels: usize) -> String {
        self.path.pointer(levels)
    }

    /// Reads until the bytes or the value end; returns how many it read.
    pub fn feed(&mut self, shared: &Shared, bytes: &[u8]) -> Result<usize, Fault> {
        let room = shared.settings.max_bytes - self.bytes;
        let readable = &bytes[..bytes.len().min(room)];
        let mut at = 0;
        while at < readable.len() && self.state != State::Done {
            let read = match self.state {
                State::Text => self.text(shared, &readable[at..]),
                _ => self
                    .step(shared, readable[at])
                    .map(|()| 1)
                    .map_err(|why| Fault { at: 0, why }),
            };
            match read {
                Ok(read) => at += read,
                Err(fault) => {
                    return Err(Fault {
                        at: at + fault.at,
                        why: fault.why,
                    });
                }
            }
            // At the top a number's end is seen at the space behind it, which is no part of the value.
            if self.state == State::Done && readable[at - 1] <= b' ' {
                at -= 1;
            }
        }
        self.bytes += at;
        if at < bytes.len() && self.state != State::Done {
            return Err(Fault {
                at,
                why: Why::Json(Kind::TooLong),
            });
        }
        Ok(at)
    }

    /// The text ends: only a number at the top can end by that.
    pub fn finish(&mut self, shared: &Shared) -> Step {
        match self.state {
            State::Done => Ok(()),
            State::Number(place) if place.may_end() && self.path.frames.is_empty() => {
                self.end_number(shared)
            }
            _ => Err(Why::Json(Kind::Incomplete)),
        }
    }

    fn step(&mut self, shared: &Shared, byte: u8) -> Step {
        match (self.state, byte) {
            (
                State::Value
                | State::ItemOrEnd
                | State::NameOrEnd
                | State::Name
                | State::Colon
                | State::CommaOrEnd,
                b' ' | b'\t' | b'\n' | b'\r',
            ) => Ok(()),
            (State::ItemOrEnd, b']') | (State::NameOrEnd, b'}') => self.end_container(shared),
            (State::Value | State::ItemOrEnd, _) => self.begin_value(shared, byte),
            (State::NameOrEnd | State::Name, b'"') => self.begin_name(shared),
            (State::Colon, b':') => {
                self.committed = true;
                self.state = State::Value;
                Ok(())
            }
            (State::CommaOrEnd, _) => self.behind_value(shared, byte),
            (State::Escape, _) => self.escape(shared, byte),
            (State::Hex(left), _) => self.hex(shared, (left, byte)),
            (State::PairBackslash, b'\\') => {
                self.state = State::PairU;
                Ok(())
            }
            (State::PairU, b'u') => {
                self.state = State::Hex(4);
                Ok(())
            }
            (State::PairBackslash | State::PairU, _) => Err(Why::Json(Kind::Surrogate)),
            (State::Literal([next, rest @ ..]), _) if *next == byte => {
                self.state = State::Literal(rest);
                if rest.is_empty() {
                    self.end_value(shared)
                } else {
                    Ok(())
                }
            }
            (State::Number(place), _) => self.number(shared, (place, byte)),
            _ => Err(Why::Json(Kind::Syntax)),
        }
    }

    /// The engine, as long as the schema's verdict is open.
    fn asking(&mut self) -> Option<&mut Engine> {
        self.engine
            .as_mut()
            .filter(|engine| engine.verdict() == Verdict::Open)
    }

    /// Tells the engine something, if it still wants to know.
    fn tell(&mut self, event: impl FnOnce(&mut Engine) -> bool) -> Step {
        if self.asking().is_none_or(event) {
            Ok(())
        } else {
            Err(Why::Schema)
        }
    }

    fn begin_value(&mut self, shared: &Shared, byte: u8) -> Step {
        let (kind, literal, state) = match byte {
            b'{' => (Types::OBJECT, 0, State::NameOrEnd),
            b'[' => (Types::ARRAY, 0, State::ItemOrEnd),
            b'"' => (Types::STRING, 0, State::Text),
            b't' => (Types::BOOLEAN, TRUE_LITERAL, State::Literal(b"rue")),
            b'f' => (Types::BOOLEAN, FALSE_LITERAL, State::Literal(b"alse")),
            b'n' => (Types::NULL, NULL_LITERAL, State::Literal(b"ull")),
            _ => match NumberPlace::start(byte) {
                Some(place) => (Types::NUMBER, 0, State::Number(place)),
                None => return Err(Why::Json(Kind::Syntax)),
            },
        };
        let opens = matches!(byte, b'{' | b'[');
        if opens && self.path.frames.len() >= shared.settings.max_depth as usize {
            return Err(Why::Json(Kind::Depth));
        }
        let in_array = self.path.top().is_some_and(|frame| {
            frame.inside = true;
            !frame.is_object
        });
        self.tell(|engine| {
            (!in_array || engine.item(shared)) && engine.open(shared, kind, literal)
        })?;
        self.state = state;
        self.is_name = false;
        if opens {
            self.path.open(byte == b'{', self.seen.mark());
        } else if kind == Types::NUMBER {
            self.number_bytes = 1;
            self.tell(|engine| engine.number_text(shared, byte))?;
        }
        Ok(())
    }

    fn begin_name(&mut self, shared: &Shared) -> Step {
        self.path.begin_name();
        self.tell(|engine| engine.begin_name(shared))?;
        self.state = State::Text;
        self.is_name = true;
        Ok(())
    }

    fn end_name(&mut self, shared: &Shared) -> Step {
        let mut repeated = false;
        if shared.tells_names() {
            // Objects at one depth follow each other, and a closed one's names are forgotten.
            let digest = shared
                .keys
                .digest((self.path.frames.len(), self.path.name()));
            repeated = !self.seen.insert(digest);
            if repeated && shared.settings.duplicate_keys == DuplicateKeys::Refuse {
                return Err(Why::Json(Kind::DuplicateKey));
            }
        }
        let (path, engine) = (&self.path, &mut self.engine);
        if let Some(engine) = engine
            .as_mut()
            .filter(|engine| engine.verdict() == Verdict::Open)
            && !engine.end_name(shared, (path.name(), repeated))
        {
            return Err(Why::Schema);
        }
        if let Some(frame) = self.path.top() {
            frame.inside = true;
        }
        self.state = State::Colon;
        Ok(())
    }

    fn behind_value(&mut self, shared: &Shared, byte: u8) -> Step {
        let Some(frame) = self.path.top() else {
            return Err(Why::Json(Kind::Syntax));
        };
        match (byte, frame.is_object) {
            (b',', true) => {
                self.tell(|engine| engine.member_comma(shared))?;
                self.state = State::Name;
            }
            (b',', false) => {
                self.tell(|engine| engine.item_comma(shared))?;
                if let Some(frame) = self.path.top() {
                    frame.index += 1;
                    frame.inside = true;
                }
                self.committed = true;
                self.state = State::Value;
            }
            (b'}', true) | (b']', false) => self.end_container(shared)?,
            _ => return Err(Why::Json(Kind::Syntax)),
        }
        Ok(())
    }

    fn end_container(&mut self, shared: &Shared) -> Step {
        let is_object = self.path.top().is_some_and(|frame| frame.is_object);
        self.tell(|engine| {
            if is_object {
                engine.end_object(shared)
            } else {
                engine.end_array(shared)
            }
        })?;
        let mark = self.path.close();
        self.seen.release(mark);
        self.end_value(shared)
    }

    fn end_value(&mut self, shared: &Shared) -> Step {
        self.tell(|engine| engine.close(shared))?;
        self.state = State::CommaOrEnd;
        match self.path.top() {
            Some(frame) => frame.inside = false,
            None => self.state = State::Done,
        }
        Ok(())
    }

    fn number(&mut self, shared: &Shared, (place, byte): (NumberPlace, u8)) -> Step {
        if let Some(place) = place.next(byte) {
            if place == NumberPlace::Exponent && shared.settings.exponents == Exponents::Refuse {
                return Err(Why::Json(Kind::Exponent));
            }
            if self.number_bytes >= MAX_NUMBER_BYTES {
                return Err(Why::Json(Kind::TooLong));
            }
            self.number_bytes += 1;
            self.tell(|engine| engine.number_text(shared, byte))?;
            self.state = State::Number(place);
            return Ok(());
        }
        let is_object = self.path.top().map(|frame| frame.is_object);
        let ends = match byte {
            b' ' | b'\t' | b'\n' | b'\r' => true,
            b',' => is_object.is_some(),
            b'}' => is_object == Some(true),
            b']' => is_object == Some(false),
            _ => false,
        };
        if !place.may_end() || !ends {
            return Err(Why::Json(Kind::Syntax));
        }
        self.end_number(shared)?;
        if self.state == State::Done {
            Ok(())
        } else {
            self.step(shared, byte)
        }
    }

    fn end_number(&mut self, shared: &Shared) -> Step {
        self.tell(|engine| engine.end_number(shared))?;
        self.end_value(shared)
    }
}
