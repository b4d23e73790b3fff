//! From a schema document to nodes: a queue of places, so that neither nesting nor references recurse.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::reference::Anchors;
use super::{
    Check, Deferred, DeferredReason, FALSE, Node, NodeId, Rule, Schema, SchemaError,
    SchemaErrorKind, TRUE, Types, UNKNOWN,
};

/// Most nodes. Some hundred bytes each; the largest public schemas have some ten thousand.
const MAX_NODES: usize = 1 << 16;
/// Deepest nesting of subschemas and constants; bounds the length of pointers.
pub(super) const MAX_DEPTH: u32 = 256;

/// What `$schema` selects.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Dialect {
    /// Draft 06 and 07: `$ref` hides its siblings, `items` may be a list.
    Draft07,
    Draft2019,
    Draft2020,
}

/// A subschema that waits to be compiled.
struct Job<'a> {
    id: NodeId,
    value: &'a Map<String, Value>,
    at: String,
}

pub(super) struct Compiler<'a> {
    pub document: &'a Value,
    pub schema: Schema,
    pub dialect: Dialect,
    pub anchors: Anchors,
    known: HashMap<String, NodeId>,
    jobs: Vec<Job<'a>>,
}

/// Compiles a document. Keywords outside the subset are listed in `Schema::deferred`.
pub(crate) fn compile(document: &Value) -> Result<Schema, SchemaError> {
    let mut compiler = Compiler {
        document,
        schema: Schema::default(),
        dialect: dialect(document)?,
        anchors: Anchors::default(),
        known: HashMap::new(),
        jobs: Vec::new(),
    };
    for rule in [Rule::Check(Box::default()), Rule::Never, Rule::Unknown] {
        compiler.schema.nodes.push(Node {
            at: String::new(),
            rule,
        });
    }
    compiler.schema.root = compiler.node(document, String::new())?;
    while let Some(job) = compiler.jobs.pop() {
        let check = compiler.check(job.value, &job.at)?;
        compiler.schema.nodes[job.id as usize].rule = check;
    }
    let mut schema = compiler.schema;
    refuse_endless(&schema)?;
    shorten(&mut schema);
    schema.deferred.sort_by(|a, b| a.pointer.cmp(&b.pointer));
    Ok(schema)
}

fn dialect(document: &Value) -> Result<Dialect, SchemaError> {
    let Some(named) = document.get("$schema") else {
        return Ok(Dialect::Draft2020);
    };
    let name = named.as_str().unwrap_or_default().trim_end_matches('#');
    match name.split_once("://").map_or("", |(_, rest)| rest) {
        "json-schema.org/draft/2020-12/schema" => Ok(Dialect::Draft2020),
        "json-schema.org/draft/2019-09/schema" => Ok(Dialect::Draft2019),
        "json-schema.org/draft-07/schema" | "json-schema.org/draft-06/schema" => {
            Ok(Dialect::Draft07)
        }
        _ => Err(error("/$schema", SchemaErrorKind::Dialect)),
    }
}

pub(super) fn error(pointer: &str, kind: SchemaErrorKind) -> SchemaError {
    SchemaError {
        pointer: pointer.to_owned(),
        kind,
    }
}

pub(super) fn expected<T>(pointer: &str, what: &'static str) -> Result<T, SchemaError> {
    Err(error(pointer, SchemaErrorKind::Expected(what)))
}

/// `pointer` and one more token, escaped as RFC 6901 says.
pub(super) fn below(pointer: &str, token: &str) -> String {
    format!("{pointer}/{}", token.replace('~', "~0").replace('/', "~1"))
}

impl<'a> Compiler<'a> {
    /// The node of a subschema; the same place gives the same node.
    pub fn node(&mut self, value: &'a Value, at: String) -> Result<NodeId, SchemaError> {
        let value = match value {
            Value::Bool(true) => return Ok(TRUE),
            Value::Bool(false) => return self.add(at, Rule::Never),
            Value::Object(value) => value,
            _ => return expected(&at, "an object or a boolean"),
        };
        if let Some(&id) = self.known.get(&at) {
            return Ok(id);
        }
        if !at.is_empty() && value.contains_key("$id") {
            self.defer(below(&at, "$id"), DeferredReason::Reference);
            self.known.insert(at, UNKNOWN);
            return Ok(UNKNOWN);
        }
        let id = self.add(at.clone(), Rule::Unknown)?;
        self.known.insert(at.clone(), id);
        // Every level of subschemas is one or two tokens.
        let tokens = at.bytes().filter(|&byte| byte == b'/').count() as u32;
        if tokens > 2 * MAX_DEPTH {
            return Err(error(&at, SchemaErrorKind::TooLarge));
        }
        self.jobs.push(Job { id, value, at });
        Ok(id)
    }

