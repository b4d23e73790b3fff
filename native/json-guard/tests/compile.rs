//! What a schema's author is told.

use midstream_json_guard::{DeferredReason, Guard, SchemaErrorKind, Settings};
use serde_json::{Value, json};

fn error(schema: &Value) -> (String, SchemaErrorKind) {
    let error = Guard::compile(Some(schema), Settings::default()).expect_err("the schema is wrong");
    (error.pointer, error.kind)
}

fn deferred(schema: &Value) -> Vec<(String, DeferredReason)> {
    let guard = Guard::compile(Some(schema), Settings::default()).expect("the schema compiles");
    guard
        .deferred()
        .iter()
        .map(|keyword| (keyword.pointer.clone(), keyword.reason))
        .collect()
}

#[test]
fn a_wrong_operand_is_named_by_its_pointer() {
    for (schema, pointer) in [
        (json!(3), ""),
        (json!({"type": "text"}), "/type"),
        (
            json!({"properties": {"a/b": {"type": 3}}}),
            "/properties/a~1b/type",
        ),
        (json!({"properties": {"a": 3}}), "/properties/a"),
        (json!({"items": [{}]}), "/items"),
        (json!({"anyOf": []}), "/anyOf"),
        (json!({"allOf": [{"minLength": -1}]}), "/allOf/0/minLength"),
        (json!({"minimum": "1"}), "/minimum"),
        (json!({"multipleOf": 0}), "/multipleOf"),
        (json!({"required": [1]}), "/required"),
        (json!({"uniqueItems": 1}), "/uniqueItems"),
        (json!({"pattern": 1}), "/pattern"),
        (json!({"exclusiveMaximum": true}), "/exclusiveMaximum"),
        (json!({"maxItems": 1.5}), "/maxItems"),
    ] {
        let (found, kind) = error(&schema);
        assert_eq!(found, pointer, "{schema}");
        assert!(
            matches!(kind, SchemaErrorKind::Expected(_)),
            "{schema}: {kind:?}"
        );
    }
}

#[test]
fn references_are_checked() {
    assert_eq!(
        error(&json!({"$ref": "#/$defs/x"})),
        ("/$ref".to_owned(), SchemaErrorKind::Unresolved)
    );
    assert_eq!(
        error(&json!({"$ref": "#x"})),
        ("/$ref".to_owned(), SchemaErrorKind::Unresolved)
    );
    assert_eq!(error(&json!({"$ref": "#"})).1, SchemaErrorKind::Endless);
    let ring = json!({"$defs": {"a": {"anyOf": [{"$ref": "#/$defs/b"}]}, "b": {"not": {"$ref": "#/$defs/a"}}}, "$ref": "#/$defs/a"});
    assert_eq!(error(&ring).1, SchemaErrorKind::Endless);
    assert_eq!(deferred(&json!({"items": {"$ref": "#"}})), []);
    let anchored =
        json!({"items": {"$ref": "#leaf"}, "$defs": {"x": {"$anchor": "leaf", "type": "integer"}}});
    assert_eq!(deferred(&anchored), []);
    let escaped = json!({"$ref": "#/$defs/a~1b%25", "$defs": {"a/b%": {"type": "integer"}}});
    assert_eq!(deferred(&escaped), []);
    let other = json!({"properties": {"a": {"$ref": "https://example.org/x.json"}}});
    assert_eq!(
        deferred(&other),
        [("/properties/a/$ref".to_owned(), DeferredReason::Reference)]
    );
}

#[test]
fn keywords_outside_the_subset_are_listed() {
    let schema = json!({
        "format": "email",
        "unevaluatedProperties": false,
        "requried": ["a"],
        "properties": {"p": {"pattern": "(?=a)"}, "q": {"$dynamicRef": "#x"}, "r": {"$id": "other", "type": "null"}},
        "title": "T", "description": "D", "default": 1, "examples": [], "$comment": "C", "deprecated": false
    });
    let listed = deferred(&schema);
    let listed: Vec<_> = listed
        .iter()
        .map(|(pointer, reason)| (pointer.as_str(), *reason))
        .collect();
    assert_eq!(
        listed,
        [
            ("/format", DeferredReason::Keyword),
            ("/properties/p/pattern", DeferredReason::Pattern),
            ("/properties/q/$dynamicRef", DeferredReason::Keyword),
            ("/properties/r/$id", DeferredReason::Reference),
            ("/requried", DeferredReason::Unknown),
            ("/unevaluatedProperties", DeferredReason::Keyword),
        ]
    );
}

#[test]
fn older_dialects_are_read_as_they_are_meant() {
    let complete = |schema: &Value, text: &str| {
        let mut stream = Guard::compile(Some(schema), Settings::default())
            .expect("the schema compiles")
            .start();
        stream.push(text.as_bytes());
        stream.finish() == midstream_json_guard::Status::Complete
    };
    let draft07 = "http://json-schema.org/draft-07/schema#";
    let tuple =
        json!({"$schema": draft07, "items": [{"type": "string"}], "additionalItems": false});
    assert!(
        complete(&tuple, r#"["a"]"#)
            && !complete(&tuple, r#"["a", 1]"#)
            && !complete(&tuple, "[1]")
    );
    // Siblings of `$ref` mean nothing before 2019-09.
    let sibling = json!({"$schema": draft07, "definitions": {"a": {"type": "string"}}, "$ref": "#/definitions/a", "maxLength": 1});
    assert!(complete(&sibling, r#""abc""#) && !complete(&sibling, "1"));
    let unknown = json!({"$schema": "http://json-schema.org/draft-04/schema#"});
    assert_eq!(
        error(&unknown),
        ("/$schema".to_owned(), SchemaErrorKind::Dialect)
    );
}

#[test]
fn schemas_are_bounded() {
    let mut nested = json!(true);
    for _ in 0..600 {
        nested = json!({ "not": nested });
    }
    assert_eq!(error(&nested).1, SchemaErrorKind::TooLarge);
    let wide: Vec<Value> = (0..70_000).map(|_| json!({"type": "null"})).collect();
    assert_eq!(
        error(&json!({ "anyOf": wide })).1,
        SchemaErrorKind::TooLarge
    );
    let mut constant = json!(1);
    for _ in 0..600 {
        constant = json!([constant]);
    }
    assert_eq!(
        error(&json!({ "const": constant })).1,
        SchemaErrorKind::TooLarge
    );
}
