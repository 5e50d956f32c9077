use std::collections::BTreeMap;

use schemars::{JsonSchema, generate::SchemaSettings};
use serde_json::{Value, json};

use super::{foreign_keywords, schema_to_3_0};

/// What a schema becomes, which must be OpenAPI 3.0 whatever it was.
fn converted(schema: Value) -> Value {
    let (schema, definitions) = schema_to_3_0(schema);
    assert_eq!(definitions, BTreeMap::new());
    assert_eq!(foreign_keywords(&schema, ""), [], "{schema}");
    schema
}

#[test]
fn each_keyword_becomes_its_counterpart() {
    for (before, after) in [
        (
            json!({ "$schema": "x", "$id": "y", "$comment": "z", "type": "string" }),
            json!({ "type": "string" }),
        ),
        (json!({ "examples": ["a", "b"] }), json!({ "example": "a" })),
        (json!({ "examples": [] }), json!({})),
        (json!({ "example": 1, "examples": [2] }), json!({ "example": 1 })),
        (json!({ "const": "x" }), json!({ "type": "string", "enum": ["x"] })),
        (json!({ "const": 1 }), json!({ "type": "integer", "enum": [1] })),
        (json!({ "const": null }), json!({ "nullable": true, "enum": [null] })),
        (json!({ "type": ["string", "null"] }), json!({ "type": "string", "nullable": true })),
        (json!({ "type": ["string"] }), json!({ "type": "string" })),
        (json!({ "type": "null" }), json!({ "nullable": true, "enum": [null] })),
        (
            json!({ "type": ["string", "integer"] }),
            json!({ "anyOf": [{ "type": "string" }, { "type": "integer" }] }),
        ),
        (
            json!({ "type": ["string", "integer", "null"] }),
            json!({ "anyOf": [{ "type": "string", "nullable": true }, { "type": "integer", "nullable": true }] }),
        ),
        (
            json!({ "type": ["string", "integer"], "anyOf": [{ "minLength": 1 }] }),
            json!({
                "anyOf": [{ "minLength": 1 }],
                "allOf": [{ "anyOf": [{ "type": "string" }, { "type": "integer" }] }]
            }),
        ),
        (json!({ "exclusiveMinimum": 3 }), json!({ "minimum": 3, "exclusiveMinimum": true })),
        (json!({ "exclusiveMaximum": 3, "maximum": 9 }), json!({ "maximum": 3, "exclusiveMaximum": true })),
        (json!({ "exclusiveMinimum": 3, "minimum": 9 }), json!({ "minimum": 9 })),
        (
            json!({ "minimum": 3, "exclusiveMinimum": true }),
            json!({ "minimum": 3, "exclusiveMinimum": true }),
        ),
        (json!(true), json!({})),
        (json!(false), json!({ "not": {} })),
        (json!({ "items": true }), json!({ "items": {} })),
        (json!({ "additionalProperties": false }), json!({ "additionalProperties": false })),
        (
            json!({ "additionalProperties": { "const": 1 } }),
            json!({ "additionalProperties": { "type": "integer", "enum": [1] } }),
        ),
        (
            json!({ "patternProperties": { "^a": { "type": "string" } }, "additionalProperties": false }),
            json!({ "additionalProperties": { "type": "string" } }),
        ),
        (
            json!({ "patternProperties": { "^a": {} }, "additionalProperties": { "type": "string" } }),
            json!({}),
        ),
        (
            json!({ "prefixItems": [{ "type": "string" }, { "type": "integer" }], "items": false }),
            json!({ "maxItems": 2, "items": { "anyOf": [{ "type": "string" }, { "type": "integer" }] } }),
        ),
        (json!({ "prefixItems": [{ "type": "string" }] }), json!({ "items": {} })),
        (
            json!({ "prefixItems": [{ "type": "string" }, { "type": "string" }], "items": false }),
            json!({ "maxItems": 2, "items": { "type": "string" } }),
        ),
        (
            json!({ "nullable": true, "type": ["string", "integer"] }),
            json!({ "anyOf": [{ "type": "string", "nullable": true }, { "type": "integer", "nullable": true }] }),
        ),
        (
            json!({ "items": [{ "type": "string" }], "additionalItems": false }),
            json!({ "maxItems": 1, "items": { "type": "string" } }),
        ),
        (
            json!({ "type": "string", "contentEncoding": "base64" }),
            json!({ "type": "string", "format": "byte" }),
        ),
        (json!({ "if": {}, "then": false, "propertyNames": {}, "x-mine": 1 }), json!({ "x-mine": 1 })),
        (
            json!({ "allOf": 1, "$ref": "#/$defs/A" }),
            json!({ "allOf": [{ "$ref": "#/components/schemas/A" }] }),
        ),
    ] {
        assert_eq!(converted(before.clone()), after, "from {before}");
    }
}

#[test]
fn inner_schemas_are_converted_and_names_and_data_are_not() {
    let before = json!({
        "properties": { "const": { "const": 1 }, "$schema": { "type": ["string", "null"] }, "any": true },
        "default": { "const": 1, "type": ["a"] },
        "enum": [{ "$schema": 1 }],
        "oneOf": [{ "not": { "const": "a" } }],
        "x-data": { "const": 1 }
    });
    let after = json!({
        "properties": {
            "const": { "type": "integer", "enum": [1] }, "$schema": { "type": "string", "nullable": true }, "any": {} },
        "default": { "const": 1, "type": ["a"] },
        "enum": [{ "$schema": 1 }],
        "oneOf": [{ "not": { "type": "string", "enum": ["a"] } }],
        "x-data": { "const": 1 }
    });
    assert_eq!(converted(before), after);
}

