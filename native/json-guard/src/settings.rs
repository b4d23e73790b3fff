//! What a guard is told besides its schema.

/// Where in the text the JSON stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Placement {
    /// The whole text is one JSON value with white space around it.
    #[default]
    Strict,
    /// Inside the first Markdown fence (`CommonMark` 0.31, 4.5) whose info string is empty or has `json` as its first word. Text
    /// around the fence is free. A fence without info string whose first character cannot start JSON is passed over.
    Fenced,
    /// The first object, or array at the start of a line, that reads as JSON; text around it is free. A candidate that
    /// breaks before its first `:` (object) or `,` (array) was prose, and the search goes on from the byte where it broke.
    FindFirst,
}

/// What a second member of the same name in one object is. RFC 8259, section 4, calls its meaning unpredictable.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DuplicateKeys {
    /// Legal; a schema must hold for every occurrence.
    #[default]
    Allow,
    /// A violation at the closing quote of the second name (I-JSON, RFC 7493, section 2.3).
    Refuse,
}

/// Whether numbers may have an exponent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Exponents {
    /// As RFC 8259. `maximum` and the like are then certain at the end of a number only: `5000` may become `5000e-3`.
    #[default]
    Allow,
    /// `e` and `E` are violations, so that bounds and `integer` are certain at the first digit that breaks them.
    Refuse,
}

/// Bounds and choices of a guard. Sizes are in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Where in the text the JSON stands.
    pub placement: Placement,
    /// What a repeated name is.
    pub duplicate_keys: DuplicateKeys,
    /// Whether numbers may have an exponent.
    pub exponents: Exponents,
    /// Deepest nesting of arrays and objects. 128 as in `midstream-wire` and `serde_json`; at most 10,000.
    pub max_depth: u32,
    /// Longest JSON text, without the prose around it. A stream's memory is a small multiple of what it has read of it.
    pub max_bytes: usize,
    /// Most schema states that are alive at once in one stream, 64 bytes each. Past it, parts of the schema are undecided
    /// ([`Stream::is_decided`](crate::Stream::is_decided)), never wrong.
    pub max_states: usize,
    /// Most items of one array that are compared for `uniqueItems`; past it, the keyword is undecided for that array.
    pub max_unique_items: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            placement: Placement::Strict,
            duplicate_keys: DuplicateKeys::Allow,
            exponents: Exponents::Allow,
            max_depth: 128,
            max_bytes: 1 << 20,
            max_states: 4096,
            max_unique_items: 4096,
        }
    }
}

/// Longest number, in bytes. RFC 8259, section 9, lets a parser set limits; the longest double that is written without
/// exponent has 1,077 significant places (5e-324), and no model writes one.
pub(crate) const MAX_NUMBER_BYTES: usize = 1100;
