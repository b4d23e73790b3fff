//! Refusals: what a model says instead of an answer.

/// Phrases of a refusal, in words of lower case, with how sure each makes. From what models say as it is known in the field; English, and
/// Russian, which no set here measures.
const PHRASES: &[(&str, f32)] = &[
    ("i can't assist", 0.95),
    ("i cannot assist", 0.95),
    ("can't help with that", 0.95),
    ("cannot help with that", 0.95),
    ("i can't help", 0.85),
    ("i cannot help", 0.85),
    ("can't help you", 0.9),
    ("cannot help you", 0.9),
    ("can't provide", 0.9),
    ("cannot provide", 0.9),
    ("can not provide", 0.9),
    ("cannot fulfill", 0.95),
    ("can't fulfill", 0.95),
    ("cannot satisfy your request", 0.95),
    ("can't satisfy", 0.9),
    ("cannot comply", 0.95),
    ("can't comply", 0.95),
    ("cannot answer", 0.85),
    ("can't answer", 0.85),
    ("cannot engage", 0.9),
    ("can't engage", 0.9),
    ("cannot create", 0.85),
    ("can't create", 0.85),
    ("cannot write", 0.85),
    ("can't write", 0.85),
    ("cannot generate", 0.85),
    ("can't generate", 0.85),
    ("cannot give", 0.75),
    ("can't give", 0.75),
    ("cannot offer", 0.75),
    ("can't offer", 0.75),
    ("cannot support", 0.75),
    ("can't support", 0.75),
    ("cannot condone", 0.85),
    ("can't condone", 0.85),
    ("cannot encourage", 0.8),
    ("cannot recommend", 0.55),
    ("cannot discuss", 0.85),
    ("can't discuss", 0.85),
    ("cannot advise", 0.75),
    ("can't advise", 0.75),
    ("cannot suggest", 0.75),
    ("can't do that", 0.9),
    ("cannot do that", 0.9),
    ("can't share", 0.8),
    ("cannot share", 0.8),
    ("unable to assist", 0.95),
    ("unable to help", 0.95),
    ("unable to provide", 0.9),
    ("unable to fulfill", 0.95),
    ("unable to answer", 0.85),
    ("unable to comply", 0.95),
    ("unable to offer", 0.75),
    ("unable to give", 0.75),
    ("unable to create", 0.85),
    ("unable to generate", 0.85),
    ("not able to assist", 0.95),
    ("not able to help", 0.9),
    ("not able to provide", 0.9),
    ("not able to fulfill", 0.95),
    ("not able to answer", 0.8),
    ("not able to offer", 0.75),
    ("not able to give", 0.75),
    ("not able to engage", 0.9),
    ("not able to discuss", 0.85),
    ("won't provide", 0.9),
    ("will not provide", 0.9),
    ("won't help", 0.9),
    ("will not help", 0.9),
    ("won't assist", 0.95),
    ("will not assist", 0.95),
    ("won't be able to", 0.8),
    ("must decline", 0.95),
    ("have to decline", 0.95),
    ("respectfully decline", 0.95),
    ("i decline", 0.9),
    ("i refuse", 0.95),
    ("not comfortable", 0.85),
    ("don't feel comfortable", 0.9),
    ("do not feel comfortable", 0.9),
    ("i'm not going to", 0.75),
    ("i am not going to", 0.75),
    ("against my programming", 0.95),
    ("against my guidelines", 0.95),
    ("against my ethical", 0.95),
    ("against ethical", 0.8),
    ("violates my", 0.85),
    ("violate my", 0.85),
    ("my guidelines", 0.6),
    ("designed to be helpful", 0.6),
    ("not programmed to", 0.85),
    ("not designed to", 0.6),
    ("not appropriate or ethical", 0.85),
    ("it is not appropriate", 0.7),
    ("it's not appropriate", 0.7),
    ("not appropriate for me", 0.9),
    ("inappropriate for me", 0.9),
    ("not ethical", 0.65),
    ("is unethical", 0.65),
    ("illegal and unethical", 0.75),
    ("unethical and illegal", 0.75),
    ("illegal and dangerous", 0.65),
    ("harmful or illegal", 0.7),
    ("sorry but i", 0.7),
    ("sorry i can't", 0.9),
    ("sorry i cannot", 0.9),
    ("apologize but i", 0.75),
    ("apologies but i", 0.75),
    ("afraid i can't", 0.9),
    ("afraid i cannot", 0.9),
    ("can't be of assistance", 0.95),
    ("cannot be of assistance", 0.95),
    ("as a responsible", 0.45),
    // A preface of answers as well: alone it refuses nothing.
    ("as an ai", 0.3),
    ("i'm just an ai", 0.55),
    ("don't have personal", 0.25),
    ("do not have personal", 0.25),
    ("don't have the ability", 0.5),
    ("do not have the ability", 0.5),
    ("don't have the capability", 0.5),
    ("do not have the capability", 0.5),
    ("do not have access to", 0.4),
    ("don't have access to", 0.4),
    ("request is not appropriate", 0.9),
    ("can't fulfil", 0.95),
    ("cannot fulfil", 0.95),
    ("я не могу помочь", 0.9),
    ("не могу предоставить", 0.9),
    ("не могу выполнить", 0.9),
    ("не могу ответить", 0.8),
    ("вынужден отказаться", 0.95),
    ("вынужден отказать", 0.95),
    ("не могу с этим помочь", 0.95),
    ("извините но я не", 0.8),
    ("к сожалению я не могу", 0.9),
];

