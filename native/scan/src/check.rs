//! Validates what rules say before anything is built from it.

use crate::PlanError;
use crate::spec::{AnalyserSpec, Context, LiteralRule, PatternRule, SpanMode};
use crate::verify;

/// Where a fault lies.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) analyser: &'a str,
    pub(crate) rule: &'a str,
}

impl Place<'_> {
    pub(crate) fn fault(&self, field: &str, message: impl Into<String>) -> PlanError {
        PlanError {
            analyser: self.analyser.to_owned(),
            rule: self.rule.to_owned(),
            field: field.to_owned(),
            message: message.into(),
        }
    }

    fn range(&self, field: &str, value: u32, most: u32) -> Result<(), PlanError> {
        if (1..=most).contains(&value) {
            return Ok(());
        }
        Err(self.fault(field, format!("is {value}; must be 1 to {most}")))
    }

    fn share(&self, field: &str, value: f32) -> Result<(), PlanError> {
        if (0.0..=1.0).contains(&value) {
            return Ok(());
        }
        Err(self.fault(field, format!("is {value}; must be in [0, 1]")))
    }

    fn words(&self, field: &str, words: &[String], most: usize) -> Result<(), PlanError> {
        match words
            .iter()
            .find(|word| word.is_empty() || word.len() > most)
        {
            None => Ok(()),
            Some(word) => {
                let length = word.len();
                Err(self.fault(
                    field,
                    format!("has a word of {length} bytes; must be 1 to {most}"),
                ))
            }
        }
    }

    fn name(&self, id: &str, tag: &str) -> Result<(), PlanError> {
        if id.is_empty() {
            return Err(self.fault("id", "is empty; give every rule a kebab-case name"));
        }
        if tag.is_empty() {
            return Err(self.fault("tag", "is empty; a redaction needs a label such as EMAIL"));
        }
        Ok(())
    }
}

/// Most bytes of a keyword or a context word.
const MAX_WORD: usize = 64;
/// Most bytes of a literal. Source: `spec::LiteralRule::words`.
const MAX_LITERAL: usize = 512;

/// Checks everything about an analyser's rules that needs no automaton.
pub(crate) fn analyser(spec: &AnalyserSpec) -> Result<(), PlanError> {
    let nowhere = Place {
        analyser: &spec.id,
        rule: "",
    };
    nowhere.share("minScore", spec.min_score)?;
    let mut ids: Vec<&str> = Vec::new();
    let all = spec
        .rules
        .iter()
        .map(|rule| &rule.id)
        .chain(spec.literals.iter().map(|rule| &rule.id));
    for id in all {
        if ids.contains(&id.as_str()) {
            let place = Place {
                analyser: &spec.id,
                rule: id,
            };
            return Err(place.fault(
                "id",
                "is used twice in this analyser; rename one of the rules",
            ));
        }
        ids.push(id);
    }
    for rule in &spec.rules {
        pattern_rule(
            rule,
            Place {
                analyser: &spec.id,
                rule: &rule.id,
            },
        )?;
    }
    for rule in &spec.literals {
        literal_rule(
            rule,
            Place {
                analyser: &spec.id,
                rule: &rule.id,
            },
        )?;
    }
    Ok(())
}

fn pattern_rule(rule: &PatternRule, place: Place<'_>) -> Result<(), PlanError> {
    place.name(&rule.id, &rule.tag)?;
    place.words("keywords", &rule.keywords, MAX_WORD)?;
    if rule.lead.is_some() && rule.keywords.is_empty() {
        return Err(place.fault("lead", "needs `keywords`: it is matched behind one of them"));
    }
    place.share("score", rule.score)?;
    place.range("maxBytes", rule.max_bytes, 4096)?;
    // 8 bits: no byte string has more.
    if !(0.0..=8.0).contains(&rule.min_entropy) {
        return Err(place.fault(
            "minEntropy",
            format!("is {}; must be in [0, 8]", rule.min_entropy),
        ));
    }
    place.words("stop", &rule.stop, MAX_LITERAL)?;
    for name in &rule.verify {
        if verify::find(name).is_none() {
            return Err(place.fault("verify", unknown_verifier(name)));
        }
    }
    rule.context
        .as_ref()
        .map_or(Ok(()), |context| check_context(context, place))?;
    rule.span
        .as_ref()
        .map_or(Ok(()), |span| check_span(span, place))
}

fn check_context(context: &Context, place: Place<'_>) -> Result<(), PlanError> {
    if context.words.is_empty() {
        return Err(place.fault("context.words", "is empty; name a word or remove `context`"));
    }
    place.words("context.words", &context.words, MAX_WORD)?;
    place.range("context.within", context.within, 256)?;
    place.share("context.boost", context.boost)
}

fn check_span(span: &SpanMode, place: Place<'_>) -> Result<(), PlanError> {
    place.range("span.maxBytes", span.max_bytes, 65536)?;
    match (&span.while_class, &span.until) {
        (Some(_), None) => Ok(()),
        (None, Some(until)) => place.words("span.until", std::slice::from_ref(until), MAX_WORD),
        _ => Err(place.fault("span", "needs exactly one of `while` and `until`")),
    }
}

fn literal_rule(rule: &LiteralRule, place: Place<'_>) -> Result<(), PlanError> {
    place.name(&rule.id, &rule.tag)?;
    place.share("score", rule.score)?;
    if rule.words.is_empty() {
        return Err(place.fault("words", "is empty; name a word or remove the rule"));
    }
    place.words("words", &rule.words, MAX_LITERAL)
}

fn unknown_verifier(name: &str) -> String {
    let nearest = verify::names().min_by_key(|known| distance(name, known));
    if let Some(known) = nearest.filter(|known| distance(name, known) <= 1 + name.len() / 3) {
        return format!("{name:?} is no verifier; did you mean {known:?}?");
    }
    let known: Vec<&str> = verify::names().collect();
    format!("{name:?} is no verifier; there are {}", known.join(", "))
}

/// Levenshtein distance.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, &y) in b.iter().enumerate() {
            let cost = (diagonal + usize::from(x != y))
                .min(row[j] + 1)
                .min(row[j + 1] + 1);
            diagonal = std::mem::replace(&mut row[j + 1], cost);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::distance;

    #[test]
    fn distance_counts_insertions_deletions_and_changes() {
        for (a, b, expected) in [
            ("luhn", "luhn", 0),
            ("luhm", "luhn", 1),
            ("", "abc", 3),
            ("kitten", "sitting", 3),
        ] {
            assert_eq!(distance(a, b), expected, "{a} {b}");
        }
    }
}
