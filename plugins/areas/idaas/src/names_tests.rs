use super::*;

fn names(listed: &Listed) -> Vec<&str> {
    listed.named.iter().map(|n| n.0.as_str()).collect()
}

fn ids(list: &[&str]) -> Vec<String> {
    list.iter().map(|id| (*id).to_owned()).collect()
}

#[test]
fn every_name_of_the_contract_is_known() {
    let contract = [
        "MACHINE",
        "PASSWORD",
        "EXTERNAL",
        "KBA",
        "TEMP_ACCESS_CODE",
        "OTP",
        "GRID",
        "TOKEN",
        "TOKENPUSH",
        "FIDO",
        "SMARTCREDENTIALPUSH",
        "PASSWORD_AND_SECONDFACTOR",
        "SMART_LOGIN",
        "IDP",
        "PASSKEY",
        "IDP_AND_SECONDFACTOR",
        "USER_CERTIFICATE",
        "FACE",
    ];
    assert_eq!(all().count(), contract.len());
    for name in contract {
        assert!(all().any(|known| known == name), "{name}");
        assert_eq!(matches!(Way::read(&name), Some(Way::Sequence(_))), is_sequence(name), "{name}");
    }
}

#[test]
fn an_authenticator_is_reached_by_its_name_or_without_one_by_its_id() {
    assert_eq!(Way::read(&"TOKEN"), Some(Way::One(&["totp", "hotp"])));
    assert_eq!(Way::read(&"FIDO"), Way::read(&"PASSKEY"));
    assert_eq!(Way::read(&"recovery-code"), Some(Way::One(&["recovery-code"])));
    assert_eq!(Way::read(&"totp"), None, "an id that has a name is no second spelling");
    assert_eq!(
        Way::read(&"hotp"),
        Some(Way::One(&["hotp"])),
        "but beside another one of the name it is needed"
    );
    assert_eq!(Way::read(&"PASSWORD_AND_SECONDFACTOR"), Some(Way::Sequence("password")));
}

#[test]
fn of_two_with_one_name_the_one_answers_that_is_due() {
    let (token, nothing) = (Way::One(&["totp", "hotp"]), Catalogue::default());
    assert_eq!(token.of(&ids(&["passkey", "hotp"]), &nothing), "hotp");
    assert_eq!(token.of(&ids(&["hotp", "totp"]), &nothing), "totp");
    assert_eq!(token.of(&[], &nothing), "totp");
    for order in [["totp", "hotp"], ["hotp", "totp"]] {
        let listed = second(&ids(&order));
        assert_eq!(names(&listed), ["TOKEN"]);
        assert_eq!(listed.others, ["hotp"], "the other one is reached by its id");
    }
    assert_eq!(names(&second(&ids(&["hotp"]))), ["TOKEN"]);
}

#[test]
fn what_is_not_in_the_catalogue_is_unknown() {
    let empty = Catalogue::default();
    for name in ["PASSWORD", "PASSWORD_AND_SECONDFACTOR", "TOKENCR", "password", "", "a\0b"] {
        let problem = Way::parse(&name, &empty).expect_err(name);
        assert_eq!((problem.status, problem.code), (400, "unknown_authenticator"));
    }
}

#[test]
fn a_second_factor_is_no_sequence() {
    assert!(Way::Sequence("password").only().is_err());
    assert!(Way::One(&["totp"]).only().is_ok());
}

#[test]
fn sequences_come_first_where_the_policy_ever_asks_for_a_second_factor() {
    let listed = first(&ids(&["passkey", "password", "pin"]), true);
    assert_eq!(names(&listed), ["PASSWORD_AND_SECONDFACTOR", "PASSKEY", "PASSWORD"]);
    assert_eq!(listed.others, ["pin"]);
    assert_eq!(names(&first(&ids(&["password"]), false)), ["PASSWORD"]);
    assert_eq!(names(&first(&ids(&["passkey"]), true)), ["PASSKEY"], "no password, no sequence with one");
}

#[test]
fn a_passkey_is_told_by_the_name_that_clients_look_for() {
    let listed = second(&ids(&["passkey", "totp", "recovery-code"]));
    assert_eq!(names(&listed), ["FIDO", "TOKEN"]);
    assert_eq!(listed.others, ["recovery-code"]);
}
