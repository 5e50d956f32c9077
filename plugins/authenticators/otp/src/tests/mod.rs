#![allow(clippy::unwrap_used)]

mod contacts;
mod enrolment;
mod login;
mod settings;

use crate::{Begin, Config, Contact, Delivery, Otp};
use gatewright_contract::{
    Authenticator as _, Call, Challenge, CredentialId, Fault, Held, Message, Scope, Secret, Timestamp,
    Verdict,
    testing::{self, Desk, ready},
};
use std::{sync::Arc, time::Duration};

const NOW: Timestamp = Timestamp::from_secs(1_772_366_400);

fn made(config: Config) -> Otp {
    Otp::new(config, Arc::new(Desk::scattered(NOW))).unwrap()
}

fn all_ways() -> Config {
    let deliveries = vec![Delivery::Email, Delivery::Sms, Delivery::Voice];
    Config { deliveries, ..Config::default() }
}

fn scope() -> Scope {
    testing::scope(NOW, Some("ann"))
}

fn held(at: u8, delivery: Delivery, value: &str) -> Held<Contact> {
    let doc = Contact { delivery, value: Secret::new(value.to_owned()) };
    let label = Some(format!("my {at}"));
    Held { id: CredentialId::from_parts(NOW, [at; 10]), label, created: NOW, last_used: None, doc }
}

type Challenged = Challenge<crate::Prompt, crate::State, Contact>;

fn ask(plugin: &Otp, scope: &Scope, credentials: &[Held<Contact>], body: Begin) -> Result<Challenged, Fault> {
    ready(plugin.challenge(Call { scope, credentials, body }))
}

fn judge(
    plugin: &Otp,
    scope: &Scope,
    credentials: &[Held<Contact>],
    state: crate::State,
    code: &str,
) -> Verdict<crate::Prompt, crate::State, Contact> {
    let answer = crate::Answer { code: Secret::new(code.to_owned()) };
    ready(plugin.verify(Call { scope, credentials, body: (state, answer) })).unwrap()
}

fn message(challenge: &Challenged) -> &Message {
    let [message] = &challenge.effects.send[..] else { panic!("{}", challenge.effects.send.len()) };
    message
}

fn code(message: &Message) -> String {
    message.values.iter().find(|(name, _)| name == "code").unwrap().1.expose().clone()
}
