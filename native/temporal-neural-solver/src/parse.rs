//! From text to formula: operator precedence with an explicit stack, so that depth is a limit and not a crash.
//!
//! From tight to loose: `! G F X N Y O H`, then `U W R S` (right), `&`, `|`, `->` (right), `<->`.

use crate::error::{Code, Error};
use crate::formula::{Builder, Formula, Id, Node};
use crate::interval::Interval;
use crate::lex::{Lexer, Token};
use crate::limits;
use crate::vocabulary::{Atom, Vocabulary};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

#[derive(Clone, Copy)]
enum Pending {
    Open,
    Unary(char, Option<Interval>),
    Binary(char, Option<Interval>),
}

impl Pending {
    /// How tightly it binds; parentheses are only taken off by their partner.
    fn strength(self) -> u8 {
        match self {
            Self::Open => 0,
            Self::Binary('=', _) => 1,
            Self::Binary('>', _) => 2,
            Self::Binary('|', _) => 3,
            Self::Binary('&', _) => 4,
            Self::Binary(..) => 5,
            Self::Unary(..) => 6,
        }
    }
}

struct Parser<'v> {
    builder: Builder,
    vocabulary: &'v mut Vocabulary,
    pending: Vec<(usize, Pending)>,
    operands: Vec<Id>,
}

impl Formula {
    /// Reads a formula; new atoms are added to `vocabulary`, which is unchanged on error.
    ///
    /// ```
    /// use midstream_temporal_neural_solver::{Formula, Vocabulary};
    /// let mut words = Vocabulary::new();
    /// let rule = Formula::parse("G(tool-call -> F[0,30s] tool-result)", &mut words)?;
    /// assert_eq!(rule.text(&words), "G(tool-call -> F[0,30s] tool-result)");
    /// # Ok::<(), midstream_temporal_neural_solver::Error>(())
    /// ```
    ///
    /// # Errors
    /// With the byte where the text goes wrong and what to write instead.
    pub fn parse(text: &str, vocabulary: &mut Vocabulary) -> Result<Self, Error> {
        if text.len() > limits::TEXT_BYTES {
            let message = format!("Formula is longer than {} bytes", limits::TEXT_BYTES);
            return Err(Error::new(
                Code::TooLarge,
                message,
                "split it into several rules",
            ));
        }
        let mut words = vocabulary.clone();
        let parser = Parser {
            builder: Builder::new(),
            vocabulary: &mut words,
            pending: Vec::new(),
            operands: Vec::new(),
        };
        let formula = parser.run(text)?;
        *vocabulary = words;
        Ok(formula)
    }
}

