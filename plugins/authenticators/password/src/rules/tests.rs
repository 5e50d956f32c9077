//! Each rule at its limits.

#![allow(clippy::unwrap_used)]

use super::*;

fn codes(password: &str, context: &[&str]) -> Vec<&'static str> {
    match check(password, context, &Rules::default()) {
        Ok(_) => vec![],
        Err(violations) => violations.iter().map(|violation| violation.code).collect(),
    }
}

#[test]
fn good_ones() {
    for password in [
        "correct horse battery staple",
        "x7#kQ!pw",
        "пароль у бабушки",
        "日本語の長いパスワード",
        "🦀🐙🦑🐡🦐🦞🐚🐠",
        "  spaces stay  ",
        "elizabeth and the seven teapots",
    ] {
        assert_eq!(codes(password, &["anna", "Gatewright"]), [""; 0], "{password}");
        assert_eq!(check(password, &[], &Rules::default()).unwrap().as_str(), password);
    }
}

#[test]
fn length() {
    assert_eq!(codes("x7#kQ!p", &[]), ["too_short"]);
    assert_eq!(codes("éèêëàâä", &[]), ["too_short"], "characters, not bytes");
    assert_eq!(codes("e\u{301}x7#kQ!p", &[]), [""; 0]);
    assert_eq!(codes("e\u{301}x7#kQ!", &[]), ["too_short"], "characters after NFC");
    let text = |bytes: usize| "correct horse battery staple ".chars().cycle().take(bytes).collect::<String>();
    assert_eq!(codes(&text(1024), &[]), [""; 0]);
    assert_eq!(codes(&text(1025), &[]), ["too_long"]);
    assert_eq!(codes(&"x".repeat(1 << 20), &[]), ["too_long"]);
    // Decomposed it is 1026 bytes, composed 684: it never gets so far.
    assert_eq!(codes(&"e\u{301}".repeat(342), &[]), ["too_long"]);
    // U+0958 is 3 bytes, and 6 in NFC.
    assert_eq!(codes(&"\u{958}".repeat(341), &[]), ["too_long"]);

    let check = |password, min_characters| check(password, &[], &Rules { min_characters }).is_ok();
    assert!(check("x7#kQ!pw", 0) && !check("x7#kQ!p", 0), "never below eight");
    assert!(check("x7#kQ!pwx7#zQ!p", 15) && !check("x7#kQ!pwx7#zQ!", 15));
}

#[test]
fn forbidden_characters() {
    for password in ["x7#k\0Q!pw", "x7#kQ!pw\n", "x7#k\tQ!pw", "x7#k\u{7f}Q!pw", "x7#k\u{85}Q!pw"] {
        assert_eq!(codes(password, &[]), ["forbidden_character"], "{password:?}");
    }
}

#[test]
fn common_ones() {
    for password in [
        "password",
        "PASSWORD",
        "Iloveyou",
        "Password1!",
        "elizabeth2024",
        "sunshine!!!!",
        "trustno1",
        "passwordpassword",
        "sunshine123456789",
    ] {
        assert!(codes(password, &[]).contains(&"common"), "{password}");
    }
    assert!(codes("sunshine-83150", &[]).is_empty());
}

#[test]
fn predictable_ones() {
    for password in [
        "aaaaaaaa",
        "12345678",
        "abcdefgh",
        "87654321",
        "0123456789",
        "abcd1234",
        "ABCDEFGH",
        "zyxwvutsrqponm",
        "19871987",
        "abababab",
        "asdasdasd",
        "1111111111111111",
        "éééééééé",
        "ааабббааабббааа",
    ] {
        let expected = if password.starts_with('а') { "" } else { "predictable" };
        assert_eq!(codes(password, &[]).last().copied().unwrap_or_default(), expected, "{password}");
    }
}

#[test]
fn personal_ones() {
    let context = ["anna.schmidt", "Anna.Schmidt+work@example.com", "Gatewright", "bob"];
    for password in [
        "anna.schmidt",
        "AnnaSchmidt",
        "annaschmidt1",
        "schmidt2024!",
        "anna19870412",
        "xx-schmidt",
        "gatewright!",
        "anna.schmidt+work",
        "anna.schmidt+work@example.com",
        "example.com",
        "Gatewright-Anna",
    ] {
        assert_eq!(codes(password, &context), ["personal"], "{password}");
    }
    for password in ["anna likes teapots", "bobbobxyz7#", "schmidt-der-zweite", "anna83749261950"] {
        assert_eq!(codes(password, &context), [""; 0], "{password}");
    }
    assert_eq!(codes("Zoé-Ångström", &["Zoe\u{301} A\u{30a}ngstro\u{308}m"]), ["personal"]);
    assert_eq!(codes("x7#kQ!pw", &["", "@", "a@b", "\0"]), [""; 0]);
}

#[test]
fn all_at_once() {
    assert_eq!(codes("aaa\0", &[]), ["too_short", "forbidden_character", "predictable"]);
    assert_eq!(codes("", &[]), ["too_short", "predictable"]);
}

#[test]
fn one_text_has_one_form() {
    let composed = check("caf\u{e9} au lait", &[], &Rules::default()).unwrap();
    let decomposed = check("cafe\u{301} au lait", &[], &Rules::default()).unwrap();
    assert_eq!(composed, decomposed);
    assert_eq!(normalise_for_verify("cafe\u{301} au lait").unwrap(), composed);
}

#[test]
fn nobodys_passwords() {
    for password in ["", "with\0nul", &"x".repeat(1025), &"\u{958}".repeat(341)] {
        assert_eq!(normalise_for_verify(password), None);
    }
    assert_eq!(normalise_for_verify("x").unwrap().as_str(), "x", "an old system may have allowed it");
    assert_eq!(normalise_for_verify(&"x".repeat(1024)).unwrap().len(), 1024);
}
