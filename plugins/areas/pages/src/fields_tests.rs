use super::{Kind, of, value};
use gatewright_oauth::Params;
use serde_json::json;

fn form(text: &str) -> Params {
    Params::parse(text.as_bytes()).expect("a form")
}

#[test]
fn each_type_has_its_field_and_its_value() {
    let schema = json!({
        "type": "object",
        "required": ["password", "count", "sure"],
        "properties": {
            "password": {"type": "string"},
            "code": {"type": "string", "format": "password", "nullable": true},
            "mac": {"type": "string", "writeOnly": true},
            "label": {"type": ["string", "null"], "maxLength": 64},
            "certificate": {"type": "string", "maxLength": 65536},
            "count": {"type": "integer"},
            "sure": {"type": "boolean"},
            "way": {"enum": ["email", "sms", null]},
            "seed": {"type": "object", "nullable": true},
            "subject": {"type": "string", "description": "For an administrator: who it is."},
        },
    });
    let kinds: Vec<(String, Kind)> = of(&schema, None).into_iter().map(|f| (f.name, f.kind)).collect();
    let expected = [
        ("password", Kind::Secret),
        ("code", Kind::Code),
        ("mac", Kind::Secret),
        ("label", Kind::Text),
        ("certificate", Kind::Long),
        ("count", Kind::Number),
        ("sure", Kind::Flag),
        ("way", Kind::Choice(vec!["email".to_owned(), "sms".to_owned()])),
    ];
    let mut expected: Vec<(String, Kind)> = expected.map(|(n, k)| (n.to_owned(), k)).into();
    let mut kinds = kinds;
    kinds.sort_by(|a, b| a.0.cmp(&b.0));
    expected.sort_by(|a, b| a.0.cmp(&b.0));
    assert_eq!(kinds, expected);

    let typed = form("a.password=+x%26y+&a.count=7&a.way=sms&a.label=&seed=1&a.subject=root&password=other");
    assert_eq!(
        value(&schema, None, &typed),
        json!({"password": " x&y ", "count": 7, "sure": false, "way": "sms"})
    );
    assert_eq!(value(&schema, None, &form("a.sure=on&a.count=x"))["count"], "x", "refused elsewhere");
    assert_eq!(value(&schema, None, &form(""))["password"], "");
}

#[test]
fn questions_of_the_prompt_become_rows() {
    let item = json!({"type": "object", "required": ["id", "answer"], "properties": {
        "id": {"type": "string"}, "answer": {"type": "string", "format": "password"},
    }});
    let schema = json!({"type": "object", "required": ["answers"], "properties": {
        "answers": {"type": "array", "items": item},
    }});
    let prompt =
        json!({"questions": [{"id": "q1", "question": "Street?"}, {"id": "q2", "question": "Pet?"}]});
    let fields = of(&schema, Some(&prompt));
    let Kind::Rows(rows) = &fields[0].kind else { panic!("no rows") };
    assert_eq!(rows.iter().map(|r| r.label.as_deref()).collect::<Vec<_>>(), [Some("Street?"), Some("Pet?")]);
    // What the prompt has settled can't be changed by a form.
    let typed = form("a.answers.0.answer=Elm&a.answers.1.answer=Rex&a.answers.0.id=q9");
    assert_eq!(
        value(&schema, Some(&prompt), &typed),
        json!({"answers": [{"id": "q1", "answer": "Elm"}, {"id": "q2", "answer": "Rex"}]})
    );
}

#[test]
fn one_chooses_among_what_the_prompt_lists() {
    let schema = json!({"type": "object", "properties": {"answers": {"type": "array", "items": {
        "type": "object", "required": ["question", "answer"], "properties": {
            "question": {"type": "string"}, "answer": {"type": "string", "format": "password"},
        },
    }}}});
    let prompt = json!({"questions": ["Street?", "Pet?"], "choose": 2});
    let Kind::Rows(rows) = &of(&schema, Some(&prompt))[0].kind else { panic!("no rows") };
    assert_eq!(rows.len(), 2);
    let question = rows[0].fields.iter().find(|f| f.name == "question").expect("a question");
    assert_eq!(question.kind, Kind::Choice(vec!["Street?".to_owned(), "Pet?".to_owned()]));
}

#[test]
fn what_a_browser_gives_is_read_as_json_and_only_where_the_prompt_asks_for_it() {
    let schema = json!({"type": "object", "required": ["credential"], "properties": {
        "credential": {"type": "object"},
    }});
    let prompt = json!({"publicKey": {"challenge": "x"}});
    assert_eq!(of(&schema, Some(&prompt))[0].kind, Kind::Credential);
    let typed = form("a.credential=%7B%22id%22%3A%22x%22%7D");
    assert_eq!(value(&schema, Some(&prompt), &typed), json!({"credential": {"id": "x"}}));
    let broken = value(&schema, Some(&prompt), &form("a.credential=%7B"));
    assert!(broken["credential"].is_null());
}

#[test]
fn odd_schemas_of_a_library_make_no_trouble() {
    for schema in [json!(null), json!({}), json!({"properties": 7}), json!({"allOf": [{"type": "null"}, 3]})]
    {
        assert!(of(&schema, None).is_empty(), "{schema}");
        assert_eq!(value(&schema, None, &form("a.x=1")), json!({}));
    }
    let schema = json!({"allOf": [
        {"type": "object", "properties": {"a": {"type": "string"}}},
        {"properties": {"b": {"anyOf": [{"type": "null"}, {"type": "boolean"}]}}, "required": ["b"]},
    ]});
    assert_eq!(value(&schema, None, &form("a.a=1")), json!({"a": "1", "b": false}));
}
