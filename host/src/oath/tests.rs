#![allow(clippy::unwrap_used)]

use super::*;

/// The secret of RFC 4226, appendix D.
const PLAIN: &[u8] = b"12345678901234567890";
const HEX: &str = "3132333435363738393031323334353637383930";
const BASE32: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

fn lines(read: &Read) -> Vec<(u64, &str)> {
    read.mistakes.iter().map(|m| (m.line, m.what.as_str())).collect()
}

fn pskc(keys: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <p:KeyContainer Version=\"1.0\" xmlns:p=\"urn:ietf:params:xml:ns:keyprov:pskc\">\n{keyps}\n</p:KeyContainer>",
        keyps = keys
    )
}

fn key(algorithm: &str, parameters: &str, data: &str, more: &str) -> String {
    format!(
        "<p:KeyPackage><p:DeviceInfo><p:SerialNo>987</p:SerialNo></p:DeviceInfo>\n\
         <p:Key Id=\"1\" Algorithm=\"urn:ietf:params:xml:ns:keyprov:pskc:{algorithm}\">\n\
         <p:AlgorithmParameters>{parameters}</p:AlgorithmParameters>\n<p:Data>{data}</p:Data>\n{more}\n\
         </p:Key></p:KeyPackage>"
    )
}

const SECRET: &str = "<p:Secret><p:PlainValue>MTIzNDU2Nzg5MDEy\n  MzQ1Njc4OTA=</p:PlainValue></p:Secret>";
const USER: &str = "<p:UserId>CN=Ada Lovelace, UID=ada, O=Example</p:UserId>";
const EIGHT: &str = "<p:ResponseFormat Length=\"8\" Encoding=\"DECIMAL\"/>";

#[test]
fn csv_with_both_types_and_both_forms_of_a_secret() {
    let file = format!(
        "\u{feff}Username,type,serial,secret,digits,period,counter,algorithm\r\n\
         ada,totp,A-1,{BASE32},,,,\r\n\
         \"bob\", HOTP ,B-2,{HEX},8,,17,HMAC-SHA256\r\n\
         \r\n\r\n\"ada\",totp,,base32:gezd gnbv gy3t qojq gezd gnbv gy3t qojq,8,60,,sha512\r\n"
    );
    let read = read(file.as_bytes());
    assert_eq!(lines(&read), []);
    let [one, two, three] = &read.tokens[..] else { panic!("{read:?}") };
    assert!(read.tokens.iter().all(|token| token.secret.expose() == PLAIN));
    assert_eq!((one.line, one.username.as_str(), one.moves, one.digits), (2, "ada", Moves::Time(30), 6));
    assert_eq!((one.serial.as_deref(), one.algorithm, one.authenticator()), (Some("A-1"), "sha1", "totp"));
    assert_eq!((two.line, two.username.as_str(), two.moves, two.digits), (3, "bob", Moves::Counter(17), 8));
    assert_eq!((two.algorithm, two.authenticator()), ("sha256", "hotp"));
    assert_eq!((three.line, three.username.as_str()), (6, "ada"));
    assert_eq!((three.serial.as_deref(), three.moves, three.algorithm), (None, Moves::Time(60), "sha512"));
    let expected = json!({"seed": {"secret_base32": BASE32, "algorithm": "sha256", "digits": 8, "counter": 17, "serial": "B-2"}});
    assert_eq!(two.proof(), expected);
}

