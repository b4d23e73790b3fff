//! Sentences that are faithful to their context, and the same with one thing changed. The labels follow from how they were made.
//!
//! Works on the text alone and shares no code with the detector, so that it cannot make only what the detector sees.

use crate::data::{Row, bucket, context, is_held_out};

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const WORDS: [&str; 11] = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
];
const VERBS: [&str; 6] = [" is ", " was ", " are ", " were ", " can ", " has been "];

/// Rows of one side. Each text is the first of three documents; the others are its neighbours in the list.
pub fn rows(side: &[&str]) -> Vec<Row> {
    let mut rows = Vec::new();
    for (at, text) in side.iter().enumerate() {
        let seed = bucket("perturb:", text) as usize;
        let other = |step: usize| side[(at + step * 7 + 1) % side.len()];
        let address = address(text);
        let source = format!("{text} More is at https://www.{address}.");
        let documents = [other(1), &source, other(2)];
        let mut add = |answer: String, kind, is_bad| {
            let context = context(&documents, "What do you know about it?");
            rows.push(Row {
                context,
                answer,
                is_bad,
                kind,
                is_held_out: is_held_out(text),
            });
        };
        let foreign = other(3 + seed % 5);
        for (kind, changed) in [
            ("number", number(text, seed)),
            ("date", date(text, seed)),
            ("entity", entity(text, foreign, &documents)),
            ("negation", negation(text)),
            ("quote", quote(text, true)),
            (
                "link",
                Some(format!("{text} See https://{}.", swapped(&address, seed))),
            ),
            ("citation", Some(format!("{text} [{}]", 4 + seed % 9))),
        ] {
            // One link and one citation for every third text: they are as easy as they look.
            let is_rare = matches!(kind, "link" | "citation" | "quote") && !seed.is_multiple_of(3);
            if let Some(changed) = changed.filter(|_| !is_rare) {
                add(changed, kind, true);
            }
        }
        add((*text).to_owned(), "verbatim", false);
        for (kind, faithful) in [
            ("rewritten numbers", rewritten(text)),
            ("shorter", shorter(text)),
            ("led in", Some(format!("According to the text, {text}"))),
            (
                "quote kept",
                quote(text, false).filter(|_| seed.is_multiple_of(3)),
            ),
            (
                "link kept",
                Some(format!("{text} See {address}.")).filter(|_| seed.is_multiple_of(3)),
            ),
            (
                "citation kept",
                Some(format!("{text} [{}]", 1 + seed % 3)).filter(|_| seed.is_multiple_of(3)),
            ),
        ] {
            if let Some(faithful) = faithful.filter(|faithful| faithful != text) {
                add(faithful, kind, false);
            }
        }
    }
    rows
}

/// Runs of digits: where they begin and end.
fn digits(text: &str) -> Vec<(usize, usize)> {
    let bytes = text.as_bytes();
    let mut out = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        while at < bytes.len()
            && (bytes[at].is_ascii_digit()
                || (at > start
                    && bytes[at] == b','
                    && bytes.get(at + 1).is_some_and(u8::is_ascii_digit)))
        {
            at += 1;
        }
        if at > start {
            let is_word = start > 0 && bytes[start - 1].is_ascii_alphabetic();
            if !is_word {
                out.push((start, at));
            }
        } else {
            at += 1;
        }
    }
    out
}

fn is_year(text: &str) -> bool {
    text.len() == 4
        && text
            .parse::<u32>()
            .is_ok_and(|year| (1000..2100).contains(&year))
}

fn replaced(text: &str, (start, end): (usize, usize), with: &str) -> String {
    format!("{}{with}{}", &text[..start], &text[end..])
}

/// Another number in the place of one that is no year and no day of a month; or another number word.
fn number(text: &str, seed: usize) -> Option<String> {
    let near_month = |start: usize, end: usize| {
        let mut from = start.saturating_sub(11);
        let mut to = (end + 14).min(text.len());
        while !text.is_char_boundary(from) {
            from += 1;
        }
        while !text.is_char_boundary(to) {
            to -= 1;
        }
        MONTHS.iter().any(|month| text[from..to].contains(month))
    };
    let numeral = digits(text)
        .into_iter()
        .find(|&(start, end)| !is_year(&text[start..end]) && !near_month(start, end));
    if let Some((start, end)) = numeral {
        let value: u64 = text[start..end].replace(',', "").parse().ok()?;
        let changed = value + 1 + (seed as u64 % 9) * (1 + value / 10);
        return (!text.contains(&changed.to_string()))
            .then(|| replaced(text, (start, end), &changed.to_string()));
    }
    let (at, word) =
        WORDS.iter().enumerate().skip(2).find_map(|(value, word)| {
            Some((text.find(&format!(" {word} "))? + 1, (value, word)))
        })?;
    let other = WORDS[2 + (word.0 - 2 + 1 + seed % 7) % 9];
    (!text.contains(other)).then(|| replaced(text, (at, at + word.1.len()), other))
}

/// Another year, or another month.
fn date(text: &str, seed: usize) -> Option<String> {
    if let Some(span) = digits(text)
        .into_iter()
        .find(|&(start, end)| is_year(&text[start..end]))
    {
        let year: usize = text[span.0..span.1].parse().ok()?;
        let changed = if seed.is_multiple_of(2) {
            year - 1 - seed % 17
        } else {
            year + 1 + seed % 17
        }
        .to_string();
        return (!text.contains(&changed)).then(|| replaced(text, span, &changed));
    }
    let (start, month) = MONTHS
        .iter()
        .enumerate()
        .find_map(|(at, month)| Some((text.find(&format!(" {month} "))? + 1, at)))?;
    Some(replaced(
        text,
        (start, start + MONTHS[month].len()),
        MONTHS[(month + 1 + seed % 11) % 12],
    ))
}

