use super::*;
use crate::{Draft, Invite, Proof};
use gatewright_contract::{Enrol as _, Enrolment, Purpose};

fn invite(delivery: Delivery, value: &str) -> Invite {
    Invite { delivery, value: value.to_owned(), label: Some(" work ".to_owned()) }
}

fn finish(
    plugin: &Otp,
    scope: &Scope,
    credentials: &[Held<Contact>],
    draft: Draft,
    code: Option<&str>,
) -> Result<Enrolment<Contact, gatewright_contract::Nothing>, Fault> {
    let proof = Proof { code: code.map(|c| Secret::new(c.to_owned())) };
    ready(plugin.enrol(Call { scope, credentials, body: (draft, proof) }))
}

#[test]
fn who_reads_the_code_has_the_contact() {
    let plugin = made(all_ways());
    let scope = Scope { purpose: Purpose::Enrol, ..scope() };
    for right in [true, false] {
        let body = invite(Delivery::Sms, "+43 660 12345678");
        let invited = ready(plugin.invite(Call { scope: &scope, credentials: &[], body })).unwrap();
        let sent = code(&invited.effects.send[0]);
        assert_eq!(invited.prompt.to, "***78");
        let typed = if right { sent } else { "no code".to_owned() };
        match finish(&plugin, &scope, &[], invited.state, Some(&typed)).unwrap() {
            Enrolment::Enrolled { credential, label, .. } => {
                assert!(right);
                assert_eq!(
                    (credential.value.expose().as_str(), label.as_deref()),
                    ("+4366012345678", Some("work"))
                );
            }
            Enrolment::Rejected(broken) => assert!(!right && broken[0].code == "code_wrong"),
            Enrolment::Pending { .. } => panic!("waits"),
        }
    }
}

#[test]
fn only_an_administrator_needs_no_code() {
    let plugin = made(all_ways());
    for (purpose, sent) in [(Purpose::Provision, 0), (Purpose::Enrol, 1)] {
        let scope = Scope { purpose, ..scope() };
        let body = invite(Delivery::Email, "ann@example.com");
        let invited = ready(plugin.invite(Call { scope: &scope, credentials: &[], body })).unwrap();
        assert_eq!(invited.effects.send.len(), sent);
        let done = finish(&plugin, &scope, &[], invited.state, None);
        assert_eq!(matches!(done, Ok(Enrolment::Enrolled { .. })), purpose == Purpose::Provision);
    }
    // A draft without a code is none that a person can finish.
    let scope = Scope { purpose: Purpose::Provision, ..scope() };
    let body = invite(Delivery::Email, "ann@example.com");
    let draft = ready(plugin.invite(Call { scope: &scope, credentials: &[], body })).unwrap().state;
    let mine = Scope { purpose: Purpose::Enrol, ..scope };
    assert!(matches!(finish(&plugin, &mine, &[], draft, Some("")), Ok(Enrolment::Rejected(_))));
}

#[test]
fn what_can_not_be_reached_is_refused_before_anything_is_sent() {
    let plugin = made(Config { max_contacts: 2, ..all_ways() });
    let (mine, scope) = ([held(1, Delivery::Email, "Ann@example.com")], scope());
    let two = [mine[0].clone(), held(2, Delivery::Sms, "+4366012345678")];
    let long = "a".repeat(65);
    let cases: [(&[Held<Contact>], Invite); 5] = [
        (&[], invite(Delivery::Email, "not an address")),
        (&[], invite(Delivery::Sms, "0660 12345678")),
        (&mine, invite(Delivery::Email, "ann@EXAMPLE.com")),
        (&two, invite(Delivery::Email, "bob@example.com")),
        (&[], Invite { label: Some(long), ..invite(Delivery::Email, "bob@example.com") }),
    ];
    for (credentials, body) in cases {
        let refused = ready(plugin.invite(Call { scope: &scope, credentials, body }));
        let Err(Fault::BadRequest { message, .. }) = refused else { panic!("taken") };
        assert!(!message.contains("0660") && !message.contains("bob"), "{message}");
    }
    let mail_only = made(Config::default());
    let body = invite(Delivery::Sms, "+4366012345678");
    assert!(ready(mail_only.invite(Call { scope: &scope, credentials: &[], body })).is_err());
}

#[test]
fn strange_numbers_are_not_called_without_end() {
    let plugin = made(Config { max_codes: 2, ..all_ways() });
    let scope = Scope { purpose: Purpose::Enrol, ..scope() };
    let tries = ["+4366012345671", "+4366012345672", "+4366012345673"];
    let sent = tries.map(|number| {
        let body = invite(Delivery::Voice, number);
        ready(plugin.invite(Call { scope: &scope, credentials: &[], body })).is_ok()
    });
    assert_eq!(sent, [true, true, false]);
}
