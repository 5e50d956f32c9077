#![allow(clippy::unwrap_used)]

use crate::{Config, Event, MagicLink, NoCredential, Prompt, State};
use gatewright_contract::{
    Authenticator as _, Call, Challenge, Fault, Nothing, Outcome, Registration, Scope, Secret, Signal as _,
    Timestamp, Verdict,
    testing::{self, Desk, ready},
};
use serde_json::json;
use std::{sync::Arc, time::Duration};

const NOW: Timestamp = Timestamp::from_secs(1_772_366_400);

fn made(config: Config) -> MagicLink {
    MagicLink::new(config, Arc::new(Desk::scattered(NOW))).unwrap()
}

/// Somebody with an address, verified or not.
fn scope(email: Option<&str>, email_verified: bool) -> Scope {
    let mut scope = testing::scope(NOW, Some("ann"));
    let person = scope.person.as_mut().unwrap();
    person.email = email.map(str::to_owned);
    person.email_verified = email_verified;
    scope
}

fn ask(plugin: &MagicLink, scope: &Scope) -> Challenge<Prompt, State, NoCredential> {
    ready(plugin.challenge(Call { scope, credentials: &[], body: Nothing {} })).unwrap()
}

fn judge(plugin: &MagicLink, scope: &Scope, state: State) -> Verdict<Prompt, State, NoCredential> {
    ready(plugin.verify(Call { scope, credentials: &[], body: (state, Nothing {}) })).unwrap()
}

fn opened(plugin: &MagicLink, scope: &Scope, state: State, ticket: &str) -> Option<State> {
    let event = Event { ticket: Secret::new(ticket.to_owned()) };
    ready(plugin.signal(Call { scope, credentials: &[], body: (state, event) })).unwrap()
}

fn link(challenge: &Challenge<Prompt, State, NoCredential>) -> String {
    let values = &challenge.effects.send[0].values;
    values.iter().find(|(name, _)| name == "link").unwrap().1.expose().clone()
}

fn key(plugin: &MagicLink, ticket: &str) -> Result<gatewright_contract::LookupKey, Fault> {
    plugin.correlate(&Event { ticket: Secret::new(ticket.to_owned()) })
}

#[test]
fn the_link_leads_to_the_challenge_and_only_its_hash_is_kept() {
    let (plugin, ann) = (made(Config::default()), scope(Some("ann@example.com"), true));
    let challenge = ask(&plugin, &ann);
    let link = link(&challenge);
    let ticket = link.strip_prefix("https://id.example.com/auth/v1/callback/magic-link?ticket=").unwrap();
    assert_eq!(challenge.effects.send[0].to.expose(), "ann@example.com");
    let wake = challenge.wake.unwrap();
    assert_eq!(key(&plugin, ticket).unwrap(), wake);
    let kept = serde_json::to_string(&challenge.state).unwrap() + &wake.0;
    assert!(!kept.contains(ticket));
    assert_ne!(key(&plugin, &"A".repeat(43)).unwrap(), wake);
    for bad in ["", "short", &"A".repeat(44), &format!("{ticket}="), &"=".repeat(43), &"x".repeat(60_000)] {
        assert!(matches!(key(&plugin, bad), Err(Fault::BadRequest { .. })), "{bad:.50}");
    }
}

#[test]
fn it_waits_until_the_link_is_opened_which_counts_once() {
    let (plugin, ann) = (made(Config::default()), scope(Some("ann@example.com"), true));
    let state = ask(&plugin, &ann).state;
    assert!(matches!(judge(&plugin, &ann, state.clone()).outcome, Outcome::Pending(_)));
    let after = opened(&plugin, &ann, state, "the host has found the state by it").unwrap();
    assert!(opened(&plugin, &ann, after.clone(), "a second time").is_none());
    assert!(matches!(judge(&plugin, &ann, after.clone()).outcome, Outcome::Accepted(_)));
    // The mailbox must still be the person's.
    for other in
        [scope(Some("other@example.com"), true), scope(Some("ann@example.com"), false), scope(None, true)]
    {
        assert!(matches!(judge(&plugin, &other, after.clone()).outcome, Outcome::Refused(_)));
    }
    let nobody = Scope { person: None, ..ann };
    assert!(matches!(judge(&plugin, &nobody, after).outcome, Outcome::Refused(_)));
}

#[test]
fn nobody_gets_a_message_to_nobody_and_no_opening_lets_them_in() {
    let plugin = made(Config { max_links: 20, ..Config::default() });
    let known = ask(&plugin, &scope(Some("ann@example.com"), true));
    let unknown = Scope { person: None, ..scope(None, false) };
    for who in [unknown, scope(None, false), scope(Some("ann@example.com"), false)] {
        let challenge = ask(&plugin, &who);
        assert_eq!(challenge.prompt, known.prompt);
        assert_eq!(challenge.expires_in, known.expires_in);
        assert_eq!(challenge.effects.send[0].to.expose(), "");
        assert_eq!(link(&challenge).len(), link(&known).len());
        let after = opened(&plugin, &who, challenge.state, "any").unwrap();
        assert!(matches!(judge(&plugin, &who, after).outcome, Outcome::Refused(_)));
    }
}

#[test]
fn links_are_sent_so_often_and_no_more() {
    let plugin = made(Config { max_links: 2, ..Config::default() });
    let ann = scope(Some("ann@example.com"), true);
    let mut sent = [0; 4];
    for count in &mut sent {
        let challenge = ask(&plugin, &ann);
        *count = challenge.effects.send.len();
        // What was not sent lets nobody in either.
        let after = opened(&plugin, &ann, challenge.state, "any").unwrap();
        assert_eq!(matches!(judge(&plugin, &ann, after).outcome, Outcome::Accepted(_)), *count == 1);
    }
    assert_eq!(sent, [1, 1, 0, 0]);
    let later = Scope { now: NOW.plus(Duration::from_secs(600)), ..ann };
    assert_eq!(ask(&plugin, &later).effects.send.len(), 1);
}

#[test]
fn the_schema_says_what_the_check_says_and_it_is_off() {
    let (schema, default) = Registration::config_of::<MagicLink>();
    let schema = jsonschema::validator_for(&schema).unwrap();
    assert!(schema.is_valid(&default));
    for bad in [
        json!({"life_seconds": 59}),
        json!({"life_seconds": 601}),
        json!({"channel": ""}),
        json!({"max_links": 0}),
        json!({"links_window_seconds": 3601}),
    ] {
        assert!(!schema.is_valid(&bad), "{bad}");
        assert!(serde_json::from_value::<Config>(bad.clone()).unwrap().check().is_err(), "{bad}");
    }
    let [registered] = Registration::linked()[..] else { panic!("one") };
    let made = (registered.make)(json!({}), Arc::new(Desk::scattered(NOW))).unwrap();
    let manifest = made.manifest();
    assert!(manifest.abilities.signal && manifest.abilities.same_browser && !manifest.abilities.enrol);
    assert!(!manifest.traits.steps.first && !manifest.traits.steps.second);
}
