//! A JSON Schema compiled into nodes. Knows nothing of streams and bytes: what a node means while text arrives is
//! `engine`'s.

mod applicators;
mod compile;
mod constant;
mod error;
mod keywords;
mod number;
mod pattern;
mod reference;

pub(crate) use compile::compile;
pub(crate) use constant::{FALSE_LITERAL, NULL as NULL_LITERAL, TRUE_LITERAL};
pub use error::{Deferred, DeferredReason, SchemaError, SchemaErrorKind};
pub(crate) use number::{Decimal, Number};
pub(crate) use pattern::{Pattern, Search};

/// Index of a node.
pub(crate) type NodeId = u32;

/// The node of schema `true`.
pub(crate) const TRUE: NodeId = 0;
/// The node of schema `false`, where no better place is known.
pub(crate) const FALSE: NodeId = 1;
/// The node that nothing is known about.
pub(crate) const UNKNOWN: NodeId = 2;

/// Instance types as bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Types(pub u8);

impl Types {
    pub const NULL: Self = Self(1);
    pub const BOOLEAN: Self = Self(2);
    pub const INTEGER: Self = Self(4);
    /// Numbers that may have a fraction; `number` in a schema is both bits.
    pub const FRACTION: Self = Self(8);
    pub const STRING: Self = Self(16);
    pub const ARRAY: Self = Self(32);
    pub const OBJECT: Self = Self(64);
    pub const NUMBER: Self = Self(12);
    pub const ALL: Self = Self(127);

    pub fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Bits of a name in `type`.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "null" => Self::NULL,
            "boolean" => Self::BOOLEAN,
            "integer" => Self::INTEGER,
            "number" => Self::NUMBER,
            "string" => Self::STRING,
            "array" => Self::ARRAY,
            "object" => Self::OBJECT,
            _ => return None,
        })
    }

    pub fn names(self) -> Vec<&'static str> {
        let mut names = Vec::new();
        let all = [
            (Self::NULL, "null"),
            (Self::BOOLEAN, "boolean"),
            (Self::FRACTION, "number"),
            (Self::INTEGER, "integer"),
            (Self::STRING, "string"),
            (Self::ARRAY, "array"),
            (Self::OBJECT, "object"),
        ];
        for (types, name) in all {
            if self.meets(types) && !(types == Self::INTEGER && self.meets(Self::FRACTION)) {
                names.push(name);
            }
        }
        names
    }
}

/// A whole schema. Nodes 0, 1 and 2 are `TRUE`, `FALSE` and `UNKNOWN`.
#[derive(Debug, Default)]
pub(crate) struct Schema {
    pub nodes: Vec<Node>,
    pub root: NodeId,
    pub patterns: Vec<Pattern>,
    pub deferred: Vec<Deferred>,
    /// Whether any node counts members, so that repeated names must be told.
    pub counts_members: bool,
}

/// One schema at one place of the document.
#[derive(Debug, Default)]
pub(crate) struct Node {
    /// JSON Pointer into the schema document.
    pub at: String,
    pub rule: Rule,
}

#[derive(Debug, Default)]
pub(crate) enum Rule {
    /// Not compiled yet, or beyond the subset.
    #[default]
    Unknown,
    Never,
    Check(Box<Check>),
    Any(Vec<NodeId>),
    One(Vec<NodeId>),
    Not(NodeId),
    /// As `Not`; the condition of a rule that needs no mention where the rule itself was broken.
    Unless(NodeId),
}

impl Rule {
    /// Nodes that are asked about the same value.
    pub fn same_place(&self) -> &[NodeId] {
        match self {
            Self::Check(check) => &check.all,
            Self::Any(nodes) | Self::One(nodes) => nodes,
            Self::Not(node) | Self::Unless(node) => std::slice::from_ref(node),
            Self::Never | Self::Unknown => &[],
        }
    }
}

/// Assertions that must all hold.
#[derive(Debug)]
pub(crate) struct Check {
    pub types: Types,
    /// Further nodes that must hold for the same value.
    pub all: Vec<NodeId>,
    pub values: Option<Values>,
    pub string: Option<StringRule>,
    pub number: Option<NumberRule>,
    pub array: Option<ArrayRule>,
    pub object: Option<ObjectRule>,
    pub origin: Origin,
    /// Instance types for which a keyword of this node is left to the final verdict.
    pub deferred: Types,
}

/// What a check was made from, which says how its failures are named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// A schema object: a failure is at the keyword below `Node::at`.
    Schema,
    /// `const`, or a composite member of `enum`: every failure is that keyword's, at `Node::at`.
    Constant,
    /// A part of one keyword: a failure keeps its kind and is at `Node::at`.
    Keyword,
}

impl Default for Check {
    fn default() -> Self {
        Self {
            types: Types::ALL,
            all: Vec::new(),
            values: None,
            string: None,
            number: None,
            array: None,
            object: None,
            origin: Origin::Schema,
            deferred: Types(0),
        }
    }
}

impl Check {
    /// Whether every value passes.
    pub fn is_trivial(&self) -> bool {
        self.types == Types::ALL
            && self.all.is_empty()
            && self.values.is_none()
            && self.string.is_none()
            && self.number.is_none()
            && self.array.is_none()
            && self.object.is_none()
            && self.deferred == Types(0)
    }
}

/// The scalars of `enum` or `const`; composites are nodes of their own.
#[derive(Debug, Default)]
pub(crate) struct Values {
    /// Sorted by bytes, without repeats.
    pub strings: Vec<Box<[u8]>>,
    pub numbers: Vec<Number>,
    /// `null`, `true` and `false` as `Literal` bits.
    pub literals: u8,
}

#[derive(Debug)]
pub(crate) struct StringRule {
    /// In code points.
    pub min: u64,
    pub max: u64,
    /// Index into `Schema::patterns`.
    pub pattern: Option<u32>,
}

#[derive(Debug, Default)]
pub(crate) struct NumberRule {
    pub min: Option<Number>,
    pub max: Option<Number>,
    pub above: Option<Number>,
    pub below: Option<Number>,
    pub multiple: Option<Decimal>,
}

#[derive(Debug)]
pub(crate) struct ArrayRule {
    pub prefix: Vec<NodeId>,
    /// For the items behind `prefix`.
    pub items: NodeId,
    pub min: u64,
    pub max: u64,
    pub unique: bool,
    pub contains: Option<Contains>,
}

#[derive(Debug)]
pub(crate) struct Contains {
    pub node: NodeId,
    pub min: u64,
    pub max: u64,
}

#[derive(Debug)]
pub(crate) struct ObjectRule {
    /// Sorted by name.
    pub members: Vec<Member>,
    /// Indices into `Schema::patterns` with the node for names that match.
    pub patterns: Vec<(u32, NodeId)>,
    /// For names that are neither in `members` with a node of their own nor match a pattern.
    pub additional: NodeId,
    pub names: Option<NodeId>,
    /// Bits of the required members that `Member::required` counts; at most 64 in one rule.
    pub required: u64,
    pub min: u64,
    pub max: u64,
}

impl ObjectRule {
    /// Whether a name that is in no list ends the object's chance.
    pub fn is_closed(&self) -> bool {
        self.additional == FALSE
    }
}

#[derive(Debug)]
pub(crate) struct Member {
    pub name: Box<[u8]>,
    /// `None`: required, but not in `properties`.
    pub node: Option<NodeId>,
    /// Bit in `ObjectRule::required`.
    pub required: Option<u8>,
}
