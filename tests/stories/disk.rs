//! The disk under the server is full, or spoilt.

use gatewright::{Plugins, background};
use kit::{Kit, Login, PASSWORD, TempFolder};
use serde_json::json;
use std::{fs, os::unix::fs::FileExt, process::Command};

/// Runs a story of this program on a small file system of its own.
#[allow(clippy::print_stderr, reason = "a story that was not run says so")]
fn on_a_small_disk(story: &str) {
    let folder = TempFolder::new();
    let user = Command::new("id").arg("-u").output().unwrap();
    let flags = if user.stdout.starts_with(b"0\n") { "-m" } else { "-rm" };
    let script = "mount -t tmpfs -o size=3m,mode=700 tmpfs \"$1\" && cd \"$1\" || exit 77
        head -c 500000 /dev/zero >ballast
        TMPDIR=$1 exec \"$2\" --exact --ignored --nocapture \"$3\"";
    let done = Command::new("unshare")
        .args([flags, "sh", "-c", script, "sh"])
        .arg(folder.path())
        .arg(std::env::current_exe().unwrap())
        .arg(format!("stories::disk::{story}"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&done.stderr).into_owned() + &String::from_utf8_lossy(&done.stdout);
    if done.status.code() == Some(77) || said.contains("unshare failed") {
        eprintln!("SKIPPED {story}: this machine lets us mount nothing: {said}");
        return;
    }
    assert!(done.status.success() && said.contains("1 passed"), "{said}");
}

#[test]
fn a_disk_that_is_full() {
    on_a_small_disk("within_a_full_disk");
}

#[tokio::test]
#[ignore = "a_disk_that_is_full runs it where a disk is full"]
async fn within_a_full_disk() {
    let kit = Kit::sqlite().await;
    kit.person("ann").await;
    let ann = kit.login("ann").await;
    // People begin to log in, until there is no room for one more.
    let mut begun = 0;
    let refused = loop {
        let reply = kit.post("/auth/v1/login", &json!({"username": format!("somebody-{begun}")})).await;
        if reply.status != 200 {
            break reply;
        }
        begun += 1;
        assert!(begun < 20_000, "the disk is never full");
    };
    assert!(begun > 20, "{begun}");
    let refused = refused.expect(503);
    assert_eq!((refused.str("code").as_str(), refused.header("retry-after")), ("unavailable", Some("1")));
    assert!(
        !refused.text().contains("disk") && !refused.text().contains("gatewright.db"),
        "{}",
        refused.text()
    );
    // Who is logged in stays so, as long as nothing has to be written.
    kit.get_as(&ann.access_token, "/auth/v1/me").await.expect(200);
    kit.post("/auth/v1/login", &json!({"username": "ann"})).await.expect(503);

    fs::remove_file("ballast").unwrap();
    let again = kit.begin("ann").await;
    let done = kit.answer(&again, "password", json!({"password": PASSWORD})).await;
    kit.get_as(&Login::of(&done).access_token, "/auth/v1/me").await.expect(200);
}

/// The page that holds Ann can't be read any more. Others notice nothing.
#[tokio::test]
async fn a_spoilt_page() {
    let kit = Kit::sqlite().await;
    kit.person("ann").await;
    background::shut_down(&kit.app).await;
    let path = kit.folder.path().join("gatewright.db");
    let bytes = fs::read(&path).unwrap();
    let file = fs::OpenOptions::new().write(true).open(&path).unwrap();
    for (number, page) in bytes.chunks(4_096).enumerate() {
        if page.windows(11).any(|text| text == b"ann Example") {
            file.write_all_at(&[0xa5; 4_096], number as u64 * 4_096).unwrap();
        }
    }
    let kit = kit.restarted(Plugins::linked(), "").await;
    let told = kit.post("/auth/v1/login", &json!({"username": "ann"})).await.expect(500);
    assert_eq!(told.str("code"), "internal_error");
    assert!(!told.text().contains("malformed"), "{}", told.text());
    kit.post("/auth/v1/login", &json!({"username": "bob"})).await.expect(200);
}
