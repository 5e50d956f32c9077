//! A box of hardware tokens has arrived.

use super::{second, seen};
use gatewright::oath::{ImportError, Imported, import};
use gatewright_contract::TenantId;
use gatewright_core::{Origin, audit::Filter};
use kit::{Kit, Login, Store};
use serde_json::json;

/// Of RFC 4226, appendix D.
const HEX: &str = "3132333435363738393031323334353637383930";
const HEADER: &str = "username,type,serial,secret,digits,period,counter,algorithm\n";

async fn bring(kit: &Kit, file: &str, dry_run: bool) -> Result<Imported, Vec<(u64, String)>> {
    let (tenant, origin) = (TenantId::default_tenant(), Origin::local("command-line"));
    match import(&kit.app, &tenant, file.as_bytes(), dry_run, &origin).await {
        Ok(imported) => Ok(imported),
        Err(ImportError::Mistakes(all)) => Err(all.into_iter().map(|m| (m.line, m.what)).collect()),
        Err(ImportError::Problem(problem)) => panic!("{problem}"),
    }
}

/// What somebody has set up beside the password.
async fn tokens(kit: &Kit, name: &str) -> usize {
    let tenant = TenantId::default_tenant();
    let person = kit.app.engine.find_person(&tenant, name).await.unwrap().unwrap();
    let held = kit.app.engine.store().credentials(&tenant, person.id).await.unwrap();
    held.iter().filter(|c| c.authenticator != "password").count()
}

#[tokio::test]
async fn all_tokens_of_a_file_log_in() {
    for store in [Store::Memory, Store::Sqlite, Store::Postgres] {
        let kit = Kit::with(store).start().await;
        kit.person("ada").await;
        kit.person("bob").await;
        let file = format!(
            "{HEADER}ada,hotp,A-1,{HEX},6,,4,sha1\nada,totp,A-2,{HEX},8,30,,\nbob,hotp,B-1,{HEX},6,,,\n\
             ADA,hotp,,hex:{},6,,,\n",
            "ab".repeat(20)
        );
        let expected = Imported { totp: 1, hotp: 3, signed: false };
        assert_eq!(bring(&kit, &file, true).await, Ok(expected));
        assert_eq!((tokens(&kit, "ada").await, tokens(&kit, "bob").await), (0, 0), "only looked at");
        assert_eq!(bring(&kit, &file, false).await, Ok(expected));
        assert_eq!((tokens(&kit, "ada").await, tokens(&kit, "bob").await), (3, 1));

        let code = json!({"code": "338314"});
        kit.answer(&second(&kit, "bob").await, "hotp", json!({"code": "755224"})).await.expect(200);
        Login::of(&kit.answer(&second(&kit, "ada").await, "hotp", code.clone()).await);
        kit.answer(&second(&kit, "ada").await, "hotp", code).await.expect(401);
        // The same file again: these tokens are somebody's.
        let again = bring(&kit, &file, false).await.unwrap_err();
        assert_eq!(again.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [2, 3, 4]);
        assert!(again.iter().all(|(_, what)| what.contains("already")), "{again:?}");
        assert_eq!((tokens(&kit, "ada").await, tokens(&kit, "bob").await), (3, 1));
    }
}

#[tokio::test]
async fn where_one_line_is_wrong_nothing_is_written_and_all_is_told() {
    let kit = Kit::sqlite().await;
    kit.person("ada").await;
    let short = "31".repeat(8);
    let file = format!(
        "{HEADER}ada,hotp,A-1,{HEX},6,,0,\nnobody,totp,,{HEX},6,30,,\nada,totp,A-2,{HEX},7,30,,\n\
         ada,hotp,A-3,hex:{short},6,,,\nada,hotp,A-1,{HEX},6,,,\nada,yubi,,{HEX},6,,,\nada,totp,A-2,{HEX},6,45,,\n"
    );
    let wrong = bring(&kit, &file, false).await.unwrap_err();
    let told: Vec<(u64, &str)> = wrong.iter().map(|(line, what)| (*line, what.as_str())).collect();
    let expected = [
        (3, "there is no `nobody` in tenant `default`"),
        (4, "a code has 6 or 8 digits"),
        (5, "the secret must have 16 to 64 bytes"),
        (6, "It has been set up already, for this person or for another one."),
        (7, "type must be totp or hotp"),
        (8, "a code lives for 30 or 60 seconds"),
    ];
    assert_eq!(told, expected);
    assert_eq!(tokens(&kit, "ada").await, 0);
    kit.login("ada").await;
}

#[tokio::test]
async fn a_pskc_file_with_keys_in_clear_is_as_good() {
    let kit = Kit::memory().await;
    kit.person("ada").await;
    let file = r#"<?xml version="1.0"?>
<KeyContainer Version="1.0" xmlns="urn:ietf:params:xml:ns:keyprov:pskc"><KeyPackage>
  <DeviceInfo><SerialNo>987654321</SerialNo><UserId>UID=ada,O=Example</UserId></DeviceInfo>
  <Key Id="1" Algorithm="urn:ietf:params:xml:ns:keyprov:pskc:hotp">
    <AlgorithmParameters><ResponseFormat Length="6" Encoding="DECIMAL"/></AlgorithmParameters>
    <Data>
      <Secret><PlainValue>MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=</PlainValue></Secret>
      <Counter><PlainValue>4</PlainValue></Counter>
    </Data>
  </Key>
</KeyPackage></KeyContainer>"#;
    assert_eq!(bring(&kit, file, false).await, Ok(Imported { totp: 0, hotp: 1, signed: false }));
    Login::of(&kit.answer(&second(&kit, "ada").await, "hotp", json!({"code": "338314"})).await);
    let encrypted = file.replace("PlainValue>", "EncryptedValue>");
    let (line, what) = bring(&kit, &encrypted, false).await.unwrap_err().remove(0);
    assert!(line == 7 && what.contains("encrypted"), "{line}: {what}");
}

#[tokio::test]
async fn what_came_is_in_the_audit_log_and_no_secret_of_it() {
    let kit = Kit::sqlite().await;
    kit.person("ada").await;
    let token = kit.login("ada").await.access_token;
    bring(&kit, &format!("{HEADER}ada,hotp,A-1,{HEX},6,,0,\n"), false).await.unwrap();
    let lines =
        kit.app.engine.store().audit(&TenantId::default_tenant(), &Filter::default(), 50).await.unwrap();
    let brought = lines.iter().filter(|l| l.event.kind == "credential.enrolled");
    assert_eq!(brought.filter(|l| l.event.authenticator.as_deref() == Some("hotp")).count(), 1);
    assert!(!format!("{lines:?}").contains(HEX));
    // It is her first second factor: whoever was in without one is out.
    assert_eq!(seen(&kit.get_as(&token, "/auth/v1/me").await).0, 401);
}

#[tokio::test]
async fn a_whole_box_is_one_commit() {
    let kit = Kit::sqlite().await;
    for name in ["ada", "bob"] {
        kit.person(name).await;
    }
    let line = |n: usize| {
        format!("{},hotp,N-{n},hex:{n:040x},6,,,\n", if n.is_multiple_of(2) { "ada" } else { "bob" })
    };
    let file = HEADER.to_owned() + &(0..8).map(line).collect::<String>();
    assert_eq!(bring(&kit, &file, false).await, Ok(Imported { totp: 0, hotp: 8, signed: false }));
    assert_eq!((tokens(&kit, "ada").await, tokens(&kit, "bob").await), (4, 4));
}
