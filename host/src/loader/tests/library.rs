//! Handshakes, and calls that end as they should or not.

use super::{built, image, sound};
use crate::loader::{Callbacks, HostReply, Instance, Library, LoadError};
use gatewright_contract::{LogLevel, wire::Status};
use std::{
    io::{Read, Write, pipe},
    os::fd::AsRawFd,
    sync::{
        Arc, Mutex,
        mpsc::{self, Receiver},
    },
};

/// A host that notes what it is asked.
#[derive(Default)]
struct Noting {
    lines: Mutex<Vec<String>>,
    /// Answers that the test gives later; without it all are given at once.
    kept: Option<Mutex<Vec<HostReply>>>,
}

impl Noting {
    fn lines(&self) -> Vec<String> {
        self.lines.lock().unwrap().clone()
    }
}

impl Callbacks for Noting {
    fn now_ms(&self) -> u64 {
        1234
    }

    fn random(&self, buffer: &mut [u8]) -> Status {
        buffer.fill(7);
        Status::Ok
    }

    fn log(&self, level: LogLevel, message: &str) {
        self.lines.lock().unwrap().push(format!("{level:?} {message}"));
    }

    fn call(&self, method: &str, args: &[u8], done: HostReply) {
        self.lines.lock().unwrap().push(format!("{method} {}", String::from_utf8_lossy(args)));
        match (args, &self.kept) {
            (b"panics", _) => panic!("a mistake in the host"),
            (b"lets go", _) => drop(done),
            (_, Some(kept)) => kept.lock().unwrap().push(done),
            (_, None) => done(Status::Ok, b"value"),
        }
    }
}

fn library() -> Library {
    Library::open(&image(sound()).unwrap()).unwrap()
}

fn instance() -> Instance {
    library().create(Arc::new(Noting::default()), b"").unwrap()
}

fn begin(instance: &Instance, method: &str, request: &[u8]) -> Receiver<(Status, Vec<u8>)> {
    let (tell, told) = mpsc::channel();
    instance.call(method, request, Box::new(move |status, reply| tell.send((status, reply)).unwrap()));
    told
}

fn call(instance: &Instance, method: &str, request: &[u8]) -> (Status, String) {
    let (status, reply) = begin(instance, method, request).recv().unwrap();
    (status, String::from_utf8_lossy(&reply).into_owned())
}

fn refused(flags: &[&str]) -> LoadError {
    Library::open(&image(&built(flags)).unwrap()).map(|_| ()).unwrap_err()
}

