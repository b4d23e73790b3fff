//! What a sentence claims that can be looked up: numbers, dates, names, quotes, links, citations.
//!
//! The same for evidence and answer, so that both are read alike. Knows nothing of contexts.

use crate::lexicon::{self, is};
use crate::token::{Case, Kind, Token};

/// One claim.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Claim {
    /// A number: its value with "million" multiplied in, the class of its unit (0: none), and whether it is said to be rounded.
    Number {
        value: f64,
        unit: u32,
        is_about: bool,
    },
    /// A year that stands alone.
    Year(u16),
    /// Ten years, by their first.
    Decade(u16),
    /// A day or a month; 0 is not given.
    Date {
        year: u16,
        month: u8,
        day: u8,
        swaps: bool,
    },
    /// A name: tokens `first..=last`; the first word of a sentence may have its capital for that alone.
    Entity {
        first: u16,
        last: u16,
        is_first_sure: bool,
    },
    /// Tokens between quotation marks, three words at least.
    Quote { first: u16, last: u16 },
    /// Hash of host and path, and of the host.
    Link { whole: u32, host: u32 },
    /// Place in the list of documents.
    Citation(u32),
}

/// A claim and its bytes in the sentence.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spotted {
    /// What is claimed.
    pub claim: Claim,
    /// First byte.
    pub start: u32,
    /// Byte after the last.
    pub end: u32,
}

/// Fewest words of a quote that must be verbatim: shorter ones are titles and scare quotes.
const MIN_QUOTE: usize = 3;

/// Finds the claims of one sentence; `out` is emptied first.
pub fn spot(text: &str, tokens: &[Token], out: &mut Vec<Spotted>) {
    out.clear();
    let mut at = 0;
    while at < tokens.len() {
        at = match tokens[at].kind {
            Kind::Number { .. } | Kind::Decade(_) | Kind::Digits { .. } => {
                numeric(text, tokens, at, out)
            }
            Kind::Word if tokens[at].meaning.has(is::CARDINAL | is::MONTH) => {
                numeric(text, tokens, at, out)
            }
            Kind::Link { whole, host } => take(tokens, at, at, Claim::Link { whole, host }, out),
            Kind::Citation(place) => take(tokens, at, at, Claim::Citation(place), out),
            _ => at + 1,
        };
    }
    if !is_title(tokens) {
        entities(tokens, out);
    }
    quotes(tokens, out);
}

fn take(
    tokens: &[Token],
    first: usize,
    last: usize,
    claim: Claim,
    out: &mut Vec<Spotted>,
) -> usize {
    out.push(Spotted {
        claim,
        start: tokens[first].start,
        end: tokens[last].end,
    });
    last + 1
}

/// A number or date that begins at `at`; returns the token behind it.
fn numeric(text: &str, tokens: &[Token], at: usize, out: &mut Vec<Spotted>) -> usize {
    match tokens[at].kind {
        Kind::Decade(year) => return take(tokens, at, at, Claim::Decade(year), out),
        Kind::Digits {
            year,
            month,
            day,
            swaps,
        } => {
            return take(
                tokens,
                at,
                at,
                Claim::Date {
                    year,
                    month,
                    day,
                    swaps,
                },
                out,
            );
        }
        // "3." at the start of a line is a place in a list.
        Kind::Number { .. }
            if at == 0
                && matches!(
                    text.as_bytes().get(tokens[0].end as usize),
                    Some(b'.' | b')')
                )
                && tokens.len() > 1 =>
        {
            return at + 1;
        }
        _ => {}
    }
    if let Some((last, claim)) = date(tokens, at) {
        return take(tokens, at, last, claim, out);
    }
    let Some((mut last, value)) = value(tokens, at) else {
        return at + 1;
    };
    let before = at.checked_sub(1).map(|before| tokens[before]);
    let (mut first, mut unit) = (at, 0);
    if let Some(Kind::Sign(class)) = before.map(|token| token.kind)
        && class != lexicon::PERCENT
    {
        (first, unit) = (at - 1, class);
    } else if let Some(next) = tokens.get(last + 1) {
        let class = match next.kind {
            Kind::Sign(lexicon::PERCENT) => lexicon::PERCENT,
            Kind::Word if next.meaning.has(is::UNIT) && !next.is_apart => next.meaning.value,
            _ => 0,
        };
        if class != 0 {
            (last, unit) = (last + 1, class);
        }
    }
    let is_word = !matches!(tokens[at].kind, Kind::Number { .. });
    // "One of them", "the first": no quantities.
    if is_word && value <= 1.0 && unit == 0 {
        return last + 1;
    }
    let is_year =
        last == at && unit == 0 && matches!(tokens[at].kind, Kind::Number { is_plain: true, .. });
    let is_about = (1..=2).any(|back| at >= back && tokens[at - back].meaning.has(is::ABOUT));
    let claim = if is_year {
        Claim::Year(integer(value))
    } else {
        Claim::Number {
            value,
            unit,
            is_about,
        }
    };
    take(tokens, first, last, claim, out)
}

