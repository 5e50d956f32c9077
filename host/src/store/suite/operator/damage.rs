//! Files that a disk or somebody has spoilt, and places that can't be written.

use super::{at, connected, filled, sqlite};
use crate::store::{
    Access, OpenError, open,
    operator::status,
    suite::sample::{Folder, Sample},
};
use gatewright_core::{
    audit::Filter,
    store::{StoreError, Write},
};
use std::{
    fs::{self, OpenOptions},
    os::unix::fs::FileExt,
    path::Path,
    process::Command,
};

/// Overwrites the page where a table begins.
async fn spoil(path: &Path, table: &'static str) {
    let mut connection = connected(path).await;
    let page: i64 = sqlx::query_scalar("SELECT rootpage FROM sqlite_schema WHERE name = $1")
        .bind(table)
        .fetch_one(&mut connection)
        .await
        .expect("is there");
    sqlx::Connection::close(connection).await.expect("closes");
    let file = OpenOptions::new().write(true).open(path).expect("opens");
    file.write_all_at(&[0xa5; 4096], (page.unsigned_abs() - 1) * 4096).expect("writes");
}

async fn not_opened(path: &Path) -> String {
    match open(&sqlite(path), Access::Host).await {
        Ok(_) => panic!("opened"),
        Err(error) => error.to_string(),
    }
}

#[tokio::test]
async fn a_missing_end_is_missed_at_the_start() {
    let folder = Folder::new();
    let path = folder.path("gatewright.db");
    filled(&sqlite(&path)).await;
    let length = path.metadata().expect("is there").len();
    OpenOptions::new().write(true).open(&path).expect("opens").set_len(length - 5_000).expect("is cut");
    let text = not_opened(&path).await;
    let words = format!(
        "gatewright.db is damaged: 5000 of its {length} bytes are missing at the end; stop, keep the file as it is, and `gatewright restore` the last backup"
    );
    assert!(text.ends_with(&words), "{text}");
    assert_eq!(path.metadata().expect("is there").len(), length - 5_000, "the file stays as it is");
    let found = status(&sqlite(&path)).await;
    let said = found.map(|found| found.damage.expect("is named")).unwrap_or_else(|error| error.to_string());
    assert!(said.contains("malformed") || said.contains("page"), "{said}");
}

#[tokio::test]
async fn a_spoilt_page_is_told_by_who_reads_it_and_by_status() {
    let folder = Folder::new();
    let path = folder.path("gatewright.db");
    let s = filled(&sqlite(&path)).await;
    spoil(&path, "audit").await;
    let s = Sample { store: at(&sqlite(&path)).await, ..s };
    match s.store.audit(&s.tenant, &Filter::before(None), 9).await {
        Err(StoreError::Broken(text, _)) => {
            assert!(text.contains("database disk image is malformed"), "{text}")
        }
        other => panic!("{other:?}"),
    }
    // Nothing is written beside it, and what is whole is read.
    let refused = s.commit(vec![Write::Audit(s.event("test.late"))]).await;
    assert!(matches!(refused, Err(StoreError::Broken(..))), "{refused:?}");
    assert!(s.store.tenant(&s.tenant).await.expect("answers").is_some());
    let found = status(&sqlite(&path)).await.expect("answers");
    let damage = found.damage.expect("is named");
    assert_eq!(damage, "database disk image is malformed; table audit can't be read");
    s.store.close().await;
}

#[tokio::test]
async fn after_a_host_that_was_killed_the_file_is_looked_over() {
    let folder = Folder::new();
    let (path, killed) = (folder.path("gatewright.db"), folder.path("killed.db"));
    let s = filled(&sqlite(&path)).await;
    let host = Sample { store: at(&sqlite(&path)).await, ..s.clone() };
    host.put(vec![Write::Audit(s.event("test.late"))]).await;
    let take = || {
        for ending in ["", "-wal"] {
            let of = |path: &Path| format!("{}{ending}", path.display());
            fs::copy(of(&path), of(&killed)).expect("copies");
        }
    };
    take();
    let whole = at(&sqlite(&killed)).await;
    let lines = whole.audit(&s.tenant, &Filter::before(None), 1).await.expect("answers");
    assert_eq!(lines[0].event.kind, "test.late", "nothing is lost");
    whole.close().await;

    take();
    let file = OpenOptions::new().write(true).open(&killed).expect("opens");
    let length = killed.metadata().expect("is there").len();
    file.write_all_at(&vec![0xa5; 40_960], length / 2 / 4_096 * 4_096).expect("writes");
    let text = not_opened(&killed).await;
    assert!(
        text.contains("killed.db is damaged: ") && text.contains("`gatewright restore` the last backup"),
        "{text}"
    );
    host.store.close().await;
}

