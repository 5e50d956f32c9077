use super::parsed;
use crate::Text;
use poem_openapi::{Enum, Object};
use serde_json::{Value, json};

#[derive(Object)]
#[oai(rename_all = "camelCase", deny_unknown_fields)]
struct Order {
    #[oai(validator(max_length = 5))]
    order_id: Text,
    #[oai(validator(minimum(value = "0")))]
    count: Option<i32>,
    paid: Option<bool>,
    way: Option<Way>,
    way_back: Option<Way>,
    lines: Option<Vec<Line>>,
    note: Option<Value>,
}

#[derive(Object)]
struct Line {
    thing: Text,
    price: Option<i64>,
}

#[derive(Enum)]
#[oai(rename_all = "lowercase")]
enum Way {
    Sea,
    Air,
}

fn said(body: &Value) -> String {
    parsed::<Order>(body.to_string().as_bytes()).err().map(|p| p.detail).unwrap_or_default()
}

#[test]
fn a_mistake_is_named_with_what_belongs_there() {
    let table = [
        (json!({"orderId": 7}), "orderId: must be a string."),
        (json!({}), "orderId: is missing."),
        (json!({"orderId": null}), "orderId: must be a string."),
        (json!({"orderId": "a", "count": "7"}), "count: must be a whole number of at most 32 bits."),
        (json!({"orderId": "a", "count": 1.5}), "count: must be a whole number of at most 32 bits."),
        (
            json!({"orderId": "a", "count": 5_000_000_000_i64}),
            "count: must be a whole number of at most 32 bits.",
        ),
        (
            json!({"orderId": "a", "lines": [{"thing": "b", "price": u64::MAX}]}),
            "lines[0].price: must be a whole number of at most 64 bits.",
        ),
        (json!({"orderId": "a", "paid": "true"}), "paid: must be true or false."),
        (json!({"orderId": "a", "way": 1}), "way: must be a string."),
        (json!({"orderId": "a", "way": "sea", "wayBack": "land"}), "wayBack: must be one of sea, air."),
        (json!({"orderId": "a", "lines": {}}), "lines: must be a list."),
        (json!({"orderId": "a", "lines": ["b"]}), "lines[0]: must be a JSON object."),
        (
            json!({"orderId": "a", "lines": [{"thing": "b"}, {"thing": true}]}),
            "lines[1].thing: must be a string.",
        ),
        (json!({"orderId": "a", "lines": [{}]}), "lines[0].thing: is missing."),
        (
            json!({"orderId": "a", "lines": [{"thing": "b", "price": []}]}),
            "lines[0].price: must be a whole number of at most 64 bits.",
        ),
        (json!({"orderId": "too long"}), "orderId: must satisfy maxLength(5)."),
        (json!({"orderId": "a", "count": -1}), "count: must satisfy minimum(0, exclusive: false)."),
        (json!([]), "The body must be a JSON object."),
        (Value::Null, "The body must be a JSON object."),
    ];
    for (body, words) in table {
        assert_eq!(said(&body), words, "{body}");
    }
    assert_eq!(said(&json!({"orderId": "a", "count": null, "lines": [{"thing": "b"}], "note": [1]})), "");
}

#[test]
fn what_was_sent_is_not_repeated() {
    let secret = json!("hunter2, found hunter2");
    for member in ["count", "paid", "way", "lines"] {
        assert!(!said(&json!({"orderId": "a", member: secret})).contains("hunter2"), "{member}");
    }
    assert!(!said(&json!({"orderId": ["hunter2"]})).contains("hunter2"));
    assert_eq!(
        said(&json!({"orderId": "a", "hunter2": 1})),
        "The body has an unknown member; it may have: orderId, count, paid, way, wayBack, lines, note."
    );
}

#[test]
fn what_is_no_json_says_where() {
    let detail = |bytes: &[u8]| parsed::<Order>(bytes).err().map(|p| p.detail).unwrap_or_default();
    assert_eq!(detail(b"{\"orderId\": hunter2}"), "The body is not JSON (line 1, column 13).");
    assert_eq!(detail(b""), "The body must be a JSON object.");
}

#[test]
fn without_the_body_the_reason_alone_is_put_in_words() {
    let table = [
        (r#"Expected input type "string", found {"a": "hunter2"}."#, r#"Expected input type "string"."#),
        (r#"failed to parse "Order": unknown field `hunter2`."#, "The body has an unknown member."),
        (
            r#"failed to parse "Line": field `thing` verification failed. maxLength(5) (occurred while parsing "Order")"#,
            "thing: must satisfy maxLength(5).",
        ),
        (r#"failed to parse "string": a JSON string is expected"#, "a JSON string is expected"),
    ];
    for (reason, words) in table {
        assert_eq!(crate::mismatch::reworded(reason), words);
    }
}
