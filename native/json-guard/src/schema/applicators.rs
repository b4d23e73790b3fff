//! Keywords that hold subschemas.

use serde_json::{Map, Value};

use super::compile::{Compiler, Dialect, below, expected};
use super::keywords::count;
use super::{
    ArrayRule, Check, Contains, DeferredReason, FALSE, Member, NodeId, ObjectRule, Rule,
    SchemaError, TRUE, Types,
};

type Keywords = Map<String, Value>;

impl Default for ObjectRule {
    fn default() -> Self {
        Self {
            members: Vec::new(),
            patterns: Vec::new(),
            additional: TRUE,
            names: None,
            required: 0,
            min: 0,
            max: u64::MAX,
        }
    }
}

fn object<'v>(value: &'v Value, at: &str) -> Result<&'v Keywords, SchemaError> {
    value
        .as_object()
        .map_or_else(|| expected(at, "an object"), Ok)
}

fn names<'v>(value: &'v Value, at: &str) -> Result<Vec<&'v str>, SchemaError> {
    let names = value
        .as_array()
        .and_then(|names| names.iter().map(Value::as_str).collect::<Option<Vec<_>>>());
    let mut names = names.map_or_else(|| expected(at, "an array of strings"), Ok)?;
    names.sort_unstable();
    names.dedup();
    Ok(names)
}

impl<'a> Compiler<'a> {
    pub(super) fn combinators(
        &mut self,
        check: &mut Check,
        value: &'a Keywords,
        at: &str,
    ) -> Result<(), SchemaError> {
        if let Some(all) = value.get("allOf") {
            let all = self.list(all, &below(at, "allOf"))?;
            check.all.extend(all);
        }
        for keyword in ["anyOf", "oneOf"] {
            let Some(nodes) = value.get(keyword) else {
                continue;
            };
            let place = below(at, keyword);
            let nodes = self.list(nodes, &place)?;
            let rule = if keyword == "anyOf" {
                Rule::Any(nodes)
            } else {
                Rule::One(nodes)
            };
            check.all.push(self.add(place, rule)?);
        }
        if let Some(not) = value.get("not") {
            let place = below(at, "not");
            let node = self.node(not, place.clone())?;
            check.all.push(self.add(place, Rule::Not(node))?);
        }
        self.conditions(check, value, at)?;
        self.dependents(check, value, at)
    }

    fn list(&mut self, value: &'a Value, at: &str) -> Result<Vec<NodeId>, SchemaError> {
        let Some(schemas) = value.as_array().filter(|schemas| !schemas.is_empty()) else {
            return expected(at, "an array of schemas that is not empty");
        };
        let schemas = schemas.iter().enumerate();
        schemas
            .map(|(index, schema)| self.node(schema, below(at, &index.to_string())))
            .collect()
    }

    /// `if` holds or `else` does, and `if` does not hold or `then` does.
    fn conditions(
        &mut self,
        check: &mut Check,
        value: &'a Keywords,
        at: &str,
    ) -> Result<(), SchemaError> {
        let Some(condition) = value.get("if") else {
            return Ok(());
        };
        let condition = self.node(condition, below(at, "if"))?;
        if let Some(then) = value.get("then") {
            let place = below(at, "then");
            let unless = self.add(place.clone(), Rule::Unless(condition))?;
            let then = self.node(then, place.clone())?;
            check
                .all
                .push(self.add(place, Rule::Any(vec![unless, then]))?);
        }
        if let Some(otherwise) = value.get("else") {
            let place = below(at, "else");
            let otherwise = self.node(otherwise, place.clone())?;
            check
                .all
                .push(self.add(place, Rule::Any(vec![condition, otherwise]))?);
        }
        Ok(())
    }

    fn dependents(
        &mut self,
        check: &mut Check,
        value: &'a Keywords,
        at: &str,
    ) -> Result<(), SchemaError> {
        if self.dialect < Dialect::Draft2019 {
            return Ok(());
        }
        for keyword in ["dependentRequired", "dependentSchemas"] {
            let Some(members) = value.get(keyword) else {
                continue;
            };
            let place = below(at, keyword);
            for (name, operand) in object(members, &place)? {
                let place = below(&place, name);
                let has = self.requirement(&[name], place.clone(), Types::OBJECT)?;
                let unless = self.add(place.clone(), Rule::Unless(has))?;
                let then = if keyword == "dependentSchemas" {
                    self.node(operand, place.clone())?
                } else {
                    self.requirement(&names(operand, &place)?, place.clone(), Types::ALL)?
                };
                check
                    .all
                    .push(self.add(place, Rule::Any(vec![unless, then]))?);
            }
        }
        Ok(())
    }

