use super::*;
use crate::store::suite::Folder;
use rustix::{
    process::{Signal, Uid, geteuid, getpid, kill_process},
    thread::set_thread_res_uid,
};
use std::{
    fs,
    io::{Read as _, Write as _},
    os::unix::{
        fs::{FileTypeExt, PermissionsExt},
        net::{UnixListener, UnixStream},
    },
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};
use tokio::sync::{Semaphore, watch};

/// Reloads `own` once it is let; SIGHUP, which every test here hears, is counted apart.
struct Fake {
    gate: Semaphore,
    begun: AtomicUsize,
    done: AtomicUsize,
    all: Semaphore,
    wanted: Mutex<Vec<Wanted>>,
}

impl Reload for Fake {
    fn reload<'a>(&'a self, wanted: &'a Wanted) -> BoxFut<'a, Reloaded> {
        Box::pin(async move {
            let Some(plugin) = wanted.plugin.as_deref() else {
                self.all.add_permits(1);
                return Reloaded { notes: vec!["all".to_owned()], ..Reloaded::default() };
            };
            self.wanted.lock().expect("is whole").push(wanted.clone());
            self.begun.fetch_add(1, Ordering::SeqCst);
            let permit = self.gate.acquire().await;
            drop(permit);
            self.done.fetch_add(1, Ordering::SeqCst);
            match plugin {
                "own" => Reloaded {
                    swapped: vec!["own: 1 is 2 now".to_owned()],
                    notes: vec!["one line more".to_owned()],
                    failed: Vec::new(),
                },
                "panics" => panic!("as it should"),
                other => Reloaded { failed: vec![format!("there is no {other}")], ..Reloaded::default() },
            }
        })
    }

    fn running(&self) -> Vec<RunningPlugin> {
        vec![running()]
    }
}

fn running() -> RunningPlugin {
    RunningPlugin {
        id: "own".to_owned(),
        version: "1.0.0".to_owned(),
        generation: Some("00ff".to_owned()),
        mode: Some("isolated".to_owned()),
        process: Some(7),
        since: Some(Timestamp(9)),
    }
}

/// A host on this folder, and what stops it.
fn host(data: &Path, open: usize) -> (Arc<Fake>, watch::Sender<bool>) {
    let (stop, stopped) = watch::channel(false);
    let [begun, done] = [0; 2].map(AtomicUsize::new);
    let [gate, all] = [open, 0].map(Semaphore::new);
    let fake = Arc::new(Fake { gate, begun, done, all, wanted: Mutex::default() });
    start(data, fake.clone(), hangup().expect("hears signals"), &stopped);
    (fake, stop)
}

fn data(folder: &Folder, name: &str) -> PathBuf {
    let path = folder.path(name);
    fs::create_dir_all(&path).expect("a folder");
    path
}

async fn told(data: &Path, request: &Request) -> Result<(bool, Vec<Told>), ControlError> {
    let mut all = Vec::new();
    let well = ask(data, request, &mut |one| all.push(one)).await?;
    Ok((well, all))
}

fn reload(plugin: &str) -> Request {
    Request::Reload { plugin: Some(plugin.to_owned()), changed_traits: false }
}

