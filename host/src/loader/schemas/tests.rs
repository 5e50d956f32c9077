use super::{Shape, mistakes, plain};
use serde_json::{Value, json};

fn shape(schema: &Value) -> Shape {
    assert_eq!(mistakes(schema, "it"), [""; 0], "{schema}");
    Shape::of_openapi(schema).expect("a schema")
}

fn refused(schema: &Value, value: &Value) -> String {
    shape(schema).mismatch(value).map(|m| m.to_string()).unwrap_or_default()
}

#[test]
fn the_dialect_of_openapi_3_0_is_read_as_it_means() {
    let of = |property: Value| json!({"type": "object", "properties": {"a": property}});
    let cases = [
        (json!({"type": "string", "nullable": true}), json!([null, "x"]), json!([1])),
        (json!({"type": "string", "enum": ["x", "y"], "nullable": true}), json!([null, "x"]), json!(["z"])),
        (json!({"nullable": true, "allOf": [{"type": "string"}]}), json!([null, "x"]), json!([1])),
        (json!({"type": "integer", "minimum": 1, "exclusiveMinimum": true}), json!([2]), json!([1, 1.5])),
        (json!({"type": "integer", "maximum": 9, "exclusiveMaximum": true}), json!([8]), json!([9])),
        (json!({"type": "integer", "minimum": 1, "exclusiveMinimum": false}), json!([1]), json!([0])),
        (
            json!({"type": "array", "items": {"type": "boolean"}, "maxItems": 1}),
            json!([[], [true]]),
            json!([[1], [true, true]]),
        ),
        (
            json!({"type": "object", "additionalProperties": {"type": "string"}}),
            json!([{"x": "y"}]),
            json!([{"x": 1}]),
        ),
        (json!({"not": {"type": "string"}}), json!([1]), json!(["x"])),
        (json!({"oneOf": [{"type": "string"}, {"type": "integer"}]}), json!([1, "x"]), json!([true])),
        (
            json!({"type": "string", "format": "uuid"}),
            json!(["018bcfe5-6800-7000-8000-000000000001"]),
            json!(["x"]),
        ),
        (json!({"type": "string", "format": "date-time"}), json!(["2026-01-01T12:15:00Z"]), json!(["today"])),
        // Formats that say nothing about the text.
        (json!({"type": "string", "format": "password"}), json!(["x"]), json!([1])),
        (json!({"type": "string", "format": "regex"}), json!(["("]), json!([1])),
    ];
    for (property, good, bad) in cases {
        let schema = of(property);
        for value in good.as_array().expect("a list") {
            assert_eq!(refused(&schema, &json!({"a": value})), "", "{schema} {value}");
        }
        for value in bad.as_array().expect("a list") {
            assert_ne!(refused(&schema, &json!({"a": value})), "", "{schema} {value}");
        }
    }
}

#[test]
fn a_refusal_says_where_and_what_and_never_repeats() {
    let schema = json!({
        "type": "object",
        "required": ["code"],
        "properties": {
            "code": {"type": "string", "pattern": "^[0-9]+$", "minLength": 2, "maxLength": 6},
            "how": {"type": "string", "enum": ["fast", "slow"]},
            "count": {"type": "integer", "minimum": 1, "maximum": 3},
            "list": {"type": "array", "items": {"type": "object", "properties": {"x": {"type": "string"}}, "additionalProperties": false}},
            "map": {"type": "object", "additionalProperties": {"type": "boolean"}},
            "either": {"oneOf": [
                {"type": "object", "required": ["kind", "n"], "properties": {"kind": {"type": "string", "enum": ["number"]}, "n": {"type": "integer"}}},
                {"type": "object", "required": ["kind"], "properties": {"kind": {"type": "string", "enum": ["word"]}}},
            ]},
        },
        "additionalProperties": false,
    });
    let secret = "hunter2";
    for (value, told) in [
        (json!(secret), "expected an object"),
        (json!([secret]), "expected an object"),
        (json!({}), "code: is missing"),
        (json!({"code": 7}), "code: expected a string"),
        (json!({"code": {secret: 1}}), "code: expected a string"),
        (json!({"code": secret}), "code: must have at most 6 characters"),
        (json!({"code": "hunter"}), "code: must match ^[0-9]+$"),
        (
            json!({"code": "12", secret: 1}),
            "has an unknown member; it may have: code, count, either, how, list, map",
        ),
        (json!({"code": "12", "how": secret}), "how: expected one of fast, slow"),
        (json!({"code": "12", "count": 4}), "count: must be at most 3"),
        (json!({"code": "12", "list": [{}, {secret: 1}]}), "list[]: has an unknown member; it may have: x"),
        (json!({"code": "12", "list": [{"x": 1}]}), "list[].x: expected a string"),
        (json!({"code": "12", "map": {secret: 1}}), "map.*: expected true or false"),
        (json!({"code": "12", "map": {"123456": 1}}), "map[]: expected true or false"),
        (
            json!({"code": "12", "either": {"kind": "number", "n": secret}}),
            "either.n: expected a whole number",
        ),
        (
            json!({"code": "12", "either": {"kind": secret}}),
            "either: has none of the forms that are described",
        ),
    ] {
        let said = refused(&schema, &value);
        assert!(!said.contains(secret), "{said}");
        let sorted = |text: &str| {
            let (head, names) = text.split_once("have: ").unwrap_or((text, ""));
            let mut names: Vec<_> = names.split(", ").map(str::to_owned).collect();
            names.sort();
            (head.to_owned(), names)
        };
        assert_eq!(sorted(&said), sorted(told), "{value}");
    }
}

