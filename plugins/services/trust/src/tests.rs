use crate::{Config, Store, TrustPlugin};
use data_encoding::BASE64;
use gatewright_contract::{
    BoxFut, Fault, Host, HostServices, LogLevel, TenantId, Timestamp, Versioned, testing::Desk,
};
use gatewright_core::service::Service;
use gatewright_plugin::{Health, Plugin};
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, CertifiedIssuer, IsCa, KeyIdMethod,
    KeyPair, KeyUsagePurpose, SerialNumber, date_time_ymd,
};
use serde_json::{Value, json};
use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

/// A host whose clock can be moved.
struct Clock(AtomicI64, Desk);

impl Clock {
    fn new() -> Arc<Self> {
        Arc::new(Self(AtomicI64::new(1_800_000_000), Desk::counting(Timestamp::from_secs(0))))
    }
}

impl HostServices for Clock {
    fn now(&self) -> Timestamp {
        Timestamp::from_secs(self.0.load(Ordering::SeqCst))
    }
    fn random(&self, buffer: &mut [u8]) -> Result<(), Fault> {
        self.1.random(buffer)
    }
    fn log(&self, _: LogLevel, _: &str) {}
    fn kv_get<'a>(
        &'a self,
        t: &'a TenantId,
        k: &'a str,
    ) -> BoxFut<'a, Result<Option<Versioned<Vec<u8>>>, Fault>> {
        self.1.kv_get(t, k)
    }
    fn kv_cas<'a>(
        &'a self,
        t: &'a TenantId,
        k: &'a str,
        expect: Option<u64>,
        value: &'a [u8],
        ttl: Option<Duration>,
    ) -> BoxFut<'a, Result<u64, Fault>> {
        self.1.kv_cas(t, k, expect, value, ttl)
    }
    fn run<'a>(&'a self, work: Box<dyn FnOnce() + Send>) -> BoxFut<'a, Result<(), Fault>> {
        self.1.run(work)
    }
    fn call<'a>(&'a self, method: &'a str, args: Value) -> BoxFut<'a, Result<Value, Fault>> {
        self.1.call(method, args)
    }
}

/// A folder that goes with the test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("gatewright-trust-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, content).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn ca() -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

fn crl(ca: &CertifiedIssuer<'static, KeyPair>, number: u64) -> rcgen::CertificateRevocationList {
    let params = CertificateRevocationListParams {
        this_update: date_time_ymd(2027, 1, 1),
        next_update: date_time_ymd(2027, 2, 1),
        crl_number: SerialNumber::from(number),
        issuing_distribution_point: None,
        revoked_certs: Vec::new(),
        key_identifier_method: KeyIdMethod::Sha256,
    };
    params.signed_by(ca).unwrap()
}

fn plugin(roots: Vec<PathBuf>, crls: Vec<PathBuf>, clock: &Arc<Clock>) -> Result<TrustPlugin, Fault> {
    let host: Host = clock.clone();
    TrustPlugin::new(Config { stores: [("people".to_owned(), Store { roots, crls })].into() }, &host)
}

async fn read(plugin: &TrustPlugin, known: Option<u64>) -> Value {
    plugin.call("trust.read", json!({"store": "people", "known": known})).await.expect("an answer")
}

#[tokio::test]
async fn roots_and_lists_are_read_in_both_forms() {
    let (folder, clock, ca) = (Folder::new("forms"), Clock::new(), ca());
    let list = crl(&ca, 1);
    let pem = folder.write("ca.pem", ca.pem());
    let der = folder.write("ca.der", ca.der());
    let lists = [folder.write("a.crl", list.pem().unwrap()), folder.write("b.crl", list.der())];
    let plugin = plugin(vec![pem, der], lists.to_vec(), &clock).expect("a store");
    let told = read(&plugin, None).await;
    let root = BASE64.encode(ca.der());
    assert_eq!((&told["revision"], &told["roots"]), (&json!(1), &json!([root, root])));
    assert_eq!(told["crls"].as_array().map(Vec::len), Some(2));
    assert_eq!(read(&plugin, Some(1)).await, json!({"revision": 1}), "who has it is not told again");
    assert!(plugin.call("trust.read", json!({"store": "others"})).await.is_err());
}

#[tokio::test]
async fn a_new_list_is_read_within_a_second_and_a_broken_one_changes_nothing() {
    let (folder, clock, ca) = (Folder::new("again"), Clock::new(), ca());
    let root = folder.write("ca.pem", ca.pem());
    let path = folder.write("list.crl", crl(&ca, 1).der());
    let plugin = plugin(vec![root], vec![path.clone()], &clock).expect("a store");
    let first = read(&plugin, None).await;
    folder.write("list.crl", [crl(&ca, 2).pem().unwrap(), crl(&ca, 3).pem().unwrap()].concat());
    assert_eq!(read(&plugin, None).await, first, "not before a second has gone by");
    clock.0.fetch_add(1, Ordering::SeqCst);
    let second = read(&plugin, Some(1)).await;
    assert_eq!((&second["revision"], second["crls"].as_array().map(Vec::len)), (&json!(2), Some(2)));
    assert_eq!(plugin.health().await, Health::Ok);

    for broken in [&b""[..], b"-----BEGIN X509 CRL-----\nAAAA", b"\x30\x03\x02\x01\x01"] {
        folder.write("list.crl", broken);
        clock.0.fetch_add(1, Ordering::SeqCst);
        assert_eq!(read(&plugin, Some(2)).await, json!({"revision": 2}));
        assert!(matches!(plugin.health().await, Health::Degraded(_)));
    }
    std::fs::remove_file(&path).unwrap();
    clock.0.fetch_add(1, Ordering::SeqCst);
    assert_eq!(read(&plugin, Some(2)).await, json!({"revision": 2}));
    assert!(matches!(plugin.health().await, Health::Degraded(_)));
}

#[test]
fn a_file_that_can_not_be_used_stops_the_start() {
    let (folder, clock, ca) = (Folder::new("wrong"), Clock::new(), ca());
    let root = folder.write("ca.pem", ca.pem());
    let key = |roots, crls| match plugin(roots, crls, &clock).err() {
        Some(Fault::Config { key, .. }) => key,
        other => panic!("{other:?}"),
    };
    assert_eq!(key(vec![], vec![]), "stores.people.roots");
    assert_eq!(key(vec![root.clone(), folder.0.join("nowhere")], vec![]), "stores.people.roots.1");
    assert_eq!(key(vec![folder.0.clone()], vec![]), "stores.people.roots.0");
    assert_eq!(key(vec![folder.write("half.der", &ca.der()[..100])], vec![]), "stores.people.roots.0");
    assert_eq!(key(vec![root.clone()], vec![root.clone()]), "stores.people.crls.0");
    let long = folder.write("long.crl", vec![0x30; 16 * 1024 * 1024 + 1]);
    assert_eq!(key(vec![root], vec![long]), "stores.people.crls.0");
}