#[tokio::test]
async fn an_operator_reloads() {
    let folder = Folder::new();
    let data = data(&folder, "data");
    let (_fake, stop) = host(&data, 1);
    let socket = data.join("control.sock");
    assert_eq!(fs::metadata(&socket).expect("is there").permissions().mode() & 0o777, 0o600);
    let (well, lines) = told(&data, &reload("own")).await.expect("answers");
    let line = |text: &str| Told::Line(text.to_owned());
    let swapped = Told::Swapped("own: 1 is 2 now".to_owned());
    assert_eq!((well, lines), (true, vec![swapped, line("one line more")]));
    let (well, lines) = told(&data, &reload("other")).await.expect("answers");
    assert_eq!((well, lines), (false, vec![Told::Reason("there is no other".to_owned())]));
    let (well, lines) = told(&data, &reload("panics")).await.expect("answers");
    assert!(!well && matches!(lines.as_slice(), [Told::Reason(_)]), "{lines:?}");
    let (well, lines) = told(&data, &Request::Plugins {}).await.expect("answers");
    assert_eq!((well, lines), (true, vec![Told::Plugin(running())]));
    stop.send(true).expect("is heard");
    while socket.exists() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn without_a_server_it_is_said_what_to_do() {
    let folder = Folder::new();
    let data = data(&folder, "data");
    let missing = told(&folder.path("nowhere"), &reload("own")).await.expect_err("nobody is there");
    assert!(matches!(missing, ControlError::NotRunning(_)), "{missing}");
    // One that ended without saying so.
    drop(UnixListener::bind(data.join("control.sock")).expect("binds"));
    let gone = told(&data, &reload("own")).await.expect_err("nobody is there").to_string();
    assert!(gone.contains("no server runs on the data folder") && gone.contains("GATEWRIGHT_DATA"), "{gone}");
    let (_fake, _stop) = host(&data, 1);
    assert!(told(&data, &reload("own")).await.expect("took its place").0);
}

#[tokio::test]
async fn the_second_host_on_a_folder_leaves_the_first_its_socket() {
    let folder = Folder::new();
    let data = data(&folder, "data");
    let (first, stop) = host(&data, 1);
    let (second, other_stop) = host(&data, 1);
    assert!(told(&data, &reload("own")).await.expect("answers").0);
    let done = |fake: &Fake| fake.done.load(Ordering::SeqCst);
    assert_eq!((done(&first), done(&second)), (1, 0));
    other_stop.send(true).expect("is heard");
    assert!(told(&data, &reload("own")).await.expect("answers").0);
    drop(stop);
}

#[tokio::test]
async fn what_is_no_socket_is_left_alone() {
    let folder = Folder::new();
    let data = data(&folder, "data");
    fs::write(data.join("control.sock"), "mine").expect("writes");
    let (_fake, stop) = host(&data, 1);
    told(&data, &reload("own")).await.expect_err("nobody listens");
    stop.send(true).expect("is heard");
    tokio::task::yield_now().await;
    assert_eq!(fs::read_to_string(data.join("control.sock")).expect("is there"), "mine");
}

#[tokio::test]
async fn a_long_path_is_no_hindrance() {
    let folder = Folder::new();
    let data = data(&folder, &["a-name-of-thirty-characters-and"; 5].join("/"));
    let (_fake, _stop) = host(&data, 1);
    assert!(data.as_os_str().len() > 150);
    let kind = fs::symlink_metadata(data.join("control.sock")).expect("is there").file_type();
    assert!(kind.is_socket());
    assert!(told(&data, &reload("own")).await.expect("answers").0);
}

/// Writes these bytes and reads what comes, as somebody who does not know the protocol.
async fn raw(data: &Path, bytes: Vec<u8>) -> String {
    let socket = data.join("control.sock");
    let asked = tokio::task::spawn_blocking(move || {
        let mut stream = UnixStream::connect(socket).expect("connects");
        // Somebody who is sent away at once can't finish.
        let _ = stream.write_all(&bytes);
        let mut text = String::new();
        let _ = stream.read_to_string(&mut text);
        text
    });
    asked.await.expect("ends")
}

#[tokio::test]
async fn what_is_no_request_is_refused() {
    let folder = Folder::new();
    let data = data(&folder, "data");
    let (fake, _stop) = host(&data, 1);
    let long = format!("{{\"do\":\"reload\",\"plugin\":\"{}\"}}\n", "x".repeat(5_000));
    for text in ["nonsense\n", "{\"do\":\"stop\"}\n", "{\"do\":\"reload\",\"more\":1}\n", "\n", "[]\n", &long]
    {
        let said = raw(&data, text.as_bytes().to_vec()).await;
        let mut lines = said.lines();
        assert!(lines.next().is_some_and(|line| line.contains("not a request")), "{said}");
        assert_eq!((lines.next(), lines.next()), (Some("{\"done\":false}"), None));
    }
    let all = raw(&data, b"{\"do\":\"reload\"}\n".to_vec()).await;
    assert_eq!(all, "{\"line\":\"all\"}\n{\"done\":true}\n");
    assert_eq!(fake.begun.load(Ordering::SeqCst), 0);
}

/// Whoever asked goes away; what was begun is ended, and the next waits for it.
#[tokio::test]
async fn one_thing_at_a_time_and_nothing_by_halves() {
    let folder = Folder::new();
    let data = data(&folder, "data");
    let (fake, _stop) = host(&data, 0);
    let begun = |count| {
        let fake = fake.clone();
        async move {
            while fake.begun.load(Ordering::SeqCst) < count {
                tokio::task::yield_now().await;
            }
        }
    };
    let request = reload("own");
    tokio::select! {
        _ = told(&data, &request) => panic!("the gate is shut"),
        () = begun(1) => {}
    }
    let next = tokio::spawn({
        let data = data.clone();
        async move { told(&data, &reload("own")).await }
    });
    assert!(told(&data, &Request::Plugins {}).await.expect("answers meanwhile").0);
    assert_eq!(fake.begun.load(Ordering::SeqCst), 1);
    fake.gate.add_permits(1);
    assert!(next.await.expect("ends").expect("answers").0);
    assert_eq!(fake.done.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn sighup_reloads_all() {
    let folder = Folder::new();
    let (fake, _stop) = host(&data(&folder, "data"), 1);
    kill_process(getpid(), Signal::HUP).expect("is sent");
    fake.all.acquire().await.expect("is heard").forget();
}

/// Before anything serves it would end the process, or be lost.
#[tokio::test]
async fn a_sighup_during_the_start_is_obeyed_after_it() {
    let folder = Folder::new();
    let (early, mut other) = (hangup().expect("hears"), hangup().expect("hears"));
    kill_process(getpid(), Signal::HUP).expect("is sent");
    other.recv().await.expect("it has come");
    let (_stop, stopped) = watch::channel(false);
    let [gate, all] = [1, 0].map(Semaphore::new);
    let [begun, done] = [0; 2].map(AtomicUsize::new);
    let fake = Arc::new(Fake { gate, begun, done, all, wanted: Mutex::default() });
    start(&data(&folder, "data"), fake.clone(), early, &stopped);
    fake.all.acquire().await.expect("is heard").forget();
}

#[tokio::test]
async fn who_asks_and_for_what_is_handed_on() {
    let folder = Folder::new();
    let data = data(&folder, "data");
    let (fake, _stop) = host(&data, 1);
    let request = Request::Reload { plugin: Some("own".to_owned()), changed_traits: true };
    assert!(told(&data, &request).await.expect("answers").0);
    assert!(told(&data, &reload("own")).await.expect("answers").0);
    let wanted = fake.wanted.lock().expect("is whole").clone();
    assert_eq!(wanted.iter().map(|w| w.changed_traits).collect::<Vec<_>>(), [true, false]);
    assert!(wanted.iter().all(|w| w.by == By::User(geteuid().as_raw())), "{wanted:?}");
    assert_eq!(
        serde_json::to_string(&reload("own")).expect("JSON"),
        "{\"do\":\"reload\",\"plugin\":\"own\"}"
    );
}

/// The mode keeps them out; where somebody has changed it, the question who they are does.
#[tokio::test]
async fn another_user_is_sent_away() {
    if !geteuid().is_root() {
        return;
    }
    let folder = Folder::new();
    let data = data(&folder, "data");
    let (_fake, _stop) = host(&data, 1);
    let socket = data.join("control.sock");
    let as_nobody = |socket: PathBuf| {
        // The identity of a thread of its own.
        let asked = std::thread::spawn(move || {
            let nobody = Uid::from_raw(65_534);
            set_thread_res_uid(nobody, nobody, nobody).expect("gives up being root");
            let mut stream = UnixStream::connect(socket).map_err(|e| e.kind())?;
            let _ = stream.write_all(b"{\"do\":\"plugins\"}\n");
            let mut text = String::new();
            let _ = stream.read_to_string(&mut text);
            Ok::<_, std::io::ErrorKind>(text)
        });
        tokio::task::spawn_blocking(move || asked.join().expect("ends"))
    };
    let refused = as_nobody(socket.clone()).await.expect("ends");
    assert_eq!(refused, Err(std::io::ErrorKind::PermissionDenied));
    for open in [folder.path(""), data.clone(), socket.clone()] {
        fs::set_permissions(open, fs::Permissions::from_mode(0o777)).expect("opens it");
    }
    assert_eq!(as_nobody(socket.clone()).await.expect("ends"), Ok(String::new()), "not a word");
    assert!(told(&data, &Request::Plugins {}).await.expect("answers its own").0);
}
