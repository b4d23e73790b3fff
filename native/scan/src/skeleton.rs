//! The skeleton lane: look-alike letters of other scripts read as Latin, in tokens that mix scripts.
//!
//! A token (a run of letters and digits) is folded if it consists of ASCII letters, digits and look-alikes only, with at least one of each
//! kind, so that text in one script is never read as another. A second engine runs only while a folded token may be part of a match.

use crate::engine::{Branch, Engine};
use crate::fold::twin;
use crate::ledger::Ledger;
use crate::normalise::Char;
use crate::plan::Plan;

/// Longest token in lane bytes that waits for its end to be judged; a longer one is not folded. Above the longest keys of vendors
/// (some 200 bytes), and the most that a token alone holds back.
pub(crate) const MAX_TOKEN: u64 = 512;

/// What is known of the token at the end of the text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Token {
    /// No letter of another script in it, or no token.
    Plain,
    /// It holds a letter that is no look-alike: never folded.
    Foreign,
    /// Look-alikes and ASCII only, so far.
    Open {
        /// Lane position of its first look-alike.
        first: u64,
        /// Raw offset before which nothing depends on whether it will be folded.
        hold: u64,
        /// It has an ASCII letter or digit.
        mixed: bool,
    },
}

/// State of the skeleton lane of one block.
#[derive(Debug)]
pub(crate) struct Skeleton {
    token: Token,
    engine: Option<Box<Engine>>,
    /// Position in the normalised lane up to which the engine has taken what stands there. It takes many characters at a time: what comes
    /// of them is asked for only where something is decided, and at the end of a push.
    behind: u64,
    /// The attempts of the normalised lane before the first look-alike of the open token.
    branch: Option<Box<Branch>>,
    /// Work of engines that are gone.
    work: u64,
}

impl Skeleton {
    pub(crate) fn new() -> Self {
        Self {
            token: Token::Plain,
            engine: None,
            behind: 0,
            branch: None,
            work: 0,
        }
    }

    /// Whether it has nothing to say.
    #[inline]
    pub(crate) fn is_idle(&self) -> bool {
        self.token == Token::Plain && self.engine.is_none()
    }

    /// Whether ASCII text may pass it by.
    #[inline]
    pub(crate) fn lets_pass(&self) -> bool {
        self.token == Token::Plain
    }

    /// What is known of the token at the end of the text, for who takes characters past this lane.
    #[inline]
    pub(crate) fn token(&mut self) -> &mut Token {
        &mut self.token
    }

    pub(crate) fn engine(&mut self) -> Option<&mut Engine> {
        self.engine.as_deref_mut()
    }

    /// Whether a character opens a token while the engine may have to catch up.
    #[inline]
    pub(crate) fn opens(&self, c: &Char) -> bool {
        self.engine.is_some() && self.token == Token::Plain && Kind::of(c) == Kind::Twin
    }

    /// Learns of a character before the normalised lane's engine takes it.
    pub(crate) fn before(&mut self, plan: &Plan, normal: &Engine, ledger: &mut Ledger, c: &Char) {
        let kind = Kind::of(c);
        match (self.token, kind) {
            (Token::Open { first, hold, mixed }, Kind::Ascii | Kind::Twin)
                if normal.end - first < MAX_TOKEN =>
            {
                let mixed = mixed || kind == Kind::Ascii;
                self.token = Token::Open { first, hold, mixed };
            }
            (Token::Open { .. }, Kind::Other) => self.judge(plan, normal, ledger),
            (Token::Open { .. }, _) | (Token::Plain, Kind::Letter) => self.token = Token::Foreign,
            (Token::Plain, Kind::Twin) => self.open(plan, normal, ledger, c),
            (Token::Foreign, Kind::Other) => self.token = Token::Plain,
            (Token::Plain | Token::Foreign, _) => {}
        }
    }

    /// The first look-alike of a token: whether it is folded shows at the token's end.
    fn open(&mut self, plan: &Plan, normal: &Engine, ledger: &Ledger, c: &Char) {
        let first = normal.end;
        let last = normal
            .site
            .lane
            .slice(first.saturating_sub(1), first)
            .last();
        let hold = normal.frontier(plan, ledger).min(c.start);
        let mixed = last.is_some_and(u8::is_ascii_alphanumeric);
        self.token = Token::Open { first, hold, mixed };
        if self.engine.is_none() {
            normal.branch(&mut self.branch);
        }
    }