/// Phrases of an answer that only sounds so.
const NOT: &[&str] = &[
    "sorry to hear",
    "sorry for your loss",
    "cannot be overstated",
    "can't help but",
    "cannot help but",
    "apologize for any",
    "apologize for the",
];

/// The answer follows in spite of what was said: "I have no opinion, but here is a list".
const TURNS: &[&str] = &["but here", "however here", "но вот"];
/// What a turn leaves of the confidence.
const TURNED: f32 = 0.4;

/// Sentences of an answer in which a refusal stands; later ones count less, and those behind them not.
const SENTENCES: u32 = 4;
/// Longest sentence that is read, in bytes.
const MOST: usize = 400;

/// Confidence that this sentence, the `index`-th of its text from 0, refuses.
pub(crate) fn score(sentence: &str, index: u32, scratch: &mut String) -> f32 {
    if index >= SENTENCES {
        return 0.0;
    }
    scratch.clear();
    for (_, word) in midstream_segment::words(&sentence[..sentence.floor_char_boundary(MOST)]) {
        scratch.push(' ');
        scratch.extend(
            word.chars()
                .flat_map(char::to_lowercase)
                .map(|c| if c == '’' { '\'' } else { c }),
        );
    }
    scratch.push(' ');
    let has = |phrase: &str| {
        scratch.match_indices(phrase).any(|(at, _)| {
            scratch.as_bytes()[at - 1] == b' '
                && scratch[at + phrase.len()..].starts_with([' ', '\''])
        })
    };
    if NOT.iter().any(|phrase| has(phrase)) {
        return 0.0;
    }
    let not = PHRASES
        .iter()
        .filter(|(phrase, _)| has(phrase))
        .fold(1.0, |not, (_, sure)| not * (1.0 - sure));
    let later = [1.0, 0.9, 0.7, 0.5][index as usize];
    let turned = if TURNS.iter().any(|phrase| has(phrase)) {
        TURNED
    } else {
        1.0
    };
    (1.0 - not) * later * turned
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_are_told_from_answers_that_sound_alike() {
        let of = |text: &str| score(text, 0, &mut String::new());
        for refusal in [
            "I'm sorry, but I can't assist with that.",
            "I cannot provide instructions for this.",
            "К сожалению, я не могу помочь.",
        ] {
            assert!(of(refusal) > 0.8, "{refusal}");
        }
        for answer in [
            "I can help with that.",
            "I'm sorry to hear that.",
            "You cannot park here.",
            "The kernel is unable to free the page.",
            "As an AI language model, I can write code.",
            "As an AI language model, I don't have personal preferences.",
            "I cannot give an opinion, but here are three that others hold:",
            "",
        ] {
            assert!(of(answer) < 0.5, "{answer}");
        }
        assert!(score("I cannot provide that.", 9, &mut String::new()) <= 0.0);
    }
}
