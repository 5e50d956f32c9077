#![allow(clippy::unwrap_used)]

use crate::{
    Answer, Config, Credential, Invite, Prompt, Reveal, TempAccessCode,
    code::{Code, Digest},
};
use gatewright_contract::{
    Authenticator as _, Call, CredentialChange, CredentialId, Enrol as _, Enrolment, Fault, Held, Nothing,
    Outcome, Purpose, Refusal, Registration, Scope, Secret, Timestamp, Verdict,
    testing::{self, Desk, ready},
};
use serde_json::json;
use std::{collections::BTreeSet, sync::Arc, time::Duration};

const NOW: Timestamp = Timestamp::from_secs(1_772_366_400);

fn made(config: Config) -> TempAccessCode {
    TempAccessCode::new(config, Arc::new(Desk::scattered(NOW))).unwrap()
}

fn scope(purpose: Purpose) -> Scope {
    Scope { purpose, ..testing::scope(NOW, Some("ann")) }
}

fn issue(plugin: &TempAccessCode, invite: Invite) -> Result<(Credential, Reveal), Fault> {
    let scope = scope(Purpose::Provision);
    let draft = ready(plugin.invite(Call { scope: &scope, credentials: &[], body: invite }))?.state;
    match ready(plugin.enrol(Call { scope: &scope, credentials: &[], body: (draft, Nothing {}) }))? {
        Enrolment::Enrolled { credential, reveal, .. } => Ok((credential, reveal)),
        Enrolment::Rejected(violations) => panic!("{violations:?}"),
        Enrolment::Pending { .. } => panic!("waits"),
    }
}

fn judge(
    plugin: &TempAccessCode,
    doc: Option<&Credential>,
    code: &str,
    now: Timestamp,
) -> Verdict<Prompt, Nothing, Credential> {
    let held = |doc: &Credential| Held {
        id: CredentialId::from_parts(NOW, [1; 10]),
        label: None,
        created: NOW,
        last_used: None,
        doc: doc.clone(),
    };
    let credentials: Vec<_> = doc.into_iter().map(held).collect();
    let answer = Answer { code: Secret::new(code.to_owned()) };
    let scope = Scope { now, ..scope(Purpose::Login) };
    ready(plugin.verify(Call { scope: &scope, credentials: &credentials, body: (Nothing {}, answer) }))
        .unwrap()
}

