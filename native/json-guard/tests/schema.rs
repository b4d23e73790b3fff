//! Ground truth: where each keyword stops a text, what it names and what it says was legal.

mod support;

use midstream_json_guard::Kind;
use serde_json::{Value, json};
use support::{guard, violation};

/// `text` has `!` before the first impossible byte, or none if the text is valid.
#[track_caller]
fn check(schema: &Value, text: &str, expected: Option<(Kind, &str, &str)>) {
    let guard = guard(schema);
    let offset = text.find('!');
    let text = text.replacen('!', "", 1);
    let found = violation(&guard, &text);
    let short = found.as_ref().map(|v| {
        (
            v.kind,
            v.path.as_str(),
            v.schema_path.as_deref().unwrap_or("none"),
        )
    });
    assert_eq!(short, expected, "{text}\n{found:?}");
    assert_eq!(
        found.as_ref().map(|v| v.offset),
        offset,
        "{text}\n{found:?}"
    );
}

#[test]
fn a_type_is_refused_at_the_first_byte_of_the_value() {
    let schema = json!({"type": "object", "properties": {"a": {"type": "string"}, "n": {"type": ["integer", "null"]}}});
    check(&schema, r"![1]", Some((Kind::Type, "", "/type")));
    check(
        &schema,
        r#"{"a": !1}"#,
        Some((Kind::Type, "/a", "/properties/a/type")),
    );
    check(&schema, r#"{"a": "x", "n": null}"#, None);
    check(&schema, r#"{"n": 10e-1}"#, None);
    check(
        &schema,
        r#"{"n": 1.5!}"#,
        Some((Kind::Type, "/n", "/properties/n/type")),
    );
    check(
        &schema,
        r#"{"n": !true}"#,
        Some((Kind::Type, "/n", "/properties/n/type")),
    );
}

#[test]
fn an_unknown_name_is_refused_as_soon_as_its_start_is_no_names_start() {
    let schema = json!({"properties": {"name": true, "names": true, "id": true}, "additionalProperties": false});
    check(
        &schema,
        r#"{"nam!x": 1}"#,
        Some((Kind::AdditionalProperties, "", "/additionalProperties")),
    );
    check(
        &schema,
        r#"{"nam!": 1}"#,
        Some((Kind::AdditionalProperties, "", "/additionalProperties")),
    );
    check(
        &schema,
        r#"{"id!e": 1}"#,
        Some((Kind::AdditionalProperties, "", "/additionalProperties")),
    );
    check(&schema, r#"{"name": 1, "names": 2, "\u0069d": 3}"#, None);
    check(
        &schema,
        r#"{"i\u006!5": 3}"#,
        Some((Kind::AdditionalProperties, "", "/additionalProperties")),
    );
    check(
        &schema,
        r#"{"id!\u0065": 3}"#,
        Some((Kind::AdditionalProperties, "", "/additionalProperties")),
    );
}

#[test]
fn patterns_keep_names_open_that_they_may_match() {
    let schema = json!({
        "properties": {"id": true}, "patternProperties": {"^x-[a-z]+$": {"type": "integer"}}, "additionalProperties": false
    });
    check(
        &schema,
        r#"{"x-!1": 1}"#,
        Some((Kind::AdditionalProperties, "", "/additionalProperties")),
    );
    check(&schema, r#"{"x-a": 1, "id": {}}"#, None);
    check(
        &schema,
        r#"{"x-a": !"1"}"#,
        Some((Kind::Type, "/x-a", "/patternProperties/^x-[a-z]+$/type")),
    );
}

#[test]
fn enumerated_strings_are_refused_by_prefix() {
    let schema = json!({"enum": ["red", "green", "grey", 7, null, true, "é", "ê"]});
    check(&schema, r#""gre!x""#, Some((Kind::Enum, "", "/enum")));
    check(&schema, r#""gre!""#, Some((Kind::Enum, "", "/enum")));
    check(&schema, r#""grey! ""#, Some((Kind::Enum, "", "/enum")));
    check(&schema, r#""grey""#, None);
    check(&schema, r#""\u00e9""#, None);
    check(&schema, r"7.0", None);
    check(&schema, r"!false", Some((Kind::Enum, "", "/enum")));
    check(&schema, r"!{}", Some((Kind::Enum, "", "/enum")));
    check(&schema, r"8!", Some((Kind::Enum, "", "/enum")));
}

#[test]
fn composite_constants_are_refused_at_their_first_wrong_byte() {
    let schema = json!({"const": {"a": [1, "x"], "b": null}});
    check(&schema, r#"{"b": null, "a": [1.0, "x"]}"#, None);
    check(
        &schema,
        r#"{"b": !1}"#,
        Some((Kind::Const, "/b", "/const/b")),
    );
    check(
        &schema,
        r#"{"a": [1, "!y"]}"#,
        Some((Kind::Const, "/a/1", "/const/a/1")),
    );
    check(
        &schema,
        r#"{"a": [1!]}"#,
        Some((Kind::Const, "/a", "/const/a")),
    );
    check(
        &schema,
        r#"{"a": [1, "x"!, 2]}"#,
        Some((Kind::Const, "/a", "/const/a")),
    );
    check(&schema, r#"{"!c": 1}"#, Some((Kind::Const, "", "/const")));
    check(
        &schema,
        r#"{"b": null!}"#,
        Some((Kind::Const, "", "/const")),
    );
    let schema = json!({"enum": [[1], {"a": 1}, "s"]});
    check(&schema, r#"{"a": 1}"#, None);
    check(&schema, r"[2!]", Some((Kind::Const, "/0", "/enum/0/0")));
}

#[test]
fn missing_names_are_refused_at_the_closing_brace() {
    let schema = json!({"required": ["a", "b"], "properties": {"a": {"type": "integer"}}});
    check(
        &schema,
        r#"{"a": 1!}"#,
        Some((Kind::Required, "", "/required")),
    );
    check(&schema, r"{!}", Some((Kind::Required, "", "/required")));
    check(&schema, r#"{"b": 1, "a": 2}"#, None);
    let names: Vec<String> = (0..200).map(|n| format!("n{n}")).collect();
    let members: Vec<String> = names.iter().map(|name| format!("\"{name}\":0")).collect();
    let schema = json!({ "required": names });
    check(&schema, &format!("{{{}}}", members.join(",")), None);
    check(
        &schema,
        &format!("{{{}!}}", members[..199].join(",")),
        Some((Kind::Required, "", "/required")),
    );
}

#[test]
fn lengths_are_counted_in_code_points_and_refused_at_the_first_too_many() {
    let schema = json!({"maxLength": 3, "minLength": 2});
    check(&schema, r#""aé€""#, None);
    check(
        &schema,
        "\"aé😀!b\"",
        Some((Kind::MaxLength, "", "/maxLength")),
    );
    check(
        &schema,
        r#""ab\ud83d\ude00!\n""#,
        Some((Kind::MaxLength, "", "/maxLength")),
    );
    check(&schema, r#""ab\ud83d\ude00""#, None);
    check(
        &schema,
        r#""😀!""#,
        Some((Kind::MinLength, "", "/minLength")),
    );
}

#[test]
fn patterns_are_refused_where_no_completion_matches() {
    let schema = json!({"pattern": "^[a-z]+-\\d{2}$"});
    check(&schema, r#""ab-!x""#, Some((Kind::Pattern, "", "/pattern")));
    check(&schema, r#""ab-12""#, None);
    check(
        &schema,
        r#""ab-12!3""#,
        Some((Kind::Pattern, "", "/pattern")),
    );
    check(&schema, r#""ab-1!""#, Some((Kind::Pattern, "", "/pattern")));
    check(
        &json!({"pattern": "b"}),
        r#""xxx!""#,
        Some((Kind::Pattern, "", "/pattern")),
    );
}

#[test]
fn numbers_are_judged_at_their_end_and_by_their_sign_at_once() {
    let schema = json!({"minimum": 1, "maximum": 100, "multipleOf": 0.5});
    check(&schema, "12.5", None);
    check(&schema, "[0]", None);
    check(&schema, "5000e-2", None);
    check(&schema, "!-3", Some((Kind::Minimum, "", "/minimum")));
    check(&schema, "0!", Some((Kind::Minimum, "", "/minimum")));
    check(&schema, "101!", Some((Kind::Maximum, "", "/maximum")));
    check(
        &schema,
        "12.3!",
        Some((Kind::MultipleOf, "", "/multipleOf")),
    );
    let schema = json!({"items": {"exclusiveMaximum": 0, "exclusiveMinimum": -10}});
    check(
        &schema,
        "[!0]",
        Some((Kind::ExclusiveMaximum, "/0", "/items/exclusiveMaximum")),
    );
    check(
        &schema,
        "[-1, -10!, 3]",
        Some((Kind::ExclusiveMinimum, "/1", "/items/exclusiveMinimum")),
    );
}

#[test]
fn arrays_are_refused_at_the_comma_after_their_last_item() {
    let schema = json!({"minItems": 1, "maxItems": 2, "items": {"type": "integer"}});
    check(&schema, "[!]", Some((Kind::MinItems, "", "/minItems")));
    check(
        &schema,
        "[1, 2!, 3]",
        Some((Kind::MaxItems, "", "/maxItems")),
    );
    check(
        &schema,
        r#"[1, !"2"]"#,
        Some((Kind::Type, "/1", "/items/type")),
    );
    let schema = json!({"prefixItems": [{"type": "string"}, {"type": "integer"}], "items": false});
    check(
        &schema,
        r#"["a", 1!, 2]"#,
        Some((Kind::Items, "", "/items")),
    );
    check(
        &schema,
        r#"["a", !"b"]"#,
        Some((Kind::Type, "/1", "/prefixItems/1/type")),
    );
    check(&schema, r#"["a"]"#, None);
}

#[test]
fn equal_items_are_refused_at_the_second_ones_end() {
    let schema = json!({"uniqueItems": true});
    check(
        &schema,
        r#"[1, "1", [1], {"a": 1, "b": [2]}, {"a": 1, "b": 2}, null, true, 2]"#,
        None,
    );
    check(&schema, "[true, false, null, 0, 1]", None);
    check(
        &schema,
        "[true, false, tru!e]",
        Some((Kind::UniqueItems, "", "/uniqueItems")),
    );
    check(
        &schema,
        r#"[{"a": 1, "b": [2.0]}, {"b": [2], "a": 1!}]"#,
        Some((Kind::UniqueItems, "", "/uniqueItems")),
    );
    check(
        &schema,
        r"[1, 2, 1.0!]",
        Some((Kind::UniqueItems, "", "/uniqueItems")),
    );
    check(
        &schema,
        r#"["é", "\u00e9!"]"#,
        Some((Kind::UniqueItems, "", "/uniqueItems")),
    );
    check(
        &schema,
        r#"[[], {}, "", [[]], [{}], {"a": {}}, {"a": []}, {"": ""}]"#,
        None,
    );
    check(
        &schema,
        r#"[{"a": 1, "b": 2}, {"a": 2, "b": 1}, ["a", "b"], ["ab"], [1, 2], [[1], 2], [[1, 2]]]"#,
        None,
    );
}

#[test]
fn contained_items_are_counted() {
    let schema = json!({"contains": {"type": "string"}, "minContains": 2, "maxContains": 3});
    check(&schema, r#"["a", 1, "b"]"#, None);
    check(
        &schema,
        r#"["a", 1!]"#,
        Some((Kind::Contains, "", "/contains")),
    );
    check(
        &schema,
        r#"["a", "b", "c", !"d"]"#,
        Some((Kind::MaxContains, "", "/maxContains")),
    );
}

#[test]
fn alternatives_end_when_the_last_of_them_does() {
    let schema = json!({"anyOf": [
        {"type": "object", "properties": {"kind": {"const": "cat"}, "lives": {"type": "integer"}}, "required": ["kind"]},
        {"type": "object", "properties": {"kind": {"const": "dog"}, "tail": {"type": "boolean"}}, "required": ["kind"]}
    ]});
    check(&schema, r#"{"kind": "cat", "lives": 9, "tail": "x"}"#, None);
    check(
        &schema,
        r#"{"kind": "cat", "lives": !"9"}"#,
        Some((Kind::Type, "/lives", "/anyOf/0/properties/lives/type")),
    );
    check(
        &schema,
        r#"{"kind": "!bird"}"#,
        Some((Kind::Const, "/kind", "/anyOf")),
    );
    check(&schema, r"!3", Some((Kind::Type, "", "/anyOf")));
    check(&schema, r"{!}", Some((Kind::Required, "", "/anyOf")));
}

#[test]
fn one_of_refuses_the_second_that_holds_and_not_refuses_what_holds() {
    let schema = json!({"oneOf": [{"type": "integer"}, {"minimum": 5}]});
    check(&schema, "3", None);
    check(&schema, "5.5", None);
    check(&schema, "7!", Some((Kind::OneOf, "", "/oneOf")));
    let schema = json!({"items": {"not": {"type": "string"}}});
    check(
        &schema,
        r#"[1, !"a"]"#,
        Some((Kind::Not, "/1", "/items/not")),
    );
    let schema = json!({"not": {"required": ["a"]}});
    check(&schema, r#"{"a": 1!}"#, Some((Kind::Not, "", "/not")));
    check(&schema, r#"{"b": 1}"#, None);
}

#[test]
fn conditions_and_dependents_hold() {
    let schema = json!({
        "if": {"properties": {"t": {"const": "a"}}, "required": ["t"]}, "then": {"required": ["x"]}, "else": {"required": ["y"]}
    });
    check(&schema, r#"{"t": "a", "x": 1}"#, None);
    check(&schema, r#"{"t": "b", "y": 1}"#, None);
    check(
        &schema,
        r#"{"t": "a", "y": 1!}"#,
        Some((Kind::Required, "", "/then/required")),
    );
    check(
        &schema,
        r#"{"t": "b", "x": 1!}"#,
        Some((Kind::Required, "", "/else/required")),
    );
    let schema =
        json!({"if": {"required": ["t"]}, "then": {"properties": {"a": {"type": "null"}}}});
    check(
        &schema,
        r#"{"a": 1, "t": 1!}"#,
        Some((Kind::Condition, "", "/then")),
    );
    let schema =
        json!({"dependentRequired": {"a": ["b"]}, "dependentSchemas": {"c": {"maxProperties": 1}}});
    check(&schema, r#"{"a": 1, "b": 2}"#, None);
    check(
        &schema,
        r#"{"a": 1!}"#,
        Some((Kind::Required, "", "/dependentRequired/a")),
    );
    check(&schema, r#"{"c": 1}"#, None);
}

#[test]
fn recursion_through_references_is_followed() {
    let schema = json!({
        "$ref": "#/$defs/tree",
        "$defs": {"tree": {"type": "object", "properties": {
            "value": {"type": "integer"}, "children": {"type": "array", "items": {"$ref": "#/$defs/tree"}}
        }, "required": ["value"], "additionalProperties": false}}
    });
    check(
        &schema,
        r#"{"value": 1, "children": [{"value": 2, "children": []}]}"#,
        None,
    );
    check(
        &schema,
        r#"{"value": 1, "children": [{"value": 2}, {"children": [!3]}]}"#,
        Some((Kind::Type, "/children/1/children/0", "/$defs/tree/type")),
    );
    check(
        &schema,
        r#"{"value": 1, "children": [{"children": []!}]}"#,
        Some((Kind::Required, "/children/0", "/$defs/tree/required")),
    );
}

#[test]
fn names_have_schemas_too() {
    let schema = json!({"propertyNames": {"maxLength": 3, "pattern": "^[a-z]"}, "additionalProperties": {"type": "integer"}});
    check(&schema, r#"{"abc": 1}"#, None);
    check(
        &schema,
        r#"{"abc!d": 1}"#,
        Some((Kind::MaxLength, "", "/propertyNames/maxLength")),
    );
    check(
        &schema,
        r#"{"!1": 1}"#,
        Some((Kind::Pattern, "", "/propertyNames/pattern")),
    );
    check(
        &schema,
        r#"{"a": !"1"}"#,
        Some((Kind::Type, "/a", "/additionalProperties/type")),
    );
}

#[test]
fn members_are_counted() {
    let schema = json!({"minProperties": 1, "maxProperties": 2});
    check(
        &schema,
        "{!}",
        Some((Kind::MinProperties, "", "/minProperties")),
    );
    check(&schema, r#"{"a": 1, "a": 1, "b": 1}"#, None);
    check(
        &schema,
        r#"{"a": 1, "b": 1, "c!": 1}"#,
        Some((Kind::MaxProperties, "", "/maxProperties")),
    );
}

#[test]
fn false_refuses_everything_and_true_nothing() {
    check(&json!(false), "!1", Some((Kind::Never, "", "")));
    check(&json!(true), r#"{"a": [1]}"#, None);
    check(
        &json!({"properties": {"a": false}}),
        r#"{"b": 1, "a": !1}"#,
        Some((Kind::Never, "/a", "/properties/a")),
    );
}

#[test]
fn pointers_are_escaped() {
    let schema = json!({"properties": {"a/b~c": {"items": {"type": "null"}}}});
    check(
        &schema,
        r#"{"a/b~c": [null, !1]}"#,
        Some((Kind::Type, "/a~1b~0c/1", "/properties/a~1b~0c/items/type")),
    );
}