#[test]
fn references_lead_to_the_components_and_keep_their_neighbours() {
    for (target, expected) in [
        ("#/$defs/A", "#/components/schemas/A"),
        ("#/definitions/A", "#/components/schemas/A"),
        ("#/components/schemas/A", "#/components/schemas/A"),
        ("https://example.org/a.json", "https://example.org/a.json"),
    ] {
        assert_eq!(converted(json!({ "$ref": target })), json!({ "$ref": expected }));
        let before = json!({ "$ref": target, "description": "words", "allOf": [{ "minLength": 1 }] });
        let after = json!({ "description": "words", "allOf": [{ "minLength": 1 }, { "$ref": expected }] });
        assert_eq!(converted(before), after);
    }
}

#[test]
fn definitions_are_lifted_from_wherever_they_stand() {
    let (schema, definitions) = schema_to_3_0(json!({
        "$defs": { "A": { "const": 1, "$defs": { "B": { "type": "null" } } } },
        "definitions": { "C": { "$ref": "#/$defs/A" } },
        "components": { "schemas": { "D": true } },
        "properties": {
            "x": { "$ref": "#/definitions/C", "$defs": { "E": { "type": "string" } } },
            "$defs": { "type": "string" }
        }
    }));
    let names: Vec<_> = definitions.keys().map(String::as_str).collect();
    assert_eq!(names, ["A", "B", "C", "D", "E"]);
    assert_eq!(definitions["C"], json!({ "$ref": "#/components/schemas/A" }));
    assert_eq!(definitions["D"], json!({}));
    let expected =
        json!({ "properties": { "x": { "$ref": "#/components/schemas/C" }, "$defs": { "type": "string" } } });
    assert_eq!(schema, expected);
}

#[test]
fn a_schema_that_holds_itself_becomes_a_definition() {
    let tree = json!({ "title": "My Tree", "properties": { "next": { "$ref": "#" } } });
    let (schema, definitions) = schema_to_3_0(tree);
    assert_eq!(schema, json!({ "$ref": "#/components/schemas/My_Tree" }));
    assert_eq!(definitions["My_Tree"]["properties"]["next"], schema);

    let (schema, definitions) =
        schema_to_3_0(json!({ "title": "A", "$defs": { "A": { "items": { "$ref": "#" } } } }));
    assert_eq!(schema, json!({ "$ref": "#/components/schemas/A_" }));
    assert_eq!(definitions["A"], json!({ "items": { "$ref": "#/components/schemas/A_" } }));
    assert_eq!(definitions["A_"], json!({ "title": "A" }));
}

/// The forms that real declarations take.
#[derive(JsonSchema)]
#[allow(dead_code)]
#[schemars(example = Declared::example())]
struct Declared {
    /// A text that may be missing.
    text: Option<String>,
    /// Another declaration that may be missing.
    inner: Option<Inner>,
    kind: Kind,
    #[schemars(extend("exclusiveMinimum" = 0))]
    share: f64,
    pair: (String, u32),
    by_number: BTreeMap<u32, Inner>,
    anything: Value,
    again: Vec<Declared>,
}

impl Declared {
    fn example() -> Value {
        json!({ "text": "x" })
    }
}

#[derive(JsonSchema)]
#[allow(dead_code)]
struct Inner {
    unit: (),
}

#[derive(JsonSchema)]
#[allow(dead_code)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Kind {
    /// The first.
    Plain,
    Deep {
        inner: Inner,
    },
}

#[test]
fn what_schemars_makes_becomes_openapi_3_0_with_either_settings() {
    for settings in [SchemaSettings::openapi3(), SchemaSettings::draft2020_12(), SchemaSettings::draft07()] {
        let schema = settings.into_generator().into_root_schema_for::<Declared>().to_value();
        let (root, definitions) = schema_to_3_0(schema);
        assert_eq!(root, json!({ "$ref": "#/components/schemas/Declared" }));
        let names: Vec<_> = definitions.keys().map(String::as_str).collect();
        assert_eq!(names, ["Declared", "Inner", "Kind"]);
        for (name, definition) in &definitions {
            assert_eq!(foreign_keywords(definition, name), [], "{definition:#}");
            for found in crate::walk::references(definition, "") {
                let target = crate::walk::component(&found.target).expect("a component").1;
                assert!(definitions.contains_key(&target), "{target}");
            }
        }
        let declared = &definitions["Declared"];
        assert_eq!(declared["example"], Declared::example());
        assert_eq!(declared["properties"]["text"]["type"], "string");
        assert_eq!(declared["properties"]["text"]["nullable"], true);
        assert_eq!(declared["properties"]["share"]["exclusiveMinimum"], true);
        let by_number = &declared["properties"]["by_number"]["additionalProperties"];
        assert_eq!(by_number, &json!({ "$ref": "#/components/schemas/Inner" }));
        let plain = &definitions["Kind"]["oneOf"][0]["properties"]["kind"];
        assert_eq!(plain["enum"], json!(["plain"]));
    }
}