#[test]
fn a_sound_library_opens_and_answers() {
    let library = library();
    assert_eq!(library.manifest(), br#"{"id":"loader-test"}"#);
    let instance = library.create(Arc::new(Noting::default()), b"").unwrap();
    assert_eq!(call(&instance, "echo", b"{}"), (Status::Ok, "{}".into()));
    assert_eq!(call(&instance, "echo", b""), (Status::Ok, String::new()));
    assert_eq!(call(&instance, "fails", b""), (Status::Conflict, "somebody else was first".into()));
    assert_eq!(call(&instance, "unheard", b""), (Status::UnknownMethod, "unheard".into()));
    assert_eq!(instance.strays(), 0);
}

#[test]
fn what_shakes_hands_wrongly_is_refused_with_the_reason() {
    assert!(matches!(refused(&["-DSYMBOL=something_else"]), LoadError::NoSymbol));
    assert!(matches!(refused(&["-DMAJOR=2"]), LoadError::Abi { wants: 2, speaks: 1 }));
    for (flags, what) in [
        ("-DNULL_TABLE", "it is null"),
        ("-DMAGIC=0x1", "it begins with 0x1, not 0x54475747"),
        ("-DSIZE=40", "it has 40 bytes, not 48 or more"),
        ("-DFLAGS=4", "its flags are 0x4"),
        ("-DNULL_CALL", "one of its functions is null"),
        ("-DHUGE_MANIFEST", "its manifest has 1099511627776 bytes"),
    ] {
        let LoadError::Handshake(why) = refused(&[flags]) else { panic!("{flags}") };
        assert!(why.contains(what), "{flags}: {why}");
    }
    // Another major may have another shape: nothing behind it is believed.
    assert!(matches!(refused(&["-DMAJOR=9", "-DSIZE=1", "-DNULL_CALL"]), LoadError::Abi { .. }));
    assert!(Library::open(&image(&built(&["-DSIZE=480"])).unwrap()).is_ok(), "a later minor has more");
}

#[test]
fn what_the_linker_refuses_says_what_it_misses() {
    let source = super::SOURCE.replace("static void destroy", "void absent(void);\nstatic void destroy");
    let source = source.replace("free(instance);\n}", "absent();\n}");
    let folder = super::Folder::new();
    let bytes = std::fs::read(folder.compile(&source, &[])).unwrap();
    let Err(LoadError::Link(why)) = Library::open(&image(&bytes).unwrap()) else { panic!() };
    assert_eq!(why, "undefined symbol: absent");
}

/// The linker knows what is open by its path, and a descriptor's number is used again.
#[test]
fn a_library_is_never_taken_for_an_earlier_one() {
    for name in ["one", "two", "three"] {
        let library = Library::open(&image(&built(&[&format!("-DNAME=\"{name}\"")])).unwrap()).unwrap();
        assert_eq!(library.manifest(), format!(r#"{{"id":"{name}"}}"#).as_bytes());
    }
}

#[test]
fn create_must_say_so_and_may_refuse() {
    let create = |config: &[u8]| library().create(Arc::new(Noting::default()), config).map(|_| ());
    let Err(LoadError::Config { key, message }) = create(b"refuses") else { panic!() };
    assert_eq!((key.as_str(), message.as_str()), ("digits", "at most 8"));
    for (config, what) in
        [("silent", "did not complete"), ("null", "gives no instance"), ("fails", "no luck")]
    {
        let Err(LoadError::Begin(why)) = create(config.as_bytes()) else { panic!("{config}") };
        assert!(why.contains(what), "{why}");
    }
    let Err(LoadError::Config { message, .. }) = create(&vec![b' '; (1 << 20) + 1]) else { panic!() };
    assert!(message.contains("1048577 bytes"), "{message}");
    let twice = library().create(Arc::new(Noting::default()), b"twice").unwrap();
    assert_eq!(twice.strays(), 1);
    assert_eq!(call(&twice, "echo", b"x").1, "x");
}

#[test]
fn what_ends_twice_or_never_was_is_counted_and_ignored() {
    let instance = instance();
    assert_eq!(call(&instance, "twice", b"").1, "first");
    assert_eq!(instance.strays(), 1);
    assert_eq!(call(&instance, "forges", b"").1, "own");
    assert_eq!(instance.strays(), 4);
    // A ticket that it was not told of yet is not its own to end.
    let (tell, told) = mpsc::channel();
    let (first, second) = (tell.clone(), tell);
    let early = instance.expect(Box::new(move |_, reply| first.send(reply).unwrap()));
    let next = instance.expect(Box::new(move |_, reply| second.send(reply).unwrap()));
    assert_eq!(next.number, early.number.wrapping_add(1));
    instance.begin(early, "forges", b"");
    assert_eq!(told.recv().unwrap(), b"own");
    assert!(told.try_recv().is_err());
    instance.begin(next, "echo", b"asked");
    assert_eq!(told.recv().unwrap(), b"asked");
    assert_eq!(instance.strays(), 7);
}

#[test]
fn two_instances_do_not_share_tickets() {
    let library = library();
    let create = || library.create(Arc::new(Noting::default()), b"").unwrap();
    let (one, two) = (create(), create());
    // It is one library: it has noted the ticket of the one and ends it with the table of the other.
    let kept = begin(&one, "keeps", b"");
    assert_eq!(call(&two, "ends-kept", b"").1, "own");
    assert!(kept.try_recv().is_err());
    assert_eq!((one.strays(), two.strays()), (0, 1));
}

#[test]
fn a_reply_that_is_too_large_is_an_error_and_one_that_just_fits_is_not() {
    let instance = instance();
    let (status, why) = call(&instance, "large", b"");
    assert_eq!(status, Status::Unavailable);
    assert!(why.contains("1048577 bytes; 1048576 are allowed"), "{why}");
    let (status, reply) = begin(&instance, "largest", b"").recv().unwrap();
    assert_eq!((status, reply.len()), (Status::Ok, 1 << 20));
    let (status, why) = call(&instance, "echo", &vec![0; (1 << 20) + 1]);
    assert_eq!(status, Status::Internal);
    assert!(why.contains("1048577 bytes"), "{why}");
}

#[test]
fn a_call_may_end_later_on_another_thread() {
    let instance = instance();
    let (read, mut write) = pipe().unwrap();
    let told = begin(&instance, "later", read.as_raw_fd().to_string().as_bytes());
    assert!(told.try_recv().is_err());
    assert_eq!(call(&instance, "echo", b"meanwhile").1, "meanwhile");
    write.write_all(b"x").unwrap();
    assert_eq!(told.recv().unwrap(), (Status::Ok, b"later".to_vec()));
}

#[test]
fn a_call_that_was_forgotten_ends_nowhere() {
    let instance = instance();
    let (tell, told) = mpsc::channel::<()>();
    let ticket = instance.expect(Box::new(move |_, _| tell.send(()).unwrap()));
    instance.begin(ticket, "keeps", b"");
    ticket.forget();
    assert!(told.recv().is_err(), "who waited was let go");
    assert_eq!(call(&instance, "ends-kept", b"").1, "own");
    assert_eq!(instance.strays(), 1);
    // Forgotten before it began: the plugin never hears of it.
    let ticket = instance.expect(Box::new(|_, _| panic!("nobody waits")));
    ticket.forget();
    instance.begin(ticket, "echo", b"");
    assert_eq!(instance.strays(), 1);
}

#[test]
fn it_reaches_the_host_through_the_table() {
    let host = Arc::new(Noting::default());
    let instance = library().create(host.clone(), b"").unwrap();
    assert_eq!(call(&instance, "logs", b"careful"), (Status::Ok, String::new()));
    assert_eq!(call(&instance, "random", b""), (Status::Ok, "\u{7}".repeat(8)));
    assert_eq!(call(&instance, "asks", b"{}"), (Status::Ok, "value".into()));
    assert_eq!(host.lines(), ["Warn careful", "kv.get {}"]);
    assert_eq!(call(&instance, "logs", &[b'x'; 10_000]).0, Status::Ok);
    assert_eq!(host.lines()[2].len(), "Warn ".len() + 8_192);
    let (status, why) = call(&instance, "asks-too-much", b"");
    assert_eq!(status, Status::BadRequest);
    assert!(why.contains("1 MiB"), "{why}");
}

#[test]
fn a_mistake_in_the_host_does_not_unwind_into_the_plugin_and_it_is_told_something() {
    let instance = instance();
    for args in ["panics", "lets go"] {
        let told = call(&instance, "asks", args.as_bytes());
        assert_eq!(told, (Status::Unavailable, "the host could not answer".into()), "{args}");
    }
    let (tell, told) = mpsc::channel();
    instance.call(
        "twice",
        b"",
        Box::new(move |_, _| {
            tell.send(()).unwrap();
            panic!("a mistake in the host")
        }),
    );
    assert!(told.recv().is_ok());
    assert_eq!(call(&instance, "echo", b"on").1, "on");
}

#[test]
fn an_instance_is_destroyed_unless_something_of_it_is_under_way() {
    let destroyed = |end: fn(&Instance)| {
        let (mut read, write) = pipe().unwrap();
        let host = Arc::new(Noting { kept: Some(Mutex::default()), ..Noting::default() });
        let config = write.as_raw_fd().to_string();
        let instance = library().create(host.clone(), config.as_bytes()).unwrap();
        end(&instance);
        drop(instance);
        // A plugin that was left as it is does not keep the host.
        let left = host.kept.as_ref().unwrap().lock().unwrap().len();
        assert_eq!(Arc::strong_count(&host), 1);
        drop(write);
        let mut written = Vec::new();
        read.read_to_end(&mut written).unwrap();
        (written == b"d", left)
    };
    assert_eq!(destroyed(|_| {}), (true, 0));
    assert_eq!(destroyed(|i| assert_eq!(call(i, "echo", b"x").1, "x")), (true, 0));
    assert_eq!(destroyed(|i| drop(begin(i, "never", b""))), (false, 0));
    assert_eq!(destroyed(|i| drop(begin(i, "asks", b""))), (false, 1));
    assert_eq!(
        destroyed(|i| {
            let ticket = i.expect(Box::new(|_, _| {}));
            i.begin(ticket, "never", b"");
            ticket.forget();
        }),
        (false, 0)
    );
    assert_eq!(
        destroyed(|i| {
            let ticket = i.expect(Box::new(|_, _| {}));
            i.begin(ticket, "keeps", b"");
            ticket.forget();
            assert_eq!(call(i, "ends-kept", b"").1, "own");
        }),
        (true, 0)
    );
}