/// Names inside of a text: capitalised words behind a small one, with the capitalised ones after it.
fn names(text: &str) -> Vec<(usize, usize)> {
    let mut out: Vec<(usize, usize)> = Vec::new();
    let (mut at, mut small_before) = (0, false);
    for word in text.split(' ') {
        let (start, letters) = (
            at,
            word.trim_end_matches(|char: char| !char.is_alphanumeric()),
        );
        at += word.len() + 1;
        let is_name = letters.len() > 2
            && letters.chars().all(char::is_alphabetic)
            && letters.starts_with(char::is_uppercase);
        let is_month = MONTHS.contains(&letters);
        match out.last_mut() {
            Some(last) if is_name && !is_month && last.1 + 1 == start => {
                last.1 = start + letters.len();
            }
            _ if is_name && !is_month && small_before => out.push((start, start + letters.len())),
            _ => {}
        }
        small_before = letters == word && letters.starts_with(char::is_lowercase);
    }
    out
}

/// A name of a foreign text in the place of one of this text.
fn entity(text: &str, foreign: &str, documents: &[&str]) -> Option<String> {
    let span = *names(text).first()?;
    let known = documents.join(" ").to_lowercase();
    let name = names(foreign)
        .into_iter()
        .map(|(start, end)| &foreign[start..end])
        .find(|name| {
            name.split(' ')
                .all(|word| !known.contains(&word.to_lowercase()))
        })?;
    Some(replaced(text, span, name))
}

/// "not" put in behind a verb, or taken out.
fn negation(text: &str) -> Option<String> {
    if text.contains(" not only ") {
        return None;
    }
    if let Some(at) = text.find(" not ") {
        return Some(replaced(text, (at, at + 4), ""));
    }
    let (at, verb) = VERBS
        .iter()
        .filter_map(|verb| Some((text.find(verb)?, verb)))
        .min()?;
    let first = verb
        .find(' ')
        .map_or(0, |_| verb[1..].find(' ').unwrap_or(0) + 1);
    Some(replaced(text, (at + first, at + first), " not"))
}

/// A quote of some words; changed, two of them have swapped places and one is doubled by a stranger.
fn quote(text: &str, is_changed: bool) -> Option<String> {
    let words: Vec<&str> = text
        .split(' ')
        .filter(|word| word.chars().all(char::is_alphanumeric))
        .collect();
    let run: Vec<&str> = text.split(' ').skip(1).take(7).collect();
    if words.len() < 9 || run.iter().any(|word| word.contains(['"', '“', '”'])) {
        return None;
    }
    let mut run = run;
    if is_changed {
        run.swap(1, 4);
        run.swap(2, 5);
    }
    Some(format!(
        "The text says \"{}\".",
        run.join(" ").trim_end_matches([',', '.', ';'])
    ))
}

/// The same numbers and dates, written otherwise.
fn rewritten(text: &str) -> Option<String> {
    let mut out = text.to_owned();
    for (start, end) in digits(text).into_iter().rev() {
        let numeral = &text[start..end];
        if is_year(numeral) {
            continue;
        }
        let value: usize = numeral.replace(',', "").parse().ok()?;
        let is_alone = text[end..].starts_with(' ')
            && !MONTHS.iter().any(|month| {
                text[end + 1..].starts_with(month) || text[..start].ends_with(&format!("{month} "))
            });
        let other = match value {
            2..=10 if is_alone && text[..start].ends_with(' ') => WORDS[value].to_owned(),
            _ if numeral.contains(',') => value.to_string(),
            _ => continue,
        };
        out.replace_range(start..end, &other);
    }
    for (value, word) in WORDS.iter().enumerate().skip(2) {
        out = out.replace(&format!(" {word} "), &format!(" {value} "));
    }
    for month in MONTHS {
        // "November 6, 1869" to "6 November 1869".
        let Some(at) = out.find(&format!("{month} ")) else {
            continue;
        };
        let rest = out[at + month.len() + 1..].to_owned();
        let day: String = rest.chars().take_while(char::is_ascii_digit).collect();
        if (1..=2).contains(&day.len()) && rest[day.len()..].starts_with(", ") {
            let end = at + month.len() + 1 + day.len() + 1;
            out.replace_range(at..end, &format!("{day} {month}"));
        }
    }
    out = out.replace(" percent", "%");
    (out != text).then_some(out)
}

/// The first part of a sentence.
fn shorter(text: &str) -> Option<String> {
    let at = text
        .match_indices([',', ';'])
        .map(|(at, _)| at)
        .find(|at| *at > 40)?;
    Some(format!("{}.", &text[..at]))
}

/// An address made of the text's own words.
fn address(text: &str) -> String {
    let mut words = text
        .split(|char: char| !char.is_ascii_lowercase())
        .filter(|word| word.len() > 4);
    let (host, path) = (
        words.next().unwrap_or("pages"),
        words.next().unwrap_or("about"),
    );
    format!("{host}.org/{path}")
}

/// Another host, or another path of the same.
fn swapped(address: &str, seed: usize) -> String {
    let (host, path) = address.split_once('/').unwrap_or((address, ""));
    if seed.is_multiple_of(2) {
        format!("my{host}/{path}")
    } else {
        format!("{host}/{path}/more")
    }
}
