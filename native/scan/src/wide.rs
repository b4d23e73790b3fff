//! The fast way over text with letters of other scripts in which little is under way: prose that is not English.
//!
//! Takes exactly the characters that need no more than a step of each automaton, as [`crate::plain`] does over ASCII; and keeps track of
//! tokens for the skeleton lane while that has nothing to do.

use crate::engine::Engine;
use crate::fold::{is_alnum, lower, twin};
use crate::lane::Lane;
use crate::ledger::Ledger;
use crate::machine::{ACCEPTS, DEAD};
use crate::plan::{Part, Plan};
use crate::skeleton::{Kind, MAX_TOKEN, Token};
use crate::track::{Single, Track};
use crate::words::{SmallWords, Words};

/// Most attempts that join the one under way in one turn of the loop.
const MAX_JOINED: usize = 64;

/// Characters of two bytes.
const CHARS: usize = 1 << 11;

/// What the loop knows of a character of two bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wide {
    kind: Kind,
    /// Classes of its bytes in the automaton of words, in lower case.
    words: [u8; 2],
}

impl Wide {
    /// Classes of its bytes in the automaton of words, in lower case.
    #[inline]
    pub(crate) fn words(self) -> [u8; 2] {
        self.words
    }
}

/// Every character of two bytes, by its code point.
pub(crate) fn table(words: &Words) -> Box<[Wide; CHARS]> {
    let entry = |code: usize| {
        let c = char::from_u32(code as u32).unwrap_or(char::REPLACEMENT_CHARACTER);
        let mut lowered = [0; 4];
        lower(c).encode_utf8(&mut lowered);
        Wide {
            kind: match twin(c) {
                _ if !is_alnum(c) => Kind::Other,
                Some(_) => Kind::Twin,
                None => Kind::Letter,
            },
            words: [words.class(lowered[0]), words.class(lowered[1])],
        }
    };
    Box::new(std::array::from_fn(entry))
}

/// What the loop reads.
struct Text<'a> {
    plan: &'a Plan,
    words: SmallWords<'a>,
    /// The first open part.
    part: &'a Part,
    bytes: &'a [u8],
    /// What may begin besides attempts of the first open part, and the bit of states that accept.
    mask: u32,
    /// The lane up to the first byte.
    lane: &'a Lane,
    /// Its end: position of the first byte.
    at: u64,
    /// The token at the end is asked for.
    tokens: bool,
}

/// Where the automata are, and how far.
#[derive(Clone, Copy)]
struct Place {
    taken: usize,
    word: u32,
    left: u8,
    /// Of the only group of the first open part.
    state: u16,
    /// Place in the bytes at which it began, modulo 2^64: it may have begun before them.
    begun: usize,
    /// Which of the attempts that joined others are in the group.
    joined: (usize, usize),
}

/// Places at which attempts began that came to the state of the group at once.
type Joined = [u16; MAX_JOINED];

/// What one character does to the automata.
struct Step {
    length: usize,
    kind: Kind,
    word: u32,
    left: u8,
    next: u16,
    entry: u16,
}