    pub(super) fn objects(
        &mut self,
        check: &mut Check,
        value: &'a Keywords,
        at: &str,
    ) -> Result<(), SchemaError> {
        let mut rule = ObjectRule::default();
        let mut used = false;
        if let Some(members) = value.get("properties") {
            used = true;
            let place = below(at, "properties");
            for (name, schema) in object(members, &place)? {
                let node = self.node(schema, below(&place, name))?;
                rule.members.push(Member {
                    name: name.as_bytes().into(),
                    node: Some(node),
                    required: None,
                });
            }
            rule.members.sort_by(|a, b| a.name.cmp(&b.name));
        }
        if let Some(additional) = value.get("additionalProperties") {
            used = true;
            rule.additional = self.or_closed(additional, below(at, "additionalProperties"))?;
        }
        if let Some(patterns) = value.get("patternProperties") {
            used = true;
            self.pattern_properties(check, &mut rule, patterns, &below(at, "patternProperties"))?;
        }
        if let Some(schema) = value.get("propertyNames") {
            used = true;
            rule.names = Some(self.node(schema, below(at, "propertyNames"))?);
        }
        if let Some(required) = value.get("required") {
            used = true;
            let place = below(at, "required");
            let further = self.require(&mut rule, &names(required, &place)?, &place)?;
            check.all.extend(further);
        }
        for (keyword, bound) in [
            ("minProperties", &mut rule.min),
            ("maxProperties", &mut rule.max),
        ] {
            if let Some(operand) = value.get(keyword) {
                used = true;
                self.schema.counts_members = true;
                *bound = count(operand, &below(at, keyword))?;
            }
        }
        if used {
            check.object = Some(rule);
        }
        Ok(())
    }

    /// A subschema where `false` closes a list, which the rule that holds the list reports itself.
    fn or_closed(&mut self, schema: &'a Value, at: String) -> Result<NodeId, SchemaError> {
        if schema == &Value::Bool(false) {
            Ok(FALSE)
        } else {
            self.node(schema, at)
        }
    }

    fn pattern_properties(
        &mut self,
        check: &mut Check,
        rule: &mut ObjectRule,
        patterns: &'a Value,
        at: &str,
    ) -> Result<(), SchemaError> {
        for (source, schema) in object(patterns, at)? {
            let place = below(at, source);
            let node = self.node(schema, place.clone())?;
            if let Some(pattern) = self.pattern(source) {
                rule.patterns.push((pattern, node));
            } else {
                // Any name may match it, so nothing is known of names outside `properties`.
                self.leave(check, place, DeferredReason::Pattern, Types::OBJECT);
                rule.additional = TRUE;
            }
        }
        Ok(())
    }

    pub(super) fn arrays(
        &mut self,
        check: &mut Check,
        value: &'a Keywords,
        at: &str,
    ) -> Result<(), SchemaError> {
        let mut rule = ArrayRule {
            prefix: Vec::new(),
            items: TRUE,
            min: 0,
            max: u64::MAX,
            unique: false,
            contains: None,
        };
        let listed =
            self.dialect < Dialect::Draft2020 && value.get("items").is_some_and(Value::is_array);
        let (prefix, items) = match (listed, self.dialect) {
            (true, _) => ("items", "additionalItems"),
            (false, Dialect::Draft2020) => ("prefixItems", "items"),
            (false, _) => ("", "items"),
        };
        if let Some(prefix_items) = value.get(prefix) {
            rule.prefix = self.list(prefix_items, &below(at, prefix))?;
        }
        if let Some(schema) = value.get(items) {
            rule.items = self.or_closed(schema, below(at, items))?;
        }
        if let Some(operand) = value.get("minItems") {
            rule.min = count(operand, &below(at, "minItems"))?;
        }
        if let Some(operand) = value.get("maxItems") {
            rule.max = count(operand, &below(at, "maxItems"))?;
        }
        if let Some(operand) = value.get("uniqueItems") {
            let place = below(at, "uniqueItems");
            rule.unique = operand
                .as_bool()
                .map_or_else(|| expected(&place, "a boolean"), Ok)?;
        }
        if let Some(schema) = value.get("contains") {
            rule.contains = Some(self.contains(schema, value, at)?);
        }
        let used = !rule.prefix.is_empty()
            || rule.items != TRUE
            || rule.min > 0
            || rule.max < u64::MAX
            || rule.unique
            || rule.contains.is_some();
        if used {
            check.array = Some(rule);
        }
        Ok(())
    }

    fn contains(
        &mut self,
        schema: &'a Value,
        value: &'a Keywords,
        at: &str,
    ) -> Result<Contains, SchemaError> {
        let node = self.node(schema, below(at, "contains"))?;
        let mut contains = Contains {
            node,
            min: 1,
            max: u64::MAX,
        };
        if self.dialect >= Dialect::Draft2019 {
            if let Some(operand) = value.get("minContains") {
                contains.min = count(operand, &below(at, "minContains"))?;
            }
            if let Some(operand) = value.get("maxContains") {
                contains.max = count(operand, &below(at, "maxContains"))?;
            }
        }
        Ok(contains)
    }
}
