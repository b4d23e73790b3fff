//! `$ref` and `$anchor` inside one document.

use std::collections::HashMap;

use serde_json::Value;

use super::compile::{Compiler, below, error};
use super::{Check, DeferredReason, SchemaError, SchemaErrorKind, Types};

/// Pointers of the places that `$anchor` names; made when the first is asked for.
#[derive(Default)]
pub(super) struct Anchors {
    places: Option<HashMap<String, String>>,
}

impl Anchors {
    fn find(&mut self, document: &Value, name: &str) -> Option<String> {
        self.places
            .get_or_insert_with(|| collect(document))
            .get(name)
            .cloned()
    }
}

fn collect(document: &Value) -> HashMap<String, String> {
    let mut places = HashMap::new();
    let mut stack = vec![(document, String::new())];
    while let Some((value, at)) = stack.pop() {
        match value {
            Value::Object(members) => {
                if !at.is_empty() && members.contains_key("$id") {
                    continue;
                }
                if let Some(Value::String(anchor)) = members.get("$anchor") {
                    places.insert(anchor.clone(), at.clone());
                }
                for (name, member) in members {
                    // Data, not schemas.
                    if !matches!(name.as_str(), "const" | "enum" | "default" | "examples") {
                        stack.push((member, below(&at, name)));
                    }
                }
            }
            Value::Array(items) => {
                let items = items.iter().enumerate();
                stack.extend(items.map(|(index, item)| (item, below(&at, &index.to_string()))));
            }
            _ => {}
        }
    }
    places
}

impl Compiler<'_> {
    pub(super) fn reference(
        &mut self,
        check: &mut Check,
        reference: &Value,
        at: &str,
    ) -> Result<(), SchemaError> {
        let Some(reference) = reference.as_str() else {
            return Err(error(at, SchemaErrorKind::Expected("a string")));
        };
        let own = self
            .document
            .get("$id")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .trim_end_matches('#');
        let Some(fragment) = reference
            .strip_prefix(own)
            .unwrap_or(reference)
            .strip_prefix('#')
        else {
            self.defer(at.to_owned(), DeferredReason::Reference);
            check.deferred = Types::ALL;
            return Ok(());
        };
        let unresolved = || error(at, SchemaErrorKind::Unresolved);
        let fragment = percent_decode(fragment).ok_or_else(unresolved)?;
        let pointer = if fragment.is_empty() || fragment.starts_with('/') {
            fragment
        } else {
            self.anchors
                .find(self.document, &fragment)
                .ok_or_else(unresolved)?
        };
        let target = self.document.pointer(&pointer).ok_or_else(unresolved)?;
        let node = self.node(target, pointer)?;
        check.all.push(node);
        Ok(())
    }
}

fn percent_decode(text: &str) -> Option<String> {
    let mut bytes = text.bytes();
    let mut out = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            out.push(byte);
            continue;
        }
        let mut digit = || char::from(bytes.next()?).to_digit(16);
        out.push((digit()? * 16 + digit()?) as u8);
    }
    String::from_utf8(out).ok()
}