/// Runs a test of this program in a folder on a small file system of its own, which `readied` prepares. `false`
/// where this machine does not let us mount one.
#[allow(clippy::print_stderr, reason = "a test that was not run says so")]
fn on_a_file_system(readied: &str, test: &str) -> bool {
    let folder = Folder::new();
    let program = std::env::current_exe().expect("this program");
    let user = Command::new("id").arg("-u").output().expect("runs");
    let flags = if user.stdout.starts_with(b"0\n") { "-m" } else { "-rm" };
    let script = format!(
        "mount -t tmpfs -o size=1500k,mode=700 tmpfs \"$1\" && cd \"$1\" || exit 77
         {readied}
         exec \"$2\" --exact --ignored --nocapture \"$3\""
    );
    let done = Command::new("unshare")
        .args([flags, "sh", "-c", &script, "sh"])
        .arg(folder.as_ref())
        .arg(program)
        .arg(format!("store::suite::operator::damage::{test}"))
        .output()
        .expect("runs unshare");
    let said = String::from_utf8_lossy(&done.stderr).into_owned() + &String::from_utf8_lossy(&done.stdout);
    if done.status.code() == Some(77) || said.contains("unshare failed") {
        eprintln!("SKIPPED {test}: this machine lets us mount nothing: {said}");
        return false;
    }
    assert!(done.status.success() && said.contains("1 passed"), "{said}");
    true
}

#[test]
fn a_disk_that_is_full() {
    on_a_file_system("head -c 400000 /dev/zero >ballast", "within_a_full_disk");
}

#[tokio::test]
#[ignore = "a_disk_that_is_full runs it where a disk is full"]
async fn within_a_full_disk() {
    let path = Path::new("gatewright.db");
    let s = Sample::new(at(&sqlite(path)).await);
    let document = |number: usize| Write::DocumentPut {
        plugin: "p".to_owned(),
        tenant: s.tenant.clone(),
        key: number.to_string(),
        expect: None,
        value: vec![1; 4_000],
        expires: None,
        now: s.now,
    };
    let both = |number| vec![document(number), document(number + 10_000), Write::Audit(s.event("test.put"))];
    let mut written = 0;
    let refused = loop {
        match s.commit(both(written)).await {
            Ok(()) => written += 1,
            Err(error) => break error,
        }
    };
    assert!(matches!(refused, StoreError::Unavailable(_)), "{refused:?}");
    let there = async |number: usize| {
        s.store.document("p", &s.tenant, &number.to_string(), s.now).await.expect("reads go on").is_some()
    };
    assert!(written > 20 && there(0).await && there(written - 1).await && there(written + 9_999).await);
    assert!(!there(written).await && !there(written + 10_000).await, "nothing is half-written");
    for _ in 0..3 {
        assert!(matches!(s.commit(both(written)).await, Err(StoreError::Unavailable(_))));
    }
    fs::remove_file("ballast").expect("makes room");
    s.put(both(written)).await;
    assert!(there(written).await && there(written + 10_000).await);
    let lines = s.store.audit_from(&s.tenant, 0, 10_000).await.expect("answers");
    assert_eq!(lines.len(), written + 1);
    s.store.close().await;
    let found = status(&sqlite(path)).await.expect("answers");
    assert_eq!(found.damage, None);
}

#[test]
fn a_folder_that_can_only_be_read() {
    on_a_file_system("mount -o remount,ro .", "within_a_folder_that_can_only_be_read");
}

#[tokio::test]
#[ignore = "a_folder_that_can_only_be_read runs it in such a folder"]
async fn within_a_folder_that_can_only_be_read() {
    let text = not_opened(Path::new("gatewright.db")).await;
    assert!(
        text.contains("can't be opened for writing: Read-only file system")
            && text.ends_with("give the user that runs this program the right to write the file and its folder, or choose another place for the database"),
        "{text}"
    );
    let text = not_opened(Path::new("data/gatewright.db")).await;
    assert!(text.contains("data can't be made: Read-only file system"), "{text}");
}

/// The folder can be written, the file can't: it lies under a mount that only reads.
#[test]
fn a_file_that_can_only_be_read() {
    let readied = "touch gatewright.db && mount --bind gatewright.db gatewright.db && mount -o remount,bind,ro gatewright.db || exit 77";
    on_a_file_system(readied, "within_a_folder_with_a_file_that_can_only_be_read");
}

#[tokio::test]
#[ignore = "a_file_that_can_only_be_read runs it beside such a file"]
async fn within_a_folder_with_a_file_that_can_only_be_read() {
    let error = open(&sqlite(Path::new("gatewright.db")), Access::Host).await.err().expect("is refused");
    assert!(matches!(error, OpenError::File { .. }), "{error:?}");
    let text = error.to_string();
    assert!(text.contains("gatewright.db can't be opened for writing: Read-only file system"), "{text}");
}
