use super::*;
use crate::contact::decoy;

fn read(delivery: Delivery, typed: &str) -> Option<String> {
    Contact::read(delivery, typed).map(|contact| contact.value.expose().clone())
}

#[test]
fn an_address_is_one_that_mail_can_go_to() {
    for (typed, read_as) in [
        ("ann@example.com", "ann@example.com"),
        (" Ann.Archer+x@Example.COM\n", "Ann.Archer+x@example.com"),
        ("jürgen@bücher.example", "jürgen@bücher.example"),
        ("o'hara!#$%&*/=?^_`{|}~@a-b.co.uk", "o'hara!#$%&*/=?^_`{|}~@a-b.co.uk"),
    ] {
        assert_eq!(read(Delivery::Email, typed).as_deref(), Some(read_as), "{typed:?}");
    }
    let long = format!("{}@example.com", "a".repeat(65));
    let longer = format!("a@{}.com", "b".repeat(260));
    for bad in [
        "",
        "ann",
        "@example.com",
        "ann@",
        "ann@localhost",
        "ann@example..com",
        "ann@-a.com",
        "ann@a-.com",
        "a b@example.com",
        "ann@example.com, bob@example.com",
        "ann@[192.0.2.1]",
        "\"ann\"@example.com",
        "ann@example.com\r\nBcc: bob@example.com",
        "ann@@example.com",
        ".ann@example.com",
        "a..b@example.com",
        "<ann@example.com>",
        "ann@exam ple.com",
        "ann\0@example.com",
        &long,
        &longer,
    ] {
        assert_eq!(read(Delivery::Email, bad), None, "{bad:?}");
    }
}

#[test]
fn a_number_has_its_country_code() {
    for typed in ["+4366012345678", "+43 660 123-456.78", "+43 (660) 12345678", "+43/660/12345678"] {
        assert_eq!(read(Delivery::Sms, typed).as_deref(), Some("+4366012345678"), "{typed}");
    }
    for bad in [
        "",
        "+",
        "066012345678",
        "0043 660 12345678",
        "+043660123456",
        "+43660a2345678",
        "+123456",
        "+1234567890123456",
        "+１２３４５６７８",
    ] {
        assert_eq!(read(Delivery::Voice, bad), None, "{bad:?}");
    }
    assert_eq!(read(Delivery::Sms, &format!("+{}", "1 ".repeat(200))), None);
}

#[test]
fn a_mask_tells_it_to_who_knows_it_and_a_decoy_looks_like_one() {
    let masked = |delivery, typed| Contact::read(delivery, typed).unwrap().masked();
    assert_eq!(masked(Delivery::Email, "ann@example.com"), "a***@e***.com");
    assert_eq!(masked(Delivery::Email, "ö@ä.example"), "ö***@ä***.example");
    assert_eq!(masked(Delivery::Sms, "+4366012345678"), "***78");
    let pseudonym = [200; 32];
    assert_eq!(decoy(Delivery::Email, &pseudonym), "s***@s***.com");
    assert_eq!(decoy(Delivery::Voice, &pseudonym), "***00");
}

#[test]
fn neither_an_address_nor_a_tag_is_printed() {
    let contact = Contact::read(Delivery::Email, "ann@example.com").unwrap();
    assert!(!format!("{contact:?}").contains("ann"));
    assert_eq!(Otp::describe(&contact), serde_json::json!({"delivery": "email", "to": "a***@e***.com"}));
}