    pub fn add(&mut self, at: String, rule: Rule) -> Result<NodeId, SchemaError> {
        if self.schema.nodes.len() >= MAX_NODES {
            return Err(error(&at, SchemaErrorKind::TooLarge));
        }
        self.schema.nodes.push(Node { at, rule });
        Ok(self.schema.nodes.len() as NodeId - 1)
    }

    pub fn add_check(&mut self, at: String, check: Check) -> Result<NodeId, SchemaError> {
        self.add(at, Rule::Check(Box::new(check)))
    }

    pub fn defer(&mut self, pointer: String, reason: DeferredReason) {
        self.schema.deferred.push(Deferred { pointer, reason });
    }

    fn check(&mut self, value: &'a Map<String, Value>, at: &str) -> Result<Rule, SchemaError> {
        let mut check = Check::default();
        let hides = self.dialect == Dialect::Draft07;
        if let Some(reference) = value.get("$ref") {
            self.reference(&mut check, reference, &below(at, "$ref"))?;
            if hides {
                return Ok(Rule::Check(Box::new(check)));
            }
        }
        for (keyword, operand) in value {
            self.keyword(&mut check, keyword, operand, at)?;
        }
        self.combinators(&mut check, value, at)?;
        self.objects(&mut check, value, at)?;
        self.arrays(&mut check, value, at)?;
        Ok(Rule::Check(Box::new(check)))
    }
}

/// A schema that asks itself about the same value would never be done.
fn refuse_endless(schema: &Schema) -> Result<(), SchemaError> {
    const NEW: u8 = 0;
    const OPEN: u8 = 1;
    const DONE: u8 = 2;
    let mut marks = vec![NEW; schema.nodes.len()];
    for root in 0..schema.nodes.len() {
        let mut stack = vec![(root, 0)];
        while let Some((node, next)) = stack.pop() {
            if next == 0 {
                if marks[node] != NEW {
                    continue;
                }
                marks[node] = OPEN;
            }
            let Some(&child) = schema.nodes[node].rule.same_place().get(next) else {
                marks[node] = DONE;
                continue;
            };
            stack.push((node, next + 1));
            match marks[child as usize] {
                OPEN => {
                    return Err(error(
                        &schema.nodes[child as usize].at,
                        SchemaErrorKind::Endless,
                    ));
                }
                NEW => stack.push((child as usize, 0)),
                _ => {}
            }
        }
    }
    Ok(())
}

/// Leads past nodes that only pass a value on, so that no stream has to keep a state for them.
fn shorten(schema: &mut Schema) {
    let target = |mut id: NodeId| {
        // `refuse_endless` has made sure that this ends.
        while let Rule::Check(check) = &schema.nodes[id as usize].rule {
            if check.is_trivial() {
                return TRUE;
            }
            let only = match check.all.as_slice() {
                [only] => *only,
                _ => return id,
            };
            let passes = check.types == Types::ALL
                && check.values.is_none()
                && check.string.is_none()
                && check.number.is_none()
                && check.array.is_none()
                && check.object.is_none()
                && check.deferred == Types(0);
            if !passes {
                return id;
            }
            id = only;
        }
        id
    };
    let targets: Vec<NodeId> = (0..schema.nodes.len() as NodeId).map(target).collect();
    let lead = |id: &mut NodeId| *id = targets[*id as usize];
    lead(&mut schema.root);
    for node in &mut schema.nodes {
        match &mut node.rule {
            Rule::Any(nodes) | Rule::One(nodes) => nodes.iter_mut().for_each(lead),
            Rule::Not(node) | Rule::Unless(node) => lead(node),
            Rule::Check(check) => {
                check.all.iter_mut().for_each(lead);
                check.all.retain(|&id| id != TRUE);
                if let Some(array) = &mut check.array {
                    array.prefix.iter_mut().for_each(lead);
                    lead(&mut array.items);
                    array
                        .contains
                        .iter_mut()
                        .for_each(|contains| lead(&mut contains.node));
                }
                if let Some(object) = &mut check.object {
                    object
                        .members
                        .iter_mut()
                        .filter_map(|member| member.node.as_mut())
                        .for_each(lead);
                    object.patterns.iter_mut().for_each(|(_, id)| lead(id));
                    object.names.iter_mut().for_each(lead);
                    lead(&mut object.additional);
                    object.names = object.names.filter(|&id| id != TRUE);
                }
            }
            Rule::Never | Rule::Unknown => {}
        }
    }
    debug_assert_eq!(targets[FALSE as usize], FALSE);
}
