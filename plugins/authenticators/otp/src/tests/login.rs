use super::*;
use crate::{Prompt, ShowContact};
use gatewright_contract::{Accepted, Outcome, Purpose, Refusal};
use std::collections::BTreeSet;

fn by(verdict: &Verdict<Prompt, crate::State, Contact>) -> Result<&Accepted, Refusal> {
    match &verdict.outcome {
        Outcome::Accepted(accepted) => Ok(accepted),
        Outcome::Refused(why) => Err(*why),
        _ => panic!("neither yes nor no"),
    }
}

#[test]
fn the_code_that_was_sent_is_right_and_no_other() {
    let plugin = made(Config { max_codes: 20, ..all_ways() });
    let mine = [held(1, Delivery::Sms, "+4366012345678")];
    for (typed, right) in
        [("as sent", true), (" as-sent ", true), ("", false), ("as sent0", false), ("000000", false)]
    {
        let sms = Begin { delivery: Some(Delivery::Sms), contact: None };
        let challenge = ask(&plugin, &scope(), &mine, sms).unwrap();
        let sent = code(message(&challenge));
        assert!(sent.len() == 6 && sent.bytes().all(|b| b.is_ascii_digit()), "{sent}");
        let typed = typed.replace("as-sent", &sent).replace("as sent", &sent);
        let verdict = judge(&plugin, &scope(), &mine, challenge.state, &typed);
        match by(&verdict) {
            Ok(accepted) => {
                assert!(right, "{typed:?}");
                assert_eq!(accepted.credential, Some(mine[0].id));
                assert_eq!(accepted.amr, Some(vec!["sms".to_owned()]));
            }
            Err(why) => assert!(!right && why == Refusal::Wrong, "{typed:?}"),
        }
    }
}

#[test]
fn codes_have_as_many_digits_as_configured_and_differ() {
    for digits in 6..=8 {
        let plugin = made(Config { digits, max_codes: 20, ..all_ways() });
        let mine = [held(1, Delivery::Email, "ann@example.com")];
        let codes: BTreeSet<String> = (0..20)
            .map(|_| code(message(&ask(&plugin, &scope(), &mine, Begin::default()).unwrap())))
            .collect();
        assert!(codes.len() > 18 && codes.iter().all(|c| c.len() == usize::from(digits)), "{codes:?}");
    }
}

#[test]
fn nobody_gets_a_prompt_of_the_same_shape_and_a_message_to_nobody() {
    for show_contact in [ShowContact::AfterProof, ShowContact::Always] {
        let plugin = made(Config { show_contact, ..Config::default() });
        let mine = [held(1, Delivery::Email, "ann@example.com")];
        let known = ask(&plugin, &scope(), &mine, Begin::default()).unwrap();
        let unknown = ask(&plugin, &scope(), &[], Begin::default()).unwrap();
        assert_eq!(known.prompt.to.is_some(), show_contact == ShowContact::Always);
        assert_eq!(known.prompt.to.map(|t| t.len()), unknown.prompt.to.map(|t| t.len()));
        assert_eq!(known.prompt.delivery, unknown.prompt.delivery);
        let (known_mail, nobodys) = (&known.effects.send[0], &unknown.effects.send[0]);
        assert_eq!(nobodys.to.expose(), "");
        assert_eq!(known_mail.to.expose(), "ann@example.com");
        assert_eq!(
            (known_mail.channel.as_str(), known_mail.values.len()),
            (nobodys.channel.as_str(), nobodys.values.len())
        );
        // Not even its own code is right.
        let lucky = code(nobodys);
        assert_eq!(
            by(&judge(&plugin, &scope(), &[], unknown.state, &lucky)).err(),
            Some(Refusal::NotEnrolled)
        );
    }
}