/// Value of a numeral or of number words, with "million" and the like: the last token and the value.
fn value(tokens: &[Token], at: usize) -> Option<(usize, f64)> {
    let cardinal = |token: &Token| {
        let isnt = !matches!(token.kind, Kind::Word)
            || !token.meaning.has(is::CARDINAL)
            || token.meaning.has(is::UNIT);
        (!isnt).then(|| f64::from(token.meaning.value))
    };
    let (mut total, mut current, mut last) = (0.0, 0.0, at);
    let mut next = at;
    if let Kind::Number { value, .. } = tokens[at].kind {
        current = value;
        next += 1;
    } else {
        cardinal(&tokens[at])?;
    }
    while let Some(token) = tokens
        .get(next)
        .filter(|token| next == at || !token.is_apart)
    {
        if token.meaning.has(is::SCALE) {
            let scale = 10_f64.powi(token.meaning.value.cast_signed());
            if scale < 1e3 {
                current *= scale;
            } else {
                total += current * scale;
                current = 0.0;
            }
        } else if let Some(value) = cardinal(token)
            && (next == at
                || (current % 100.0 == 0.0
                    || (current % 10.0 == 0.0 && current >= 20.0 && value < 10.0)))
            && !(next == at + 1 && matches!(tokens[at].kind, Kind::Number { .. }))
        {
            current += value;
        } else {
            break;
        }
        last = next;
        next += 1;
    }
    Some((last, total + current))
}

/// A numeral's value has no sign.
#[expect(clippy::cast_sign_loss)]
fn integer(value: f64) -> u16 {
    value as u16
}

fn whole(token: Option<&Token>) -> Option<(u16, bool)> {
    match token?.kind {
        Kind::Number { value, is_plain } if value.fract() == 0.0 && value < 3000.0 => {
            Some((integer(value), is_plain))
        }
        _ => None,
    }
}