#[test]
fn what_is_no_schema_of_openapi_3_0_is_named() {
    let of = |property: Value| json!({"type": "object", "properties": {"a": property}});
    for (schema, wanted) in [
        (json!(true), "`it`: expected an object"),
        (json!({"type": "string"}), "`it`: must describe an object"),
        (json!({"type": "object", "nullable": true}), "`it`: must describe an object"),
        (json!({"oneOf": [{"type": "object"}, {"type": "string"}]}), "`it`: must describe an object"),
        (of(json!({"const": 1})), "`it.properties.a`: `const` is no keyword of OpenAPI 3.0"),
        (of(json!({"type": ["string", "null"]})), "`it.properties.a.type`: expected one of array"),
        (of(json!({"type": "null"})), "`it.properties.a.type`: expected one of array"),
        (
            of(json!({"type": "integer", "exclusiveMinimum": 1})),
            "`it.properties.a.exclusiveMinimum`: expected true or false",
        ),
        (
            of(json!({"additionalProperties": {"type": "text"}})),
            "`it.properties.a.additionalProperties.type`: expected one of",
        ),
        (of(json!({"maxLength": -1})), "`it.properties.a.maxLength`: must be at least 0"),
        (of(json!({"$ref": "#/components/schemas/A"})), "`it.properties.a`: has `$ref`"),
        (json!({"type": "object", "allOf": [{"$ref": "#"}]}), "`it.allOf.0`: has `$ref`"),
        (
            of(json!({"type": "string", "pattern": "(a"})),
            "`it.properties.a.pattern`: is no regular expression",
        ),
        (
            of(json!({"type": "string", "pattern": "(a)\\1"})),
            "`it.properties.a.pattern`: is no regular expression",
        ),
        (
            of(json!({"type": "string", "pattern": "(?=a)b"})),
            "`it.properties.a.pattern`: is no regular expression",
        ),
        (
            of(json!({"type": "string", "pattern": "(\\w{500}){500}"})),
            "`it.properties.a.pattern`: is no regular expression",
        ),
        (
            of(json!({"type": "string", "example": 7})),
            "`it.properties.a.example`: does not fit its own schema (expected a string)",
        ),
        (
            json!({"type": "object", "required": ["a"], "example": {}}),
            "`it.example`: does not fit its own schema (a: is missing)",
        ),
    ] {
        let told = mistakes(&schema, "it");
        assert!(told.iter().any(|m| m.starts_with(wanted)), "{schema}: {told:?}");
    }
}

#[test]
fn too_much_is_not_looked_at() {
    let wide: Value =
        (0..3_000).map(|n| (format!("p{n}"), json!({}))).collect::<serde_json::Map<_, _>>().into();
    let told = mistakes(&json!({"type": "object", "properties": wide}), "it");
    assert_eq!(told, ["`it`: has 3001 schemas inside, at most 2000 are read"]);
    let patterns: Value =
        (0..65).map(|n| (format!("p{n}"), json!({"pattern": "a"}))).collect::<serde_json::Map<_, _>>().into();
    let told = mistakes(&json!({"type": "object", "properties": patterns}), "it");
    assert_eq!(told, ["`it`: has 65 patterns, at most 64 are read"]);
}

#[test]
fn a_pattern_takes_no_longer_than_its_text() {
    let schema = json!({"type": "object", "properties": {"a": {"type": "string", "pattern": "^(a+)+$"}}});
    let shape = shape(&schema);
    // Backtracking would not end on this before the machine does.
    assert!(shape.mismatch(&json!({"a": format!("{}!", "a".repeat(100_000))})).is_some());
    assert_eq!(plain(&schema)["properties"]["a"]["pattern"], "^(a+)+$");
}