#[test]
fn what_is_asked_for_decides_and_only_who_has_proven_something_is_told_what_there_is() {
    let plugin = made(Config { max_codes: 20, ..all_ways() });
    let mine = [held(1, Delivery::Sms, "+4366012345678"), held(2, Delivery::Email, "ann@example.com")];
    let proven = Scope { first: false, ..scope() };
    let begin = |delivery, contact: Option<&str>| Begin { delivery, contact: contact.map(str::to_owned) };
    let id = mine[0].id.to_string();
    for (asked, to) in [
        (begin(None, None), "ann@example.com"),
        (begin(Some(Delivery::Sms), None), "+4366012345678"),
        (begin(None, Some("my 1")), "+4366012345678"),
        (begin(None, Some(&id)), "+4366012345678"),
    ] {
        let challenge = ask(&plugin, &proven, &mine, asked).unwrap();
        assert_eq!(message(&challenge).to.expose(), to);
        assert_eq!(challenge.prompt.choices.len(), 2);
    }
    // Before a proof what is not asked for is the first way, whatever the person has.
    let only_sms = ask(&plugin, &scope(), &mine[..1], Begin::default()).unwrap();
    assert_eq!((only_sms.prompt.delivery, message(&only_sms).to.expose().as_str()), (Delivery::Email, ""));
    let missing = begin(Some(Delivery::Voice), None);
    assert!(matches!(ask(&plugin, &proven, &mine, missing.clone()), Err(Fault::BadRequest { .. })));
    let first = ask(&plugin, &scope(), &mine, missing).unwrap();
    assert_eq!((first.prompt.delivery, message(&first).to.expose().as_str()), (Delivery::Voice, ""));
    assert!(first.prompt.choices.is_empty());
    let mail_only = made(Config::default());
    let wish = begin(Some(Delivery::Sms), None);
    assert!(matches!(ask(&mail_only, &scope(), &[], wish), Err(Fault::BadRequest { .. })));
}

#[test]
fn to_replace_a_password_the_own_address_will_do_if_it_is_verified() {
    let plugin = made(Config::default());
    let mut mine = scope();
    mine.purpose = Purpose::Reset;
    let person = mine.person.as_mut().unwrap();
    person.email = Some("ann@example.com".to_owned());
    person.email_verified = true;
    let challenge = ask(&plugin, &mine, &[], Begin::default()).unwrap();
    assert_eq!(
        (message(&challenge).to.expose().as_str(), message(&challenge).template.as_str()),
        ("ann@example.com", "reset")
    );
    let sent = code(message(&challenge));
    let state = || serde_json::to_value(&challenge.state).unwrap();
    let again = || serde_json::from_value(state()).unwrap();
    assert!(!state().to_string().contains(&sent) && !state().to_string().contains("ann@"));
    assert_eq!(by(&judge(&plugin, &mine, &[], again(), &sent)).unwrap().credential, None);
    // Another address, or one that is no longer verified, is not the one that was written to.
    let mut moved = mine.clone();
    moved.person.as_mut().unwrap().email = Some("other@example.com".to_owned());
    assert!(by(&judge(&plugin, &moved, &[], again(), &sent)).is_err());
    moved = mine.clone();
    moved.person.as_mut().unwrap().email_verified = false;
    assert!(by(&judge(&plugin, &moved, &[], again(), &sent)).is_err());
    // To log in it will not.
    let login = Scope { purpose: Purpose::Login, ..mine };
    assert_eq!(message(&ask(&plugin, &login, &[], Begin::default()).unwrap()).to.expose(), "");
}

#[test]
fn who_asks_too_often_is_sent_nothing_and_sees_no_difference() {
    let plugin = made(Config { max_codes: 2, ..Config::default() });
    let mine = [held(1, Delivery::Email, "ann@example.com")];
    let sent: Vec<usize> =
        (0..4).map(|_| ask(&plugin, &scope(), &mine, Begin::default()).unwrap().effects.send.len()).collect();
    assert_eq!(sent, [1, 1, 0, 0]);
    let proven = Scope { first: false, ..scope() };
    assert_eq!(ask(&plugin, &proven, &mine, Begin::default()).unwrap().effects.send.len(), 1);
    let later = Scope { now: NOW.plus(Duration::from_secs(600)), ..scope() };
    assert_eq!(ask(&plugin, &later, &mine, Begin::default()).unwrap().effects.send.len(), 1);
}
