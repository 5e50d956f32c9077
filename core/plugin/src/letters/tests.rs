//! What is written, and what an operator may write.

use super::*;
use gatewright_contract::{Site, TenantId, Timestamp};
use uuid::Uuid;

const PARTS: &[&str] = &["subject", "body"];
const BUILT_IN: &[BuiltIn] = &[BuiltIn {
    template: "otp",
    parts: &[
        ("subject", &[], "A code for {site}"),
        ("body", &["code", "minutes"], "{code}, for {minutes} minutes"),
    ],
}];

fn letters(given: &[(&str, Option<&str>, &'static str, &str)]) -> Result<Letters, (String, String)> {
    let given: Vec<Given<'_>> = given
        .iter()
        .map(|&(template, language, part, text)| Given { template, language, part, text })
        .collect();
    Letters::new(BUILT_IN, PARTS, &given).map_err(|fault| match fault {
        Fault::Config { key, message } => (key, message),
        other => panic!("{other}"),
    })
}

fn parcel(template: &str, locale: Option<&str>, values: &[(&str, &str)]) -> Parcel {
    Parcel {
        id: Uuid::nil(),
        tenant: TenantId::default_tenant(),
        site: Site { name: "Ex{ample}".to_owned(), ..Site::default() },
        to: Secret::new("ann@example.org".to_owned()),
        template: template.to_owned(),
        values: values.iter().map(|(n, v)| ((*n).to_owned(), Secret::new((*v).to_owned()))).collect(),
        locale: locale.map(str::to_owned),
        created: Timestamp(0),
        expires: Timestamp(0),
    }
}

const CODE: &[(&str, &str)] = &[("code", "123456"), ("minutes", "5")];

#[track_caller]
fn written(letters: &Letters, parcel: &Parcel, part: &str) -> String {
    letters.write(parcel, part).expect("a text").expose().clone()
}

#[test]
fn values_are_put_in_and_what_they_hold_is_not_read_again() {
    let letters = letters(&[]).expect("texts");
    let sent = parcel("otp", None, CODE);
    assert_eq!(written(&letters, &sent, "subject"), "A code for Ex{ample}");
    assert_eq!(written(&letters, &sent, "body"), "123456, for 5 minutes");
    let nested = parcel("otp", None, &[("code", "{minutes}"), ("minutes", "{{code}}")]);
    assert_eq!(written(&letters, &nested, "body"), "{minutes}, for {{code}} minutes");
}

#[test]
fn a_value_can_not_write_lines_or_backwards() {
    let letters = letters(&[]).expect("texts");
    let sent = parcel(
        "otp",
        None,
        &[("code", "1\r\nBcc: eve@example.org\n\n\u{2028}2\0\u{202e}3\u{85}"), ("minutes", "5")],
    );
    assert_eq!(written(&letters, &sent, "body"), "1Bcc: eve@example.org23, for 5 minutes");
}

#[test]
fn the_nearest_language_is_taken() {
    let all = letters(&[
        ("otp", None, "body", "en {code}"),
        ("otp", Some("de"), "subject", "Ein Code"),
        ("otp", Some("de"), "body", "de {code}"),
        ("otp", Some("zh-Hant"), "subject", "x"),
        ("otp", Some("zh-Hant"), "body", "zh {code}"),
    ])
    .expect("texts");
    let body = |locale| written(&all, &parcel("otp", locale, CODE), "body");
    assert_eq!(written(&all, &parcel("otp", Some("en"), CODE), "subject"), "A code for Ex{ample}");
    for (locale, expected) in [
        (None, "en 123456"),
        (Some("de"), "de 123456"),
        (Some("DE-ch-1996"), "de 123456"),
        (Some("zh-hant-TW"), "zh 123456"),
        (Some("zh"), "en 123456"),
        (Some("d"), "en 123456"),
        (Some(""), "en 123456"),
    ] {
        assert_eq!(body(locale), expected, "{locale:?}");
    }
}

#[test]
fn what_can_not_be_written_says_so_without_the_values() {
    let own = [("own", None, "subject", "s"), ("own", None, "body", "{code} {other}")];
    let letters = letters(&own).expect("texts");
    let never = |parcel: &Parcel| match letters.write(parcel, "body").expect_err("no text") {
        Undelivered::Never(why) => why,
        Undelivered::Later(why) => panic!("{why}"),
    };
    assert_eq!(never(&parcel("unknown", None, CODE)), "there is no text for the template `unknown`");
    assert_eq!(never(&parcel("own", None, CODE)), "the message has no value `other` for its text");
    let long = "9".repeat(LONGEST);
    assert_eq!(never(&parcel("otp", None, &[("code", &long), ("minutes", "5")])), "the text is too long");
}

#[test]
fn mistakes_are_named_by_their_key() {
    for (given, key, message) in [
        (
            vec![("otp", None, "body", "{cod}")],
            "templates.otp.body",
            "there is no value {cod} here; there are: {code}, {minutes}, {site}",
        ),
        // A mail server logs subjects.
        (
            vec![("otp", None, "subject", "{code}")],
            "templates.otp.subject",
            "there is no value {code} here; there are: {site}",
        ),
        (
            vec![("otp", Some("de"), "body", "{code")],
            "templates.otp.de.body",
            "a `{` is not closed; `{{` stands for one",
        ),
        (
            vec![("otp", None, "body", "a}b")],
            "templates.otp.body",
            "a `}` closes nothing; `}}` stands for one",
        ),
        (
            vec![("otp", None, "body", "{a b}")],
            "templates.otp.body",
            "`{a b}` is no name of a value; `{{` stands for a brace",
        ),
        (
            vec![("otp", None, "body", "{}")],
            "templates.otp.body",
            "`{}` is no name of a value; `{{` stands for a brace",
        ),
        (vec![("otp", Some("de"), "body", "x")], "templates.otp.de", "`subject` is missing"),
        (vec![("own", None, "body", "x")], "templates.own", "`subject` is missing"),
        (
            vec![("otp", Some("d_e"), "body", "x")],
            "templates.otp.d_e.body",
            "expected a language, such as `de` or `pt-BR`",
        ),
        (
            vec![("otp", Some("de"), "body", "x"), ("otp", Some("DE"), "body", "x")],
            "templates.otp.DE.body",
            "given twice, in upper and lower case",
        ),
    ] {
        let said = letters(&given).err().unwrap_or_else(|| panic!("{given:?} is taken"));
        assert_eq!(said, (key.to_owned(), message.to_owned()));
    }
}

#[test]
fn two_braces_are_one() {
    let letters = letters(&[("otp", None, "body", "{{{code}}} {{x}}")]).expect("texts");
    assert_eq!(written(&letters, &parcel("otp", None, CODE), "body"), "{123456} {x}");
}