fn after(verdict: Verdict<Prompt, Nothing, Credential>) -> Result<Credential, Refusal> {
    match (verdict.outcome, verdict.effects.credentials.into_iter().next()) {
        (Outcome::Accepted(_), Some(CredentialChange::Replace { doc, .. })) => Ok(doc),
        (Outcome::Refused(why), None) => Err(why),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_code_is_good_as_often_and_as_long_as_was_said() {
    let plugin = made(Config::default());
    let (doc, Reveal { code, uses, hours }) =
        issue(&plugin, Invite { hours: Some(8), uses: Some(2) }).unwrap();
    assert_eq!((uses, hours, code.len()), (2, 8, 14));
    let last = NOW.plus(Duration::from_secs(8 * 3_600 - 1));
    let once = after(judge(&plugin, Some(&doc), &code, NOW)).unwrap();
    assert_eq!(
        TempAccessCode::describe(&once),
        json!({"uses_left": 1, "expires_unix": NOW.as_secs() + 28_800})
    );
    let twice = after(judge(&plugin, Some(&once), &code.to_lowercase().replace('-', " "), last)).unwrap();
    assert_eq!(after(judge(&plugin, Some(&twice), &code, last)).unwrap_err(), Refusal::Replayed);
    let over = NOW.plus(Duration::from_secs(8 * 3_600));
    assert_eq!(after(judge(&plugin, Some(&doc), &code, over)).unwrap_err(), Refusal::Expired);
    for wrong in ["", "-", &code[1..], &format!("{code}0"), &format!("{code}\0"), &"0".repeat(5_000)] {
        assert_eq!(after(judge(&plugin, Some(&doc), wrong, NOW)).unwrap_err(), Refusal::Wrong, "{wrong:.40}");
    }
    assert_eq!(after(judge(&plugin, None, &code, NOW)).unwrap_err(), Refusal::NotEnrolled);
}

#[test]
fn once_and_a_day_where_nothing_is_said_and_never_more_than_configured() {
    let plugin = made(Config { max_hours: 48, max_uses: 3, ..Config::default() });
    let (_, reveal) = issue(&plugin, Invite::default()).unwrap();
    assert_eq!((reveal.uses, reveal.hours), (1, 24));
    for (hours, uses) in [(Some(0), None), (Some(49), None), (None, Some(0)), (None, Some(4))] {
        assert!(matches!(issue(&plugin, Invite { hours, uses }), Err(Fault::BadRequest { .. })));
    }
}

#[test]
fn nobody_issues_one_for_themselves() {
    let plugin = made(Config::default());
    assert!(!plugin.traits().self_service);
    for purpose in [Purpose::Enrol, Purpose::Login, Purpose::Reset] {
        let scope = scope(purpose);
        let invite = Call { scope: &scope, credentials: &[], body: Invite::default() };
        let draft = ready(plugin.invite(invite)).unwrap().state;
        let done = ready(plugin.enrol(Call { scope: &scope, credentials: &[], body: (draft, Nothing {}) }));
        assert!(matches!(done, Err(Fault::BadRequest { .. })), "{purpose:?}");
    }
}

#[test]
fn codes_are_random_and_not_stored() {
    let plugin = made(Config::default());
    let mut seen = BTreeSet::new();
    for _ in 0..200 {
        let (doc, Reveal { code, .. }) = issue(&plugin, Invite::default()).unwrap();
        let bare = code.replace('-', "");
        let stored = serde_json::to_string(&doc).unwrap();
        assert!(bare.len() == 12 && !stored.contains(&bare) && seen.insert(code));
        assert!(format!("{doc:?}").contains("***"));
    }
    let digest = Digest::of(&Code::read("01AB"), [1; 16]);
    assert!(digest.is_of(&Code::read("o l a b")) && !digest.is_of(&Code::read("01AB\0")));
    assert!(!Digest::nobody().is_of(&Code::read("")));
}

#[test]
fn everybody_is_told_whom_to_ask() {
    let desk = Some("Service desk, 5555".to_owned());
    let plugin = made(Config { admin_contact: desk.clone(), ..Config::default() });
    let scope = scope(Purpose::Login);
    let asked = ready(plugin.challenge(Call { scope: &scope, credentials: &[], body: Nothing {} })).unwrap();
    assert_eq!(asked.prompt, Prompt { admin_contact: desk });
}

#[test]
fn the_schema_says_what_the_check_says() {
    let (schema, default) = Registration::config_of::<TempAccessCode>();
    let schema = jsonschema::validator_for(&schema).unwrap();
    assert!(schema.is_valid(&default) && schema.is_valid(&json!({})));
    for bad in [
        json!({"length": 7}),
        json!({"length": 33}),
        json!({"hours": 0}),
        json!({"max_hours": 169}),
        json!({"uses": 0}),
        json!({"max_uses": 21}),
        json!({"admin_contact": ""}),
    ] {
        assert!(!schema.is_valid(&bad), "{bad}");
        assert!(serde_json::from_value::<Config>(bad.clone()).unwrap().check().is_err(), "{bad}");
    }
    // What no schema says.
    for bad in [json!({"hours": 48, "max_hours": 24}), json!({"uses": 5, "max_uses": 2})] {
        assert!(serde_json::from_value::<Config>(bad).unwrap().check().is_err());
    }
    let [registered] = Registration::linked()[..] else { panic!("one") };
    let made = (registered.make)(json!({}), Arc::new(Desk::scattered(NOW))).unwrap();
    let steps = made.manifest().traits.steps;
    assert!(!steps.first && steps.second && steps.fallback);
}
