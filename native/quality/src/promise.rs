//! What the request asks the answer to be: length, form, language.

use midstream_segment::{word_hash, words};
use midstream_text_detector::{Context, Origin};

use crate::language::{Language, Profile, Told};

/// Bytes of the beginning and of the end of a message that are read.
const MOST: usize = 2000;

/// A bound on a count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bound {
    /// At most.
    pub most: u32,
    /// At least.
    pub least: u32,
}

/// What was asked for; absent: nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Promises {
    /// Words of the answer.
    pub words: Option<Bound>,
    /// Sentences of the answer.
    pub sentences: Option<Bound>,
    /// Items of a list.
    pub items: Option<Bound>,
    /// The text is JSON.
    pub json: bool,
    /// No Markdown.
    pub plain: bool,
    pub(crate) language: Option<Language>,
}

fn number(word: &str) -> Option<u32> {
    const NAMES: [&[&str]; 11] = [
        &["zero"],
        &["one", "single", "одном", "одно", "один"],
        &["two", "двух", "два"],
        &["three", "трех", "трёх", "три"],
        &["four", "четырех", "четырёх", "четыре"],
        &["five", "пяти", "пять"],
        &["six", "шести", "шесть"],
        &["seven", "семи", "семь"],
        &["eight", "восьми", "восемь"],
        &["nine", "девяти", "девять"],
        &["ten", "десяти", "десять"],
    ];
    if let Ok(value) = word.parse::<u32>() {
        return (1..=100_000).contains(&value).then_some(value);
    }
    NAMES
        .iter()
        .position(|names| names.contains(&word))
        .filter(|value| *value > 0)
        .map(|value| value as u32)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Thing {
    Words,
    Sentences,
    Items,
}

fn thing(word: &str, next: &str) -> Option<Thing> {
    Some(match word {
        "word" | "words" | "слов" | "слова" | "словах" | "слове" => {
            Thing::Words
        }
        "sentence"
        | "sentences"
        | "предложении"
        | "предложениях"
        | "предложений"
        | "предложения" => Thing::Sentences,
        "bullet" | "bullets" | "пунктов" | "пункта" | "пунктах" => Thing::Items,
        "item" | "list" if matches!(next, "list" | "items") => Thing::Items,
        _ => return None,
    })
}

/// "a five word list", "a two word problem": what the words make, not how many there shall be.
fn is_name(word: &str, next: &str) -> bool {
    word == "word"
        && matches!(
            next,
            "list" | "lists" | "problem" | "problems" | "phrase" | "phrases" | "combination"
        )
}

impl Promises {
    /// Reads the operator's texts and the last question.
    pub fn read(context: &Context) -> Self {
        let mut promises = Self {
            json: context.wants_json,
            ..Self::default()
        };
        for message in context
            .messages
            .iter()
            .filter(|message| message.origin == Origin::Instructions)
        {
            promises.take(&message.text);
        }
        if let Some(question) = context
            .messages
            .iter()
            .rev()
            .find(|message| message.origin == Origin::User)
        {
            promises.take(&question.text);
            if promises.language.is_none() {
                let mut profile = Profile::default();
                let mut lower = String::new();
                let mut translates = false;
                for (_, word) in words(&question.text[..question.text.floor_char_boundary(MOST)]) {
                    lower.clear();
                    lower.extend(word.chars().flat_map(char::to_lowercase));
                    translates |= lower.starts_with("translat")
                        || lower.starts_with("перевед")
                        || lower.starts_with("перевест");
                    profile.add(Told::of(word, word_hash(word)));
                }
                promises.language = if translates { None } else { profile.language() };
            }
        }
        promises
    }

    fn take(&mut self, text: &str) {
        let head = &text[..text.floor_char_boundary(MOST)];
        self.phrases(head);
        if text.len() > 2 * MOST {
            self.phrases(&text[text.ceil_char_boundary(text.len() - MOST)..]);
        } else {
            self.phrases(&text[head.len()..]);
        }
    }

    fn phrases(&mut self, text: &str) {
        let lower = text.to_lowercase();
        let all: Vec<&str> = words(&lower).map(|(_, word)| word).collect();
        let at = |index: usize| all.get(index).copied().unwrap_or_default();
        for index in 0..all.len() {
            let before = |back: usize| if back <= index { at(index - back) } else { "" };
            if let Some(value) = number(at(index))
                && let Some(thing) = thing(at(index + 1), at(index + 2))
                && !is_name(at(index + 1), at(index + 2))
            {
                self.bound(
                    thing,
                    value,
                    [before(3), before(2), before(1)],
                    [at(index + 2), at(index + 3)],
                );
            }
            match at(index) {
                "json"
                    if matches!(
                        before(1),
                        "as" | "in" | "valid" | "only" | "raw" | "формате"
                    ) || at(index + 1) == "only" =>
                {
                    self.json = true;
                }
                "markdown" if matches!(before(1), "no" | "without" | "avoid" | "без") => {
                    self.plain = true;
                }
                "text"
                    if before(1) == "plain"
                        && matches!(before(2), "in" | "as" | "only" | "use") =>
                {
                    self.plain = true;
                }
                word => {
                    let asks = matches!(before(1), "in" | "на");
                    let verb = [before(2), before(3), before(4)];
                    let is_order = verb.iter().any(|word| {
                        matches!(
                            *word,
                            "answer"
                                | "respond"
                                | "reply"
                                | "write"
                                | "explain"
                                | "only"
                                | "ответь"
                                | "ответьте"
                                | "отвечай"
                                | "напиши"
                                | "пиши"
                        )
                    });
                    if asks
                        && is_order
                        && let Some(language) = Language::named(word)
                    {
                        self.language = Some(language);
                    }
                }
            }
        }
    }

    fn bound(&mut self, thing: Thing, value: u32, before: [&str; 3], after: [&str; 2]) {
        let is_most = before.iter().any(|word| {
            matches!(
                *word,
                "most"
                    | "under"
                    | "than"
                    | "max"
                    | "maximum"
                    | "within"
                    | "exceed"
                    | "более"
                    | "больше"
                    | "максимум"
            )
        }) || matches!(after, ["or", "less" | "fewer"] | ["max" | "maximum", _]);
        let is_least = before
            .iter()
            .any(|word| matches!(*word, "least" | "minimum" | "менее" | "меньше"))
            || after == ["or", "more"];
        let is_about = before.iter().any(|word| {
            matches!(
                *word,
                "about" | "around" | "roughly" | "approximately" | "около" | "примерно"
            )
        });
        let is_in = matches!(
            before[2],
            "in" | "with" | "using" | "exactly" | "just" | "only" | "в" | "из" | "a"
        );
        let loose = |share: u32| value + value.div_ceil(share);
        let bound = if is_least {
            Bound {
                most: u32::MAX,
                least: value,
            }
        } else if is_most {
            Bound {
                most: value,
                least: 0,
            }
        } else if thing == Thing::Words && (is_about || is_in) && value > 3 {
            // Nobody counts words exactly.
            Bound {
                most: loose(if is_about { 2 } else { 4 }),
                least: value / 2,
            }
        } else if is_in || thing == Thing::Items {
            Bound {
                most: value,
                least: value,
            }
        } else {
            return;
        };
        match thing {
            Thing::Words => self.words = Some(bound),
            Thing::Sentences => self.sentences = Some(bound),
            Thing::Items => self.items = Some(bound),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use midstream_text_detector::Message;

    fn of(question: &str) -> Promises {
        Promises::read(&Context {
            messages: vec![Message {
                origin: Origin::User,
                text: question.to_owned(),
            }],
            wants_json: false,
        })
    }

    #[test]
    fn lengths_are_read_as_people_write_them() {
        for (question, most, least) in [
            ("Explain it in at most 100 words.", 100, 0),
            ("Keep it under 50 words", 50, 0),
            ("Write at least 200 words about cats", u32::MAX, 200),
            ("Say it in 100 words or less", 100, 0),
            ("In about 100 words", 150, 50),
            ("Answer in one word", 1, 1),
            ("Не более 30 слов", 30, 0),
        ] {
            assert_eq!(
                of(question).words,
                Some(Bound { most, least }),
                "{question}"
            );
        }
        for (question, count) in [
            ("Summarise in two sentences", 2),
            ("Answer in one sentence.", 1),
            ("Ответь в одном предложении", 1),
        ] {
            assert_eq!(
                of(question).sentences,
                Some(Bound {
                    most: count,
                    least: count
                }),
                "{question}"
            );
        }
        assert_eq!(
            of("Give me 3 bullet points on tea").items,
            Some(Bound { most: 3, least: 3 })
        );
        for question in [
            "What do 100 words cost?",
            "The two sentences above are wrong",
            "I know 3 languages",
        ] {
            let promises = of(question);
            assert!(
                promises.words.is_none()
                    && promises.sentences.is_none()
                    && promises.items.is_none(),
                "{question}"
            );
        }
    }

    #[test]
    fn form_and_language_are_read() {
        assert!(of("Return it as JSON").json && !of("What is JSON?").json);
        assert!(of("Answer in plain text").plain && of("Use no markdown").plain);
        assert_eq!(
            of("Answer in French: what is tea?").language,
            Some(Language::French)
        );
        assert_eq!(
            of("Что это такое и как это работает на практике?").language,
            Some(Language::Russian)
        );
        assert_eq!(
            of("What is the point of this and how does it work for you?").language,
            Some(Language::English)
        );
        assert_eq!(
            of("Translate this into the language of the land").language,
            None
        );
    }
}
