//! Assertions: keywords that speak about one value and hold no subschemas.

use serde_json::Value;

use super::compile::{Compiler, Dialect, below, expected};
use super::{Check, Decimal, DeferredReason, Number, Pattern, SchemaError, StringRule, Types};

/// Most patterns of one schema, each an automaton of at most a megabyte.
const MAX_PATTERNS: usize = 64;

impl<'a> Compiler<'a> {
    /// One keyword of a schema object; those that need their siblings are done by `objects`, `arrays`, `combinators`.
    pub(super) fn keyword(
        &mut self,
        check: &mut Check,
        keyword: &str,
        operand: &'a Value,
        at: &str,
    ) -> Result<(), SchemaError> {
        let place = || below(at, keyword);
        match keyword {
            "type" => check.types = types(operand, &place())?,
            "enum" => match operand {
                Value::Array(members) => self.enumeration(check, members, at)?,
                _ => return expected(&place(), "an array"),
            },
            "const" => {
                let node = self.constant(operand, place(), 0)?;
                check.all.push(node);
            }
            "minLength" => string(check).min = count(operand, &place())?,
            "maxLength" => string(check).max = count(operand, &place())?,
            "pattern" => {
                let Value::String(source) = operand else {
                    return expected(&place(), "a string");
                };
                match self.pattern(source) {
                    Some(pattern) => string(check).pattern = Some(pattern),
                    None => self.leave(check, place(), DeferredReason::Pattern, Types::STRING),
                }
            }
            "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" | "multipleOf" => {
                self.number(check, keyword, operand, place())?;
            }
            "format" => self.leave(check, place(), DeferredReason::Keyword, Types::STRING),
            "unevaluatedProperties" if self.dialect >= Dialect::Draft2019 => {
                self.leave(check, place(), DeferredReason::Keyword, Types::OBJECT);
            }
            "unevaluatedItems" if self.dialect >= Dialect::Draft2019 => {
                self.leave(check, place(), DeferredReason::Keyword, Types::ARRAY);
            }
            "dependencies" if self.dialect == Dialect::Draft07 => {
                self.leave(check, place(), DeferredReason::Keyword, Types::OBJECT);
            }
            "$dynamicRef" | "$recursiveRef" => {
                self.leave(check, place(), DeferredReason::Keyword, Types::ALL);
            }
            _ if is_known(keyword) => {}
            _ => self.defer(place(), DeferredReason::Unknown),
        }
        Ok(())
    }

    /// Leaves a keyword to the final verdict for instances of `types`.
    pub(super) fn leave(
        &mut self,
        check: &mut Check,
        place: String,
        reason: DeferredReason,
        types: Types,
    ) {
        self.defer(place, reason);
        check.deferred = check.deferred.or(types);
    }

    /// Index of a pattern's automaton, or `None` if it is beyond the subset.
    pub(super) fn pattern(&mut self, source: &str) -> Option<u32> {
        let patterns = &mut self.schema.patterns;
        if let Some(same) = patterns.iter().position(|pattern| pattern.source == source) {
            return Some(same as u32);
        }
        if patterns.len() >= MAX_PATTERNS {
            return None;
        }
        patterns.push(Pattern::compile(source)?);
        Some(patterns.len() as u32 - 1)
    }

    fn number(
        &mut self,
        check: &mut Check,
        keyword: &str,
        operand: &Value,
        place: String,
    ) -> Result<(), SchemaError> {
        let Value::Number(number) = operand else {
            return expected(&place, "a number");
        };
        let bound = Some(Number::of(number));
        let rule = check.number.get_or_insert_default();
        match keyword {
            "minimum" => rule.min = bound,
            "maximum" => rule.max = bound,
            "exclusiveMinimum" => rule.above = bound,
            "exclusiveMaximum" => rule.below = bound,
            _ if Number::of(number).sign() <= 0 => return expected(&place, "a number above 0"),
            _ => {
                rule.multiple = Decimal::parse(&number.to_string());
                if rule.multiple.is_none() {
                    self.leave(check, place, DeferredReason::Keyword, Types::NUMBER);
                }
            }
        }
        Ok(())
    }
}

fn types(operand: &Value, place: &str) -> Result<Types, SchemaError> {
    let named = |name: &Value| name.as_str().and_then(Types::named);
    let types = match operand {
        Value::Array(list) => list
            .iter()
            .try_fold(Types(0), |types, name| Some(types.or(named(name)?))),
        name => named(name),
    };
    types.map_or_else(
        || expected(place, "the name of a type or an array of them"),
        Ok,
    )
}

/// A whole number that is not negative.
pub(super) fn count(operand: &Value, place: &str) -> Result<u64, SchemaError> {
    match operand {
        Value::Number(number) => match Number::of(number) {
            Number::Whole(whole) if whole >= 0 => Ok(u64::try_from(whole).unwrap_or(u64::MAX)),
            _ => expected(place, "a whole number of at least 0"),
        },
        _ => expected(place, "a whole number of at least 0"),
    }
}

fn string(check: &mut Check) -> &mut StringRule {
    check.string.get_or_insert(StringRule {
        min: 0,
        max: u64::MAX,
        pattern: None,
    })
}

/// Keywords that are annotations or containers, or that another function reads.
fn is_known(keyword: &str) -> bool {
    matches!(
        keyword,
        "$schema"
            | "$id"
            | "$ref"
            | "$anchor"
            | "$dynamicAnchor"
            | "$recursiveAnchor"
            | "$comment"
            | "$defs"
            | "$vocabulary"
            | "definitions"
            | "title"
            | "description"
            | "default"
            | "deprecated"
            | "readOnly"
            | "writeOnly"
            | "examples"
            | "contentEncoding"
            | "contentMediaType"
            | "contentSchema"
            | "allOf"
            | "anyOf"
            | "oneOf"
            | "not"
            | "if"
            | "then"
            | "else"
            | "properties"
            | "patternProperties"
            | "additionalProperties"
            | "propertyNames"
            | "required"
            | "minProperties"
            | "maxProperties"
            | "dependentRequired"
            | "dependentSchemas"
            | "items"
            | "prefixItems"
            | "additionalItems"
            | "contains"
            | "minContains"
            | "maxContains"
            | "minItems"
            | "maxItems"
            | "uniqueItems"
    )
}