/// "6 November 1869", "November 6, 1869", "6th of November", "November 1869".
fn date(tokens: &[Token], at: usize) -> Option<(usize, Claim)> {
    let month_at = |at: usize| {
        tokens
            .get(at)
            .filter(|token| token.kind == Kind::Word && token.meaning.has(is::MONTH))
            .map(|token| token.meaning.value as u8)
    };
    let year_at = |at: usize| {
        whole(tokens.get(at))
            .filter(|(_, is_plain)| *is_plain)
            .map(|(year, _)| year)
    };
    let day_at = |at: usize| {
        whole(tokens.get(at))
            .filter(|&(day, is_plain)| !is_plain && (1..=39).contains(&day))
            .map(|(day, _)| day as u8)
    };
    let dated = |year: Option<u16>, month, day| Claim::Date {
        year: year.unwrap_or_default(),
        month,
        day,
        swaps: false,
    };
    if let Some(day) = day_at(at) {
        let joined = usize::from(
            tokens
                .get(at + 1)
                .is_some_and(|token| token.meaning.has(is::JOINS)),
        );
        let month = month_at(at + 1 + joined)?;
        // "5 may be": a hedge.
        let (token, year) = (tokens[at + 1 + joined], year_at(at + 2 + joined));
        if token.case == Case::Lower && token.meaning.has(is::HEDGE) && year.is_none() {
            return None;
        }
        return Some((
            at + 1 + joined + usize::from(year.is_some()),
            dated(year, month, day),
        ));
    }
    let month = month_at(at)?;
    if let Some(year) = year_at(at + 1) {
        return Some((at + 1, dated(Some(year), month, 0)));
    }
    let (day, year) = (day_at(at + 1)?, year_at(at + 2));
    if tokens[at].case == Case::Lower && tokens[at].meaning.has(is::HEDGE) && year.is_none() {
        return None;
    }
    Some((
        at + 1 + usize::from(year.is_some()),
        dated(year, month, day),
    ))
}

/// Headings have capitals everywhere, which then say nothing.
fn is_title(tokens: &[Token]) -> bool {
    let words = tokens
        .iter()
        .filter(|token| token.kind == Kind::Word && !token.meaning.has(is::STOP));
    let (all, capitals) = words.fold((0, 0), |(all, capitals), token| {
        (all + 1, capitals + u32::from(token.case != Case::Lower))
    });
    all >= 4 && capitals == all
}

fn entities(tokens: &[Token], out: &mut Vec<Spotted>) {
    let is_name = |token: &Token| {
        token.kind == Kind::Word && token.case != Case::Lower && !token.meaning.has(is::CAPITAL)
    };
    let mut at = 0;
    while at < tokens.len() {
        if !is_name(&tokens[at])
            || tokens[at].meaning.has(is::STOP)
            || tokens[at].meaning.has(is::MONTH)
        {
            at += 1;
            continue;
        }
        let (first, mut last) = (at, at);
        while let Some(next) = tokens.get(last + 1) {
            let is_close = !next.is_apart || tokens[last].case == Case::Initial;
            let is_joined = next.meaning.has(is::JOINS)
                && tokens
                    .get(last + 2)
                    .is_some_and(|token| is_name(token) && !token.is_apart);
            if is_close && is_name(next) && !next.meaning.has(is::MONTH) {
                last += 1;
            } else if is_close && is_joined {
                last += 2;
            } else {
                break;
            }
        }
        let starts_sentence = tokens[..first]
            .iter()
            .all(|token| matches!(token.kind, Kind::Quote { .. } | Kind::Number { .. }));
        let is_first_sure = !starts_sentence || tokens[first].case == Case::Upper;
        if (is_first_sure || last > first)
            && !(first == last && tokens[first].case == Case::Initial)
        {
            let claim = Claim::Entity {
                first: first as u16,
                last: last as u16,
                is_first_sure,
            };
            take(tokens, first, last, claim, out);
        }
        at = last + 1;
    }
}