impl Parser<'_> {
    fn run(mut self, text: &str) -> Result<Formula, Error> {
        let mut lexer = Lexer::new(text);
        let mut token = lexer.next()?;
        loop {
            token = self.operand(&mut lexer, token)?;
            // After an operand: closing parentheses, then an operator or the end.
            while token.1 == Token::Close {
                self.close(token.0)?;
                token = lexer.next()?;
            }
            let (at, found) = token;
            let Some(sign) = binary(&found) else {
                if found == Token::End {
                    return self.end(at);
                }
                return Err(expected(
                    at,
                    &found,
                    "an operator",
                    "put &, |, -> or U between two operands",
                ));
            };
            token = lexer.next()?;
            let interval = Self::interval(&mut lexer, &mut token, sign, "URS")?;
            self.shift(at, Pending::Binary(sign, interval))?;
        }
    }

    /// Reads prefix operators and one atom; gives the token after it.
    fn operand(
        &mut self,
        lexer: &mut Lexer<'_>,
        mut token: (usize, Token),
    ) -> Result<(usize, Token), Error> {
        loop {
            let (at, found) = token;
            token = match found {
                Token::Open => {
                    self.hold(at, Pending::Open)?;
                    lexer.next()?
                }
                Token::Not => {
                    self.hold(at, Pending::Unary('!', None))?;
                    lexer.next()?
                }
                Token::Word(word) if "GFXNYOH".contains(word.as_str()) && word.len() == 1 => {
                    let sign = char::from(word.as_bytes()[0]);
                    let mut next = lexer.next()?;
                    let interval = Self::interval(lexer, &mut next, sign, "GFOH")?;
                    self.hold(at, Pending::Unary(sign, interval))?;
                    next
                }
                Token::Word(word) if binary(&Token::Word(word.clone())).is_none() => {
                    return match word.as_str() {
                        "true" | "false" => {
                            let node = if word == "true" {
                                Node::True
                            } else {
                                Node::False
                            };
                            self.push(at, node)?;
                            lexer.next()
                        }
                        _ => self.atom(at, word, lexer),
                    };
                }
                Token::Quoted(word) => return self.atom(at, word, lexer),
                other => {
                    let remedy = "write an atom, true, false, a prefix operator or ( here; quote a name like \"U\"";
                    return Err(expected(at, &other, "an operand", remedy));
                }
            };
        }
    }

    fn atom(
        &mut self,
        at: usize,
        name: String,
        lexer: &mut Lexer<'_>,
    ) -> Result<(usize, Token), Error> {
        let next = lexer.next()?;
        let (atom, next) = match next.1 {
            Token::Compare(comparison, bound) => (
                Atom::Signal {
                    name,
                    comparison,
                    bound,
                },
                lexer.next()?,
            ),
            _ => (Atom::Proposition(name), next),
        };
        let bit = self.vocabulary.intern(atom).map_err(|e| e.at(at))?;
        self.push(at, Node::Atom(bit))?;
        Ok(next)
    }

    fn interval(
        lexer: &mut Lexer<'_>,
        token: &mut (usize, Token),
        sign: char,
        allowed: &str,
    ) -> Result<Option<Interval>, Error> {
        let Token::Interval(interval) = token.1 else {
            return Ok(None);
        };
        if !allowed.contains(sign) {
            let message = format!("Operator {sign} takes no interval");
            return Err(Error::new(
                Code::Interval,
                message,
                "bounded are G F U R O H S; for W write G[a,b] or U[a,b]",
            )
            .at(token.0));
        }
        *token = lexer.next()?;
        Ok(Some(interval))
    }

    fn push(&mut self, at: usize, node: Node) -> Result<(), Error> {
        let id = self.builder.push(node).map_err(|e| e.at(at))?;
        self.operands.push(id);
        Ok(())
    }

    fn hold(&mut self, at: usize, pending: Pending) -> Result<(), Error> {
        if self.pending.len() >= 2 * usize::from(limits::DEPTH) {
            let message = format!("Formula is nested deeper than {} levels", limits::DEPTH);
            return Err(Error::new(Code::TooLarge, message, "split it into several rules").at(at));
        }
        self.pending.push((at, pending));
        Ok(())
    }

    /// Takes a binary operator: everything that binds tighter is built first.
    fn shift(&mut self, at: usize, pending: Pending) -> Result<(), Error> {
        let right = matches!(pending, Pending::Binary('>' | 'U' | 'W' | 'R' | 'S', _));
        while let Some((_, top)) = self.pending.last() {
            if top.strength() < pending.strength()
                || (right && top.strength() == pending.strength())
            {
                break;
            }
            self.reduce()?;
        }
        self.hold(at, pending)
    }

    fn reduce(&mut self) -> Result<(), Error> {
        let (at, node) = match self.pending.pop() {
            Some((at, Pending::Unary(sign, interval))) => {
                let a = self.operands.pop().unwrap_or(0);
                (at, unary(sign, interval, a))
            }
            Some((at, Pending::Binary(sign, interval))) => {
                let b = self.operands.pop().unwrap_or(0);
                let a = self.operands.pop().unwrap_or(0);
                (at, join(sign, interval, a, b))
            }
            Some((_, Pending::Open)) | None => return Ok(()),
        };
        self.push(at, node)
    }

    fn close(&mut self, at: usize) -> Result<(), Error> {
        loop {
            match self.pending.last() {
                Some((_, Pending::Open)) => {
                    self.pending.pop();
                    return Ok(());
                }
                Some(_) => self.reduce()?,
                None => {
                    return Err(Error::new(
                        Code::Syntax,
                        "Parenthesis has no partner",
                        "remove it",
                    )
                    .at(at));
                }
            }
        }
    }

    fn end(mut self, _at: usize) -> Result<Formula, Error> {
        while let Some((at, top)) = self.pending.last() {
            if matches!(top, Pending::Open) {
                return Err(Error::new(Code::Syntax, "Parenthesis is not closed", "add )").at(*at));
            }
            self.reduce()?;
        }
        let root = self.operands.pop().unwrap_or(0);
        self.builder.finish(root)
    }
}

fn binary(token: &Token) -> Option<char> {
    match token {
        Token::And => Some('&'),
        Token::Or => Some('|'),
        Token::Implies => Some('>'),
        Token::Iff => Some('='),
        Token::Word(word) if word.len() == 1 && "UWRS".contains(word.as_str()) => {
            word.chars().next()
        }
        _ => None,
    }
}

fn unary(sign: char, interval: Option<Interval>, a: Id) -> Node {
    match sign {
        'G' => Node::Globally(interval, a),
        'F' => Node::Finally(interval, a),
        'X' => Node::Next(a),
        'N' => Node::WeakNext(a),
        'Y' => Node::Yesterday(a),
        'O' => Node::Once(interval, a),
        'H' => Node::Historically(interval, a),
        _ => Node::Not(a),
    }
}

fn join(sign: char, interval: Option<Interval>, a: Id, b: Id) -> Node {
    match sign {
        '|' => Node::Or(a, b),
        '>' => Node::Implies(a, b),
        '=' => Node::Iff(a, b),
        'U' => Node::Until(interval, a, b),
        'W' => Node::WeakUntil(a, b),
        'R' => Node::Release(interval, a, b),
        'S' => Node::Since(interval, a, b),
        _ => Node::And(a, b),
    }
}

fn expected(at: usize, found: &Token, what: &str, remedy: &str) -> Error {
    let shown: String = match found {
        Token::End => "the end".into(),
        Token::Word(word) | Token::Quoted(word) => {
            format!("\"{}\"", word.chars().take(32).collect::<String>())
        }
        Token::Not => "!".into(),
        Token::And => "&".into(),
        Token::Or => "|".into(),
        Token::Implies => "->".into(),
        Token::Iff => "<->".into(),
        Token::Open => "(".into(),
        Token::Close => ")".into(),
        Token::Interval(_) => "an interval".into(),
        Token::Compare(comparison, _) => comparison.sign().into(),
    };
    Error::new(
        Code::Syntax,
        format!("Found {shown} where {what} should stand"),
        remedy,
    )
    .at(at)
}