impl Text<'_> {
    /// Takes characters while nothing begins or ends but attempts of the first open part, one after the other or together.
    #[inline(never)]
    fn run(&self, place: &mut Place, token: &mut Token, joined: &mut Joined) {
        let mut now = *place;
        // Where a token began that waits for its end, if it began here.
        let mut begun: Option<Place> = None;
        while let Some(step) = self.step(&now) {
            let joins = step.entry != DEAD && step.next != DEAD;
            if joins && now.joined.1 == MAX_JOINED {
                break;
            }
            let Some(next) = self.token_after(*token, step.kind, now.taken) else {
                break;
            };
            match (*token, next) {
                (Token::Open { .. }, Token::Open { .. }) => {}
                (_, Token::Open { .. }) => begun = Some(now),
                _ => begun = None,
            }
            *token = next;
            if joins {
                joined[now.joined.1] = now.taken as u16;
                now.joined.1 += 1;
            } else if step.entry != DEAD {
                now.begun = now.taken;
                now.joined.0 = now.joined.1;
            }
            if begun.is_none() && now.joined.0 == now.joined.1 {
                now.joined = (0, 0);
            }
            now.state = step.next | step.entry;
            (now.word, now.left) = (step.word, step.left);
            now.taken += step.length;
        }
        // What the open token needs to be judged is kept by who takes characters one by one.
        *place = match begun {
            Some(before) => {
                *token = Token::Plain;
                before
            }
            None => now,
        };
    }

    /// The token at the end of the text after one more character, as in [`crate::skeleton`]; nothing where the skeleton lane has to do
    /// more than to know it.
    #[inline]
    fn token_after(&self, token: Token, kind: Kind, place: usize) -> Option<Token> {
        let first = self.at + place as u64;
        if !self.tokens {
            return Some(token);
        }
        Some(match (token, kind) {
            (Token::Open { mixed: true, .. }, _) | (Token::Open { .. }, Kind::Ascii) => {
                return None;
            }
            (_, Kind::Other) | (Token::Plain, Kind::Ascii) => Token::Plain,
            (Token::Foreign, _) | (_, Kind::Letter) => Token::Foreign,
            (Token::Open { first: before, .. }, Kind::Twin) => {
                return (first < before + MAX_TOKEN).then_some(token);
            }
            (Token::Plain, Kind::Twin) => {
                let behind = self.byte(place.wrapping_sub(1));
                if behind.is_some_and(|byte| byte.is_ascii_alphanumeric()) {
                    return None;
                }
                let (hold, mixed) = (0, false);
                Token::Open { first, hold, mixed }
            }
        })
    }

    /// The next character; nothing if it is not plain.
    #[inline]
    fn step(&self, place: &Place) -> Option<Step> {
        let plan = self.plan;
        let byte = *self.bytes.get(place.taken)?;
        let cell = plan.cells[usize::from(place.left)][usize::from(byte)];
        let machine = &self.part.machine;
        let mut step = Step {
            length: 1,
            kind: Kind::Other,
            word: 0,
            left: cell.behind(),
            next: machine.step(place.state, byte),
            entry: cell.entry(),
        };
        if byte < 0x80 {
            if byte.is_ascii_alphanumeric() {
                step.kind = Kind::Ascii;
            }
            let class = usize::from(plan.classes[usize::from(byte)][0]);
            step.word = self.words.step_class(place.word, class);
        } else {
            self.rest(place, byte, &mut step)?;
        }
        let flags = cell.flags(self.mask) | u32::from(step.next | step.entry) & self.mask;
        let length = place.taken.wrapping_sub(place.begun) + step.length;
        let long = step.next != DEAD && length as u64 > self.part.least_bound;
        if flags != 0
            || (step.entry != DEAD && step.next != DEAD && step.entry != step.next)
            || (long && self.is_long(step.next, length as u64))
            || (self.words.ends_word(step.word) && !self.is_inner(&step, place.taken))
        {
            return None;
        }
        Some(step)
    }

    /// The rest of a character of more than one byte.
    #[inline]
    fn rest(&self, place: &Place, byte: u8, step: &mut Step) -> Option<()> {
        let plan = self.plan;
        let machine = &self.part.machine;
        step.length = if byte < 0xE0 { 2 } else { 3 };
        let rest = self.bytes.get(place.taken + 1..place.taken + step.length)?;
        for &byte in rest {
            let cell = plan.cells[usize::from(step.left)][usize::from(byte)];
            step.left = cell.behind();
            step.next = machine.step(step.next, byte);
            step.entry = machine.step(step.entry, byte);
        }
        if let [second] = rest {
            let wide = plan.wide[usize::from(byte & 0x1F) << 6 | usize::from(second & 0x3F)];
            step.kind = wide.kind;
            let [first, second] = wide.words.map(usize::from);
            let word = self.words.step_class(place.word, first);
            step.word = self.words.step_class(word, second);
        } else {
            // No character of three bytes that stands for itself in the lane has a lower-case form.
            let word = self.words.step(place.word, byte);
            let words = |word, &byte: &u8| self.words.step(word, byte);
            step.word = rest.iter().fold(word, words);
            let text = &self.bytes[place.taken..place.taken + 3];
            step.kind = match char_of(text) {
                Some(c) if is_alnum(c) => Kind::Letter,
                _ => Kind::Other,
            };
        }
        Some(())
    }

    /// Whether an attempt is too long for all that it can still match.
    #[cold]
    fn is_long(&self, state: u16, length: u64) -> bool {
        self.part.finds_at_bound || length > self.part.bound(state)
    }

    /// Whether a word ends with a character that means nothing, because it stands inside a longer one.
    #[inline(never)]
    fn is_inner(&self, step: &Step, at: usize) -> bool {
        let length = usize::from(self.plan.inner(step.word));
        let start = (at + step.length).wrapping_sub(length);
        if length == 0 {
            return false;
        }
        let before: [u8; 3] =
            std::array::from_fn(|back| self.byte(start.wrapping_sub(back + 1)).unwrap_or(0));
        match before {
            [byte @ ..0x80, ..] => byte.is_ascii_alphanumeric(),
            [second, first @ 0xC2..0xE0, _] => char_of(&[first, second]).is_some_and(is_alnum),
            [third, second, first] => char_of(&[first, second, third]).is_some_and(is_alnum),
        }
    }

    /// A byte of the text or of what the lane has before it, at a place modulo 2^64.
    fn byte(&self, place: usize) -> Option<u8> {
        let byte = self.bytes.get(place).copied();
        byte.or_else(|| self.lane.get(self.at.wrapping_add(place as u64)))
    }
}