fn quotes(tokens: &[Token], out: &mut Vec<Spotted>) {
    let mut open: Option<usize> = None;
    for (at, token) in tokens.iter().enumerate() {
        let Kind::Quote { opens, closes } = token.kind else {
            continue;
        };
        match open {
            Some(first) if closes => {
                let words = tokens[first + 1..at]
                    .iter()
                    .filter(|token| token.kind == Kind::Word)
                    .count();
                if words >= MIN_QUOTE {
                    let claim = Claim::Quote {
                        first: first as u16 + 1,
                        last: at as u16 - 1,
                    };
                    take(tokens, first, at, claim, out);
                }
                open = None;
            }
            _ if opens => open = Some(at),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::token::tokens;

    fn claims(text: &str) -> Vec<(String, Claim)> {
        let (mut cut, mut out) = (Vec::new(), Vec::new());
        tokens(text, &mut cut);
        spot(text, &cut, &mut out);
        out.iter()
            .map(|spotted| {
                (
                    text[spotted.start as usize..spotted.end as usize].to_owned(),
                    spotted.claim,
                )
            })
            .collect()
    }

    fn numbers(text: &str) -> Vec<(f64, u32)> {
        let number = |(_, claim)| {
            if let Claim::Number { value, unit, .. } = claim {
                Some((value, unit))
            } else {
                None
            }
        };
        claims(text).into_iter().filter_map(number).collect()
    }

    #[test]
    fn numbers_have_one_value_however_they_are_written() {
        for (text, value) in [
            ("It has 1,234,567 rows", 1_234_567.0),
            ("It has 1\u{202f}234\u{202f}567 rows", 1_234_567.0),
            ("It has 2.5 million rows", 2_500_000.0),
            ("It has twenty-five rows", 25.0),
            ("It has two hundred and fifty rows", 200.0),
            ("It has two hundred fifty thousand rows", 250_000.0),
            ("It has 12k rows", 12_000.0),
            ("It was the 20th row", 20.0),
            ("It was the third row", 3.0),
            ("It has a dozen rows", 12.0),
        ] {
            assert_eq!(numbers(text).first(), Some(&(value, 0)), "{text}");
        }
        assert_eq!(numbers("It grew 5 %"), numbers("It grew five percent"));
        assert_eq!(numbers("It cost $5"), numbers("It cost 5 dollars"));
        assert_ne!(numbers("It cost $5"), numbers("It cost 5 euros"));
        assert_eq!(numbers("One of them, the first, is here"), []);
        assert_eq!(numbers("3. It is here"), []);
    }

    #[test]
    fn dates_are_the_same_in_every_format() {
        let day = Claim::Date {
            year: 1869,
            month: 11,
            day: 6,
            swaps: false,
        };
        for text in [
            "on November 6, 1869",
            "on 6 November 1869",
            "on the 6th of November, 1869",
            "on Nov 6 1869",
            "on 1869-11-06",
            "{\"at\":\"1869-11-06T10:30:00Z\"}",
        ] {
            assert_eq!(
                claims(text).first().map(|(_, claim)| *claim),
                Some(day),
                "{text}"
            );
        }
        assert_eq!(
            claims("in may 1999")[0].1,
            Claim::Date {
                year: 1999,
                month: 5,
                day: 0,
                swaps: false
            }
        );
        assert_eq!(claims("the 1990s")[0].1, Claim::Decade(1990));
        assert_eq!(claims("in 1990")[0].1, Claim::Year(1990));
        assert!(matches!(
            claims("you may 5 times")[0].1,
            Claim::Number { .. }
        ));
    }

    #[test]
    fn names_are_capitals_inside_of_a_sentence() {
        let names = |text: &str| {
            claims(text)
                .into_iter()
                .filter(|(_, claim)| matches!(claim, Claim::Entity { .. }))
                .map(|(name, _)| name)
                .collect::<Vec<_>>()
        };
        assert_eq!(
            names("Then John F. Kennedy met the Bank of England."),
            ["John F. Kennedy", "Bank of England"]
        );
        assert_eq!(names("Crayons are made of wax."), Vec::<String>::new());
        assert_eq!(names("NASA flew it on Monday, and I saw."), ["NASA"]);
        assert_eq!(
            names("The Annual Report Of Our Company And Branches"),
            Vec::<String>::new()
        );
    }

    #[test]
    fn quotes_links_and_citations_are_found_with_their_bytes() {
        let found = claims("He said “we shall not go” [2, 3] at https://a.org/x and \"no\".");
        let texts: Vec<&str> = found.iter().map(|(text, _)| text.as_str()).collect();
        assert_eq!(texts, ["2", "3", "https://a.org/x", "“we shall not go”"]);
    }
}