    /// The token has ended: it is folded if it mixes scripts.
    fn judge(&mut self, plan: &Plan, normal: &Engine, ledger: &mut Ledger) {
        let Token::Open { first, mixed, .. } = std::mem::replace(&mut self.token, Token::Plain)
        else {
            return;
        };
        if !mixed {
            return;
        }
        self.take(plan, normal, ledger, first);
        // Whatever the branch takes is given back while there is an engine, which has no use for it.
        if let Some(branch) = self.branch.take().filter(|_| self.engine.is_none()) {
            let mut engine = normal.skeleton(*branch, first);
            engine.kill_covered(plan, ledger);
            self.engine = Some(Box::new(engine));
        }
        if let Some(engine) = &mut self.engine {
            engine.fold_from(plan, ledger, normal, (first, normal.end));
        }
        self.behind = normal.end;
    }

    /// Lets the engine take what the normalised lane has, up to the open token.
    pub(crate) fn catch_up(&mut self, plan: &Plan, normal: &Engine, ledger: &mut Ledger) {
        let to = match self.token {
            Token::Open { first, .. } => first,
            Token::Plain | Token::Foreign => normal.end,
        };
        self.take(plan, normal, ledger, to);
        let over = |engine: &mut Box<Engine>| !engine.remembers_folds(plan);
        if self.token == Token::Plain
            && let Some(engine) = self.engine.take_if(over)
        {
            self.work += engine.site.work;
        }
    }

    fn take(&mut self, plan: &Plan, normal: &Engine, ledger: &mut Ledger, to: u64) {
        if let Some(engine) = &mut self.engine
            && self.behind < to
        {
            engine.copy_from(plan, ledger, normal, (self.behind, to));
            self.behind = to;
        }
    }

    /// Raw offset before which nothing on this lane can begin a match any more.
    pub(crate) fn frontier(&self, plan: &Plan, ledger: &Ledger) -> u64 {
        let engine = self
            .engine
            .as_ref()
            .map_or(u64::MAX, |engine| engine.frontier(plan, ledger));
        match self.token {
            Token::Open { hold, .. } => engine.min(hold),
            _ => engine,
        }
    }

    /// The text ends here.
    pub(crate) fn finish(&mut self, plan: &Plan, normal: &Engine, ledger: &mut Ledger) {
        self.judge(plan, normal, ledger);
        self.take(plan, normal, ledger, normal.end);
        if let Some(engine) = &mut self.engine {
            engine.finish(plan, ledger);
        }
    }

    pub(crate) fn work(&self) -> u64 {
        self.work + self.engine.as_ref().map_or(0, |engine| engine.site.work)
    }

    pub(crate) fn dropped(&self) -> u64 {
        self.engine
            .as_ref()
            .map_or(0, |engine| engine.attempts.dropped)
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        let engine = self
            .engine
            .as_ref()
            .map_or(0, |engine| size_of::<Engine>() + engine.memory_bytes());
        engine
            + self
                .branch
                .as_ref()
                .map_or(0, |branch| branch.memory_bytes())
    }
}

/// What a character is to a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// An ASCII letter or digit.
    Ascii,
    /// A look-alike of an ASCII letter.
    Twin,
    /// Another letter or digit.
    Letter,
    /// No part of a token.
    Other,
}

impl Kind {
    fn of(c: &Char) -> Self {
        match c.bytes[0] {
            byte if byte.is_ascii_alphanumeric() => Self::Ascii,
            ..0x80 => Self::Other,
            _ if !c.alnum => Self::Other,
            _ if twin_of(c).is_some() => Self::Twin,
            _ => Self::Letter,
        }
    }
}

fn twin_of(c: &Char) -> Option<u8> {
    // Only two-byte characters can be Greek or Cyrillic.
    if c.len != 2 {
        return None;
    }
    std::str::from_utf8(c.bytes())
        .ok()
        .and_then(|text| text.chars().next())
        .and_then(twin)
}