#[test]
fn every_mistake_of_a_csv_is_told_with_its_line_and_no_secret() {
    let file = format!(
        "username,type,secret,digits,counter,period\n\
         ada,totp,not-a-s3cret!,,,\n\
         ,hotp,{HEX},six,-1,\n\
         ada,yubi,,,,\n\
         ada,hotp,{HEX},6,0,30\n\
         ada,hotp,{HEX}\n\
         ada,totp,ABCDEF2345ABCDEF,6,,\n\
         ada,totp,hex:XYZ,6,,\n\
         ada,totp,{},6,,\n\
         ada,hotp,{HEX},6,0,\n",
        "A".repeat(600)
    );
    let read = read(file.as_bytes());
    let expected = [
        (2, "secret is neither hexadecimal nor base 32"),
        (3, "username is empty"),
        (3, "counter must be a whole number"),
        (3, "digits must be a whole number"),
        (4, "secret is empty"),
        (4, "type must be totp or hotp"),
        (5, "a token of type hotp has no period"),
        (6, "3 fields in the place of 6"),
        (7, "secret could be hexadecimal or base 32: write `hex:` or `base32:` before it"),
        (8, "secret is not in hexadecimal"),
        (9, "a field is longer than 512 bytes"),
    ];
    assert_eq!(lines(&read), expected);
    assert_eq!(read.tokens.len(), 1, "what can be read is read, so that it can be checked as well");
    assert!(!format!("{read:?}").contains("3132"), "{read:?}");
}

#[test]
fn a_header_is_needed_and_must_be_whole() {
    let cases = [
        ("", "the column username is missing in the header"),
        ("username,type\nada,totp\n", "the column secret is missing in the header"),
        ("username,type,secret,type\n", "the column type is there twice"),
        (
            "ada,totp,A-1,GEZDGNBVGY3TQOJQ\n",
            "column 1 is none of username, type, serial, secret, digits, period, counter, algorithm; the first line must \
             be a header",
        ),
    ];
    for (file, what) in cases {
        assert_eq!(lines(&read(file.as_bytes())), [(1, what)], "{file}");
    }
    assert_eq!(lines(&read(b"username,type,secret\nada,totp,\xff\n")), [(2, "the file is not in UTF-8")]);
}

#[test]
fn what_is_too_much_is_not_read_to_its_end() {
    let header = "username,type,secret\n".to_owned();
    let many = header.clone() + &format!("ada,totp,{BASE32}\n").repeat(10_050);
    let read_many = read(many.as_bytes());
    assert_eq!(lines(&read_many), [(10_002, "more than 10000 tokens: divide the file")]);
    let wrong = header + &"ada,totp,?\n".repeat(5000);
    assert_eq!(read(wrong.as_bytes()).mistakes.len(), 100);
}

#[test]
fn pskc_with_keys_in_clear() {
    let counter = "<p:Counter><p:PlainValue>42</p:PlainValue></p:Counter>";
    let time = "<p:Time><p:PlainValue>0</p:PlainValue></p:Time>\
                <p:TimeInterval><p:PlainValue>60</p:PlainValue></p:TimeInterval>";
    let suite = format!("<p:Suite>HMAC-SHA256</p:Suite>{EIGHT}");
    let file = pskc(&format!(
        "{}{}",
        key("hotp", "", &format!("{SECRET}{counter}"), USER),
        key("totp", &suite, &format!("{SECRET}{time}"), "<p:UserId>bob</p:UserId>")
    ));
    let read = read(file.as_bytes());
    assert_eq!(lines(&read), []);
    assert!(!read.signed);
    let [one, two] = &read.tokens[..] else { panic!("{read:?}") };
    assert!(read.tokens.iter().all(|token| token.secret.expose() == PLAIN));
    assert_eq!((one.line, one.username.as_str(), one.moves), (4, "ada", Moves::Counter(42)));
    assert_eq!((one.digits, one.algorithm, one.serial.as_deref()), (6, "sha1", Some("987")));
    assert_eq!(
        (two.username.as_str(), two.moves, two.digits, two.algorithm),
        ("bob", Moves::Time(60), 8, "sha256")
    );
}

