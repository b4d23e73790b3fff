//! `const` and `enum`: composite values become structural checks, so that they too fail at their first wrong byte.

use serde_json::Value;

use super::compile::{Compiler, MAX_DEPTH, below, error};
use super::{
    ArrayRule, Check, FALSE, Member, NodeId, Number, ObjectRule, Origin, Rule, SchemaError,
    SchemaErrorKind, Types, Values,
};

/// Most required names of one rule, which keeps them as bits of a word.
const REQUIRED_BITS: usize = 64;

/// Bits of `Values::literals`.
pub(crate) const NULL: u8 = 1;
pub(crate) const TRUE_LITERAL: u8 = 2;
pub(crate) const FALSE_LITERAL: u8 = 4;

impl Values {
    /// Of the scalars among `values`.
    fn of<'v>(values: impl Iterator<Item = &'v Value>) -> Self {
        let mut out = Self::default();
        for value in values {
            match value {
                Value::Null => out.literals |= NULL,
                Value::Bool(true) => out.literals |= TRUE_LITERAL,
                Value::Bool(false) => out.literals |= FALSE_LITERAL,
                Value::Number(number) => out.numbers.push(Number::of(number)),
                Value::String(text) => out.strings.push(text.as_bytes().into()),
                Value::Array(_) | Value::Object(_) => {}
            }
        }
        out.strings.sort();
        out.strings.dedup();
        out
    }
}

impl Values {
    /// The literals, for people to read.
    pub fn literal_names(&self) -> impl Iterator<Item = String> {
        let literals = self.literals;
        let all = [
            (TRUE_LITERAL, "true"),
            (FALSE_LITERAL, "false"),
            (NULL, "null"),
        ];
        all.into_iter()
            .filter(move |(bit, _)| literals & bit != 0)
            .map(|(_, name)| name.to_owned())
    }
}

fn is_composite(value: &Value) -> bool {
    value.is_array() || value.is_object()
}

impl Compiler<'_> {
    /// Adds the members of `enum` to `check`.
    pub(super) fn enumeration(
        &mut self,
        check: &mut Check,
        members: &[Value],
        at: &str,
    ) -> Result<(), SchemaError> {
        let values = Values::of(members.iter());
        if !members.iter().any(is_composite) {
            check.values = Some(values);
            return Ok(());
        }
        let keyword = below(at, "enum");
        let scalars = Check {
            values: Some(values),
            ..Check::default()
        };
        let mut any = vec![self.add_check(at.to_owned(), scalars)?];
        for (index, member) in members
            .iter()
            .enumerate()
            .filter(|(_, member)| is_composite(member))
        {
            any.push(self.constant(member, below(&keyword, &index.to_string()), 0)?);
        }
        let any = self.add(keyword, Rule::Any(any))?;
        check.all.push(any);
        Ok(())
    }

    /// A node that only `value` passes.
    pub(super) fn constant(
        &mut self,
        value: &Value,
        at: String,
        depth: u32,
    ) -> Result<NodeId, SchemaError> {
        if depth > MAX_DEPTH {
            return Err(error(&at, SchemaErrorKind::TooLarge));
        }
        let mut check = Check {
            origin: Origin::Constant,
            ..Check::default()
        };
        match value {
            Value::Array(items) => {
                let items = items.iter().enumerate();
                let prefix: Result<Vec<_>, _> = items
                    .map(|(index, item)| {
                        self.constant(item, below(&at, &index.to_string()), depth + 1)
                    })
                    .collect();
                let prefix = prefix?;
                let length = prefix.len() as u64;
                check.types = Types::ARRAY;
                check.array = Some(ArrayRule {
                    prefix,
                    items: FALSE,
                    min: length,
                    max: length,
                    unique: false,
                    contains: None,
                });
            }
            Value::Object(members) => {
                check.types = Types::OBJECT;
                let mut rule = ObjectRule {
                    additional: FALSE,
                    ..ObjectRule::default()
                };
                for (name, member) in members {
                    let node = self.constant(member, below(&at, name), depth + 1)?;
                    rule.members.push(Member {
                        name: name.as_bytes().into(),
                        node: Some(node),
                        required: None,
                    });
                }
                rule.members.sort_by(|a, b| a.name.cmp(&b.name));
                let names: Vec<&str> = members.keys().map(String::as_str).collect();
                check.all = self.require(&mut rule, &names, &at)?;
                check.object = Some(rule);
            }
            _ => check.values = Some(Values::of(std::iter::once(value))),
        }
        self.add_check(at, check)
    }

    /// Marks `names` as required in `rule`; names past its bits become nodes of their own, which are returned.
    pub(super) fn require(
        &mut self,
        rule: &mut ObjectRule,
        names: &[&str],
        at: &str,
    ) -> Result<Vec<NodeId>, SchemaError> {
        let (here, rest) = names.split_at(names.len().min(REQUIRED_BITS));
        for name in here {
            let bit = rule.required.count_ones();
            let name = name.as_bytes();
            let place = match rule
                .members
                .binary_search_by(|member| (*member.name).cmp(name))
            {
                Ok(place) => place,
                Err(place) => {
                    rule.members.insert(
                        place,
                        Member {
                            name: name.into(),
                            node: None,
                            required: None,
                        },
                    );
                    place
                }
            };
            let member = &mut rule.members[place];
            if member.required.is_none() {
                member.required = Some(bit as u8);
                rule.required |= 1 << bit;
            }
        }
        let mut nodes = Vec::new();
        for names in rest.chunks(REQUIRED_BITS) {
            nodes.push(self.requirement(names, at.to_owned(), Types::ALL)?);
        }
        Ok(nodes)
    }

    /// A node for objects that have all of `names`, at most 64; other values pass if `types` has them.
    pub(super) fn requirement(
        &mut self,
        names: &[&str],
        at: String,
        types: Types,
    ) -> Result<NodeId, SchemaError> {
        let mut rule = ObjectRule::default();
        let further = self.require(&mut rule, names, &at)?;
        let check = Check {
            types,
            all: further,
            object: Some(rule),
            origin: Origin::Keyword,
            ..Check::default()
        };
        self.add_check(at, check)
    }
}
