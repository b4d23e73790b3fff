//! What a stream says after each push.

use std::fmt;

/// State of one stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// More text may follow, and what came so far can become valid.
    Open,
    /// One whole value was read and nothing speaks against it. Strict streams stay here over white space only.
    Complete,
    /// No continuation is valid. Final: later pushes are not read.
    Violation(Box<Violation>),
}

/// The first byte after which no completion is valid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Offset of the impossible byte in everything that was pushed; the length of it if the end of the text was impossible.
    pub offset: usize,
    /// JSON Pointer (RFC 6901) of the value it stands in or would have started; inside a name, of the object.
    /// Made of the model's text: not for logs.
    pub path: String,
    /// JSON Pointer of the keyword in the schema document (where `$ref` led, not through where), if a schema spoke.
    pub schema_path: Option<String>,
    /// What was broken.
    pub kind: Kind,
    /// What stands there instead, readable; at most one character of the model's text.
    pub found: String,
    /// What would have been legal, readable; at most 16 entries, none of them the model's text.
    pub expected: Vec<String>,
}

impl fmt::Display for Violation {
    /// One line without the path.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "{} at byte {}: found {}",
            self.kind.name(),
            self.offset,
            self.found
        )?;
        match self.expected.as_slice() {
            [] => Ok(()),
            [one] => write!(out, "; expected {one}"),
            many => write!(out, "; expected one of: {}", many.join(" ")),
        }
    }
}

/// One variant for each way to be invalid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A byte that the grammar of RFC 8259 has no place for.
    Syntax,
    /// Bytes in a string that are not UTF-8.
    Utf8,
    /// Half of a surrogate pair alone in a string.
    Surrogate,
    /// The text ended inside the value, or before it.
    Incomplete,
    /// Nested deeper than [`Settings::max_depth`](crate::Settings::max_depth).
    Depth,
    /// Longer than [`Settings::max_bytes`](crate::Settings::max_bytes), or a number of over 1,100 bytes.
    TooLong,
    /// A name for the second time in one object.
    DuplicateKey,
    /// An exponent where settings refuse them.
    Exponent,
    /// `type`
    Type,
    /// `enum`
    Enum,
    /// `const`
    Const,
    /// The schema `false`
    Never,
    /// `minLength`
    MinLength,
    /// `maxLength`
    MaxLength,
    /// `pattern`
    Pattern,
    /// `minimum`
    Minimum,
    /// `maximum`
    Maximum,
    /// `exclusiveMinimum`
    ExclusiveMinimum,
    /// `exclusiveMaximum`
    ExclusiveMaximum,
    /// `multipleOf`
    MultipleOf,
    /// `required`
    Required,
    /// `additionalProperties: false`
    AdditionalProperties,
    /// `minProperties`
    MinProperties,
    /// `maxProperties`
    MaxProperties,
    /// `items: false` behind `prefixItems`
    Items,
    /// `minItems`
    MinItems,
    /// `maxItems`
    MaxItems,
    /// `uniqueItems`
    UniqueItems,
    /// `contains`, `minContains`
    Contains,
    /// `maxContains`
    MaxContains,
    /// More than one of `oneOf`
    OneOf,
    /// `not`
    Not,
    /// The condition of `then` or of a dependent schema was met after that had been broken
    Condition,
}

impl Kind {
    /// Stable name for findings and configs, in kebab case.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Syntax => "syntax",
            Self::Utf8 => "utf8",
            Self::Surrogate => "surrogate",
            Self::Incomplete => "incomplete",
            Self::Depth => "depth",
            Self::TooLong => "too-long",
            Self::DuplicateKey => "duplicate-key",
            Self::Exponent => "exponent",
            Self::Type => "type",
            Self::Enum => "enum",
            Self::Const => "const",
            Self::Never => "never",
            Self::MinLength => "min-length",
            Self::MaxLength => "max-length",
            Self::Pattern => "pattern",
            Self::Minimum => "minimum",
            Self::Maximum => "maximum",
            Self::ExclusiveMinimum => "exclusive-minimum",
            Self::ExclusiveMaximum => "exclusive-maximum",
            Self::MultipleOf => "multiple-of",
            Self::Required => "required",
            Self::AdditionalProperties => "additional-properties",
            Self::MinProperties => "min-properties",
            Self::MaxProperties => "max-properties",
            Self::Items => "items",
            Self::MinItems => "min-items",
            Self::MaxItems => "max-items",
            Self::UniqueItems => "unique-items",
            Self::Contains => "contains",
            Self::MaxContains => "max-contains",
            Self::OneOf => "one-of",
            Self::Not => "not",
            Self::Condition => "condition",
        }
    }

    /// The keyword's place below its schema; empty where the schema's own place says it.
    pub(crate) fn keyword(self) -> &'static str {
        match self {
            Self::Type => "type",
            Self::Enum => "enum",
            Self::MinLength => "minLength",
            Self::MaxLength => "maxLength",
            Self::Pattern => "pattern",
            Self::Minimum => "minimum",
            Self::Maximum => "maximum",
            Self::ExclusiveMinimum => "exclusiveMinimum",
            Self::ExclusiveMaximum => "exclusiveMaximum",
            Self::MultipleOf => "multipleOf",
            Self::Required => "required",
            Self::AdditionalProperties => "additionalProperties",
            Self::MinProperties => "minProperties",
            Self::MaxProperties => "maxProperties",
            Self::Items => "items",
            Self::MinItems => "minItems",
            Self::MaxItems => "maxItems",
            Self::UniqueItems => "uniqueItems",
            Self::Contains => "contains",
            Self::MaxContains => "maxContains",
            _ => "",
        }
    }
}