fn char_of(bytes: &[u8]) -> Option<char> {
    std::str::from_utf8(bytes).ok()?.chars().next()
}

impl Engine {
    /// Takes characters that stand for themselves, from raw offset `raw` on, while they are plain; returns how many bytes. Keeps track of
    /// the token at their end, if that is asked for; then there is no candidate to decide.
    pub(crate) fn wide(
        &mut self,
        plan: &Plan,
        ledger: &Ledger,
        token: Option<&mut Token>,
        (bytes, raw): (&[u8], u64),
    ) -> usize {
        let attempts = &mut self.attempts;
        let idle = !attempts.busy && attempts.threads.is_empty() && raw >= ledger.furthest();
        let Some((track, others)) = attempts.tracks.split_first_mut().filter(|_| idle) else {
            return 0;
        };
        if !track.has_room(MAX_JOINED) {
            return 0;
        }
        let main = track.single().filter(Single::is_plain);
        let (Some(main), Some(words)) = (main.filter(|_| plan.plain), plan.words.small()) else {
            return 0;
        };
        attempts.beside = attempts.beside && !others.iter().all(Track::is_empty);
        if attempts.beside {
            return 0;
        }
        let text = Text {
            plan,
            words,
            part: &plan.parts[plan.open[0].part as usize],
            bytes,
            mask: attempts.more | u32::from(ACCEPTS),
            lane: &self.site.lane,
            at: self.end,
            tokens: token.is_some(),
        };
        let before = main.raw.wrapping_sub(raw) as usize;
        let mut place = Place {
            taken: 0,
            word: attempts.words,
            left: attempts.left,
            state: main.state,
            begun: before,
            joined: (0, 0),
        };
        let mut joined = [0; MAX_JOINED];
        let mut none = Token::Foreign;
        text.run(&mut place, token.unwrap_or(&mut none), &mut joined);
        if place.taken == 0 {
            return 0;
        }
        (attempts.words, attempts.left) = (place.word, place.left);
        if place.begun != before && place.state != DEAD {
            let at = place.begun as u64;
            track.restart(place.state, self.end + at, raw + at);
        } else {
            track.set_single(place.state);
        }
        if place.state != DEAD {
            let places = joined[place.joined.0..place.joined.1].iter();
            track.join(places.map(|&at| self.end + u64::from(at)));
        }
        self.end += place.taken as u64;
        self.site.last_end = raw + place.taken as u64;
        self.site.work += place.taken as u64;
        self.site.lane.append_ascii(&bytes[..place.taken], raw);
        place.taken
    }
}