/// RFC 6030, figure 2, with the namespace as the default one.
#[test]
fn the_example_of_the_rfc_lacks_only_whose_it_is() {
    let file = r#"<?xml version="1.0" encoding="UTF-8"?>
<KeyContainer Version="1.0" Id="exampleID1" xmlns="urn:ietf:params:xml:ns:keyprov:pskc">
  <KeyPackage>
    <Key Id="12345678" Algorithm="urn:ietf:params:xml:ns:keyprov:pskc:hotp">
      <Issuer>Issuer-A</Issuer>
      <Data><Secret><PlainValue>MTIzNA==</PlainValue></Secret></Data>
    </Key>
  </KeyPackage>
</KeyContainer>"#;
    let missing = "whose token this is does not stand in a UserId, of the key or of the device";
    assert_eq!(lines(&read(file.as_bytes())), [(4, missing)]);
    let owned = file.replace("<Issuer>", "<UserId>ada</UserId><Issuer>");
    let read = read(owned.as_bytes());
    assert_eq!(
        (read.tokens[0].secret.expose().as_slice(), read.tokens[0].serial.as_deref()),
        (&b"1234"[..], Some("12345678"))
    );
}

#[test]
fn what_pskc_can_say_and_we_can_not_do_is_refused() {
    let encrypted = "<p:Secret><p:EncryptedValue/></p:Secret>";
    let late = format!("{SECRET}<p:Time><p:PlainValue>7</p:PlainValue></p:Time>");
    let cases = [
        (key("hotp", "", encrypted, USER), "the secret is encrypted: decrypt the file where its key is"),
        (key("hotp", "", "", USER), "there is no Secret with a PlainValue in base 64"),
        (key("ocra", "", SECRET, USER), "its Algorithm is neither …:pskc:hotp nor …:pskc:totp"),
        (key("totp", "", &late, USER), "a Time other than 0 is not supported"),
        (key("hotp", "", SECRET, &format!("{USER}<p:Policy/>")), "keys with a Policy are not supported"),
        (
            key("hotp", "<p:ResponseFormat Length=\"6\" Encoding=\"HEXADECIMAL\"/>", SECRET, USER),
            "codes of another Encoding than DECIMAL are not supported",
        ),
        (
            key("hotp", "<p:ResponseFormat Length=\"6\" CheckDigits=\"true\"/>", SECRET, USER),
            "CheckDigits are not supported",
        ),
        (
            key("totp", "<p:Suite>HMAC-MD5</p:Suite>", SECRET, USER),
            "its Suite is none of HMAC-SHA1, HMAC-SHA256, HMAC-SHA512",
        ),
    ];
    for (keys, what) in cases {
        let read = read(pskc(&keys).as_bytes());
        assert_eq!(read.mistakes.iter().map(|m| m.what.as_str()).collect::<Vec<_>>(), [what]);
        assert!(read.tokens.is_empty());
    }
    let whole = pskc(&format!("<p:EncryptionKey/>{}", key("hotp", "", encrypted, USER)));
    let what = "the keys are encrypted: decrypt the file where its key is, and import the result";
    assert_eq!(lines(&read(whole.as_bytes())), [(3, what)]);
}

#[test]
fn hostile_xml_is_refused() {
    let bomb = "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;\">]><x>&b;</x>";
    assert_eq!(lines(&read(bomb.as_bytes())), [(1, "a document type is not allowed here")]);
    let deep = format!("{}{}", "<a>".repeat(500_000), "</a>".repeat(500_000));
    assert_eq!(read(deep.as_bytes()).mistakes.len(), 1);
    let wide = pskc(&"<a/>".repeat(1_000_001));
    assert_eq!(lines(&read(wide.as_bytes()))[0].1, "there is too much in it");
    for broken in ["<", "<x", "<x></y>", "<x/>", "<KeyContainer/>"] {
        assert_eq!(read(broken.as_bytes()).mistakes.len(), 1, "{broken}");
    }
    assert_eq!(lines(&read(pskc("").as_bytes())), [(2, "there is no key in it")]);
}

#[test]
fn a_signature_is_not_checked_and_that_is_told() {
    let signed = "<s:Signature xmlns:s=\"http://www.w3.org/2000/09/xmldsig#\"/>";
    let read = read(pskc(&format!("{}{signed}", key("hotp", "", SECRET, USER))).as_bytes());
    assert!(read.signed && read.tokens.len() == 1);
}
