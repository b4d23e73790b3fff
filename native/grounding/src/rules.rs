//! The kinds of findings.

use midstream_text_detector::Rule as Named;

/// One kind; the number is its place in [`ALL`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u32)]
pub enum Rule {
    /// A number that the context does not have, or not with this unit.
    Number = 0,
    /// A date or year that the context does not have.
    Date = 1,
    /// A name of which a word stands nowhere in the context.
    Entity = 2,
    /// A quote that is not verbatim in the context.
    Quote = 3,
    /// A URL or domain that the context does not have.
    Link = 4,
    /// A citation of a document that was not given.
    Citation = 5,
    /// The context says the opposite of a matched statement.
    Negation = 6,
    /// All features of a sentence together.
    Sentence = 7,
    /// The answer said another number before.
    Contradiction = 8,
    /// A reference that cannot exist.
    Reference = 9,
    /// The model was unsure where a number, name, date or quote begins.
    Onset = 10,
}

const fn named(id: &'static str, tag: &'static str) -> Named {
    Named { id, tag }
}

/// All rules, as findings name them.
pub const ALL: [Named; 11] = [
    named("unsupported-number", "NUMBER"),
    named("unsupported-date", "DATE"),
    named("unsupported-entity", "ENTITY"),
    named("unsupported-quote", "QUOTE"),
    named("unsupported-link", "LINK"),
    named("citation", "CITATION"),
    named("negation", "NEGATION"),
    named("ungrounded-sentence", "UNGROUNDED"),
    named("contradiction", "CONTRADICTION"),
    named("impossible-reference", "REFERENCE"),
    named("uncertain-onset", "UNCERTAIN"),
];
