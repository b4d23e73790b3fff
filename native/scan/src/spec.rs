//! What a caller writes down: rules and word lists as plain data.
//!
//! Knows nothing of automata; [`crate::Plan::compile`] turns it into one.

use serde::Deserialize;

/// One pattern, with everything that decides whether a match of it is a finding.
///
/// The pattern is matched against the *normalised lane*: zero-width and bidirectional controls are
/// dropped, full-width, circled and mathematical letters and digits are folded to ASCII, every
/// decimal digit of any script is folded to `0`-`9`, dashes to `-` and spaces (no-break, figure, ...)
/// to ` `. Case is kept; write `(?i)` where it does not matter.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PatternRule {
    /// Name of the rule, unique in its analyser, kebab-case: `payment-card`.
    pub id: String,
    /// One sentence for the user.
    #[serde(default)]
    pub description: String,
    /// Where the pattern's facts come from: a vendor page, a standard.
    #[serde(default)]
    pub source: String,
    /// What a redaction puts in the place of a match, without the brackets: `EMAIL`.
    pub tag: String,
    /// Literals that begin every match, or that stand before `lead`. Compared without regard to case on the
    /// normalised lane; they start the matching, so that the rule costs nothing on text without them.
    /// Without `lead` the match includes the keyword, and `pattern` must match it too.
    #[serde(default)]
    pub keywords: Vec<String>,
    /// Pattern between a keyword and the match, kept in the text (`["']?\s*[:=]\s*["']?`). Needs `keywords`; it is
    /// matched as long as possible, and no byte may both continue it and begin `pattern`. The keyword may stand anywhere, also
    /// inside a word (`dbpassword`, `APP_TOKEN`, `apiKey`: names are compounds); where it must not, write what has to stand before it
    /// into the keyword (` token`). `left` looks at what stands before the match, which is the lead.
    #[serde(default)]
    pub lead: Option<String>,
    /// Regular expression (syntax of the `regex` crate; classes are ASCII unless written otherwise), no
    /// anchors, no look-around, no `\b`. May be unbounded (`+`) because `max_bytes` bounds it.
    pub pattern: String,
    /// What may not stand directly before the match.
    #[serde(default)]
    pub left: Boundary,
    /// What may not stand directly after the match.
    #[serde(default)]
    pub right: Boundary,
    /// Which of several ends of a match counts.
    #[serde(default)]
    pub ends: Ends,
    /// Names of verifiers ([`crate::verify`]), all of which must accept.
    #[serde(default)]
    pub verify: Vec<String>,
    /// Least Shannon entropy of the match in bits per byte; 0 = no test.
    #[serde(default)]
    pub min_entropy: f32,
    /// A match that contains one of these (without regard to case) is none: `example`, `xxxx`.
    #[serde(default)]
    pub stop: Vec<String>,
    /// Words before the match that support it.
    #[serde(default)]
    pub context: Option<Context>,
    /// Confidence of a match in [0, 1], before context.
    pub score: f32,
    /// Longest match in bytes of the text, 1 to 4096. The most the rule holds back.
    pub max_bytes: u32,
    /// What becomes of a match attempt that reaches `max_bytes` undecided.
    #[serde(default)]
    pub at_bound: AtBound,
    /// For long objects: the pattern is only the head, and this says how the rest is found.
    #[serde(default)]
    pub span: Option<SpanMode>,
}

/// What may not stand next to a match; always a look at neighbouring bytes of the normalised lane.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq, Hash)]
#[serde(rename_all = "kebab-case")]
pub enum Boundary {
    /// Anything may.
    Any,
    /// No ASCII letter, digit or underscore.
    #[default]
    Word,
    /// No ASCII letter or digit (an underscore may).
    Alnum,
    /// No digit.
    Digit,
    /// No digit, and no digit with one separator (space, `-`, `.`, `/`, `,`, `_`) between. To the right, only the
    /// next byte is looked at (no digit).
    Number,
    /// No byte of an e-mail's local part: `A-Z a-z 0-9 . _ % + -` or a byte over 0x7F.
    Email,
    /// No byte of a token: `A-Z a-z 0-9 _ - + / =`.
    Token,
}

/// Which of several ends of a match counts.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum Ends {
    /// The longest end that every test accepts.
    #[default]
    LongestValid,
    /// Only the longest end that the pattern and the right boundary allow; if a test rejects it, there is no match.
    Longest,
}

/// Words that support a match.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Context {
    /// Compared without regard to case on the normalised lane, at a left word boundary; a word may continue
    /// (`паспорт` supports after `паспорта` too).
    pub words: Vec<String>,
    /// Most bytes of the normalised lane between the word's end and the match's start (or the keyword's), 1 to 256.
    #[serde(default = "default_within")]
    pub within: u32,
    /// Without one of the words there is no match.
    #[serde(default)]
    pub required: bool,
    /// Added to the score (at most 1 in sum) if one of the words is there.
    #[serde(default)]
    pub boost: f32,
}

fn default_within() -> u32 {
    64
}

/// What becomes of a match attempt that reaches `max_bytes` undecided (no end accepted so far).
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum AtBound {
    /// Give up the attempt: its text may leave.
    #[default]
    Release,
    /// Fail closed: the text held so far is a finding.
    Find,
}

/// How the rest of a long object is found once its head has matched (the earliest accepted end of the head counts).
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SpanMode {
    /// Bytes that belong to the object: a regex class such as `[A-Za-z0-9_.-]`. The first other byte ends it.
    #[serde(default, rename = "while")]
    pub while_class: Option<String>,
    /// Literal after which the object ends: `-----END`. The rest of its line belongs to it.
    #[serde(default)]
    pub until: Option<String>,
    /// Longest object in bytes, 1 to 65536; then it ends.
    pub max_bytes: u32,
}

/// Words that are findings wherever they stand.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LiteralRule {
    /// Name of the rule, unique in its analyser.
    pub id: String,
    /// Label of a redaction.
    pub tag: String,
    /// 1 to 512 bytes each; compared on the normalised lane.
    pub words: Vec<String>,
    /// Whether letters of the other case differ.
    #[serde(default)]
    pub case_sensitive: bool,
    /// Whether a letter or digit next to the word makes it no match.
    #[serde(default = "yes")]
    pub whole_word: bool,
    /// Confidence in [0, 1].
    #[serde(default = "one")]
    pub score: f32,
}

fn yes() -> bool {
    true
}

fn one() -> f32 {
    1.0
}

/// Rules of one analyser. Findings of one analyser never overlap: the leftmost wins, then the higher score, then the longer, then the
/// earlier rule. Findings of different analysers may.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AnalyserSpec {
    /// Instance id: `analyser/pii/all`.
    pub id: String,
    /// Patterns.
    #[serde(default)]
    pub rules: Vec<PatternRule>,
    /// Word lists.
    #[serde(default)]
    pub literals: Vec<LiteralRule>,
    /// Findings with a lower score are dropped, in [0, 1].
    #[serde(default)]
    pub min_score: f32,
}
