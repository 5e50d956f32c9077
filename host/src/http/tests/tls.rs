//! TLS with real certificates, made here.

use std::{path::PathBuf, sync::Arc};

use rcgen::{BasicConstraints, Certificate, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::{
    ClientConfig, RootCertStore,
    crypto::aws_lc_rs,
    pki_types::{PrivateKeyDer, ServerName},
};
use tokio::net::TcpStream;
use tokio_rustls::{TlsConnector, client::TlsStream};

use super::super::{TlsConfig, tls::load};
use super::kit::{Client, Server, config, start_with};
use super::multiplexed;

/// A directory of its own, gone at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("gatewright-http-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn write(&self, name: &str, text: &str, mode: u32) -> PathBuf {
        use std::os::unix::fs::PermissionsExt;
        let path = self.0.join(name);
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

struct Authority {
    root: Certificate,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let root = params.clone().self_signed(&key).unwrap();
        Self { root, issuer: Issuer::new(params, key) }
    }

    fn issue(&self, name: &str) -> (Certificate, KeyPair) {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        (params.signed_by(&key, &self.issuer).unwrap(), key)
    }
}

/// A server with a certificate of `authority`, which asks for client certificates of the same.
async fn server(folder: &Folder, authority: &Authority) -> Server {
    let (cert, key) = authority.issue("localhost");
    let tls = TlsConfig {
        cert: Some(folder.write("cert.pem", &cert.pem(), 0o644)),
        key: Some(folder.write("key.pem", &key.serialize_pem(), 0o600)),
        client_roots: Some(folder.write("roots.pem", &authority.root.pem(), 0o644)),
    };
    let loaded = load(&tls).unwrap();
    assert_eq!(loaded.warnings, [""; 0]);
    start_with(config(), Some(loaded.config)).await
}

async fn connect(
    server: &Server,
    trust: &Authority,
    show: Option<(Certificate, KeyPair)>,
    alpn: &[&[u8]],
) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(trust.root.der().clone()).unwrap();
    let builder = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots);
    let mut config = match show {
        None => builder.with_no_client_auth(),
        Some((cert, key)) => {
            let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
            builder.with_client_auth_cert(vec![cert.der().clone()], key).unwrap()
        }
    };
    config.alpn_protocols = alpn.iter().map(|p| p.to_vec()).collect();
    let stream = TcpStream::connect(server.address).await?;
    TlsConnector::from(Arc::new(config)).connect(ServerName::try_from("localhost").unwrap(), stream).await
}

async fn who(stream: TlsStream<TcpStream>) -> super::kit::Answer {
    let mut client = Client::new(stream);
    client.send("GET /who HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
    client.answer().await
}

#[tokio::test]
async fn a_client_certificate_is_seen_and_none_is_fine() {
    let (folder, authority) = (Folder::new("mutual"), Authority::new());
    let server = server(&folder, &authority).await;
    let shown = connect(&server, &authority, Some(authority.issue("client")), &[]).await.unwrap();
    let answer = who(shown).await;
    assert!(answer.body.ends_with("certificates=1"), "{}", answer.body);
    assert!(answer.body.contains("secure=true"));
    assert_eq!(answer.header("strict-transport-security"), Some("max-age=31536000"));

    let silent = connect(&server, &authority, None, &[b"http/1.1"]).await.unwrap();
    assert!(who(silent).await.body.ends_with("certificates=0"));
}

#[tokio::test]
async fn a_certificate_of_somebody_else_does_not_get_in() {
    let (folder, authority) = (Folder::new("stranger"), Authority::new());
    let server = server(&folder, &authority).await;
    let stranger = Authority::new().issue("client");
    // In TLS 1.3 the client is done before the server has judged: the refusal arrives with the first read.
    if let Ok(stream) = connect(&server, &authority, Some(stranger), &[]).await {
        let mut client = Client::new(stream);
        use tokio::io::AsyncWriteExt;
        let _ = client.stream.write_all(b"GET /who HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
        assert!(client.closed_within(std::time::Duration::from_secs(1)).await);
    }
}

#[tokio::test]
async fn a_client_certificate_counts_as_something_that_the_browser_adds() {
    let (folder, authority) = (Folder::new("ambient"), Authority::new());
    let server = server(&folder, &authority).await;
    let request =
        "POST /echo HTTP/1.1\r\nHost: localhost\r\nOrigin: https://evil.example\r\nContent-Length: 0\r\n\r\n";
    for (show, status) in [(Some(authority.issue("client")), 403), (None, 200)] {
        let mut client = Client::new(connect(&server, &authority, show, &[]).await.unwrap());
        client.send(request).await;
        assert_eq!(client.answer().await.status, status);
    }
}

#[tokio::test]
async fn http2_is_agreed_on_in_the_handshake() {
    let (folder, authority) = (Folder::new("alpn"), Authority::new());
    let server = server(&folder, &authority).await;
    let mut stream = connect(&server, &authority, None, &[b"h2", b"http/1.1"]).await.unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(b"h2".as_slice()));
    let answer = multiplexed::ask(&mut stream, &multiplexed::get(1, "/hello", "localhost")).await;
    assert_eq!(answer[0], 0x88, "status 200");
}

#[tokio::test]
async fn plain_http_to_the_tls_port_is_closed() {
    let (folder, authority) = (Folder::new("plain"), Authority::new());
    let server = server(&folder, &authority).await;
    let mut client = server.connect().await;
    client.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n").await;
    let mut all = Vec::new();
    use tokio::io::AsyncReadExt;
    let _ = client.stream.read_to_end(&mut all).await;
    assert!(!all.starts_with(b"HTTP"), "{all:?}");
}

#[tokio::test]
async fn a_handshake_that_does_not_end_is_cut_off() {
    let (folder, authority) = (Folder::new("slow"), Authority::new());
    let (cert, key) = authority.issue("localhost");
    let tls = TlsConfig {
        cert: Some(folder.write("cert.pem", &cert.pem(), 0o644)),
        key: Some(folder.write("key.pem", &key.serialize_pem(), 0o600)),
        client_roots: None,
    };
    let mut config = config();
    config.limits.tls_handshake_timeout_ms = 50;
    let server = start_with(config, Some(load(&tls).unwrap().config)).await;
    assert!(server.connect().await.closed_within(std::time::Duration::from_secs(1)).await);
}

#[test]
fn what_is_wrong_with_a_file_is_told_with_its_name() {
    let (folder, authority) = (Folder::new("wrong"), Authority::new());
    let (cert, key) = authority.issue("localhost");
    let cert_file = folder.write("cert.pem", &cert.pem(), 0o644);
    let key_file = folder.write("key.pem", &key.serialize_pem(), 0o640);
    let other = folder.write("other.pem", &KeyPair::generate().unwrap().serialize_pem(), 0o600);
    let broken = folder.write("broken.pem", "-----BEGIN PRIVATE KEY-----\nc2VjcmV0!\n", 0o600);
    let missing = folder.0.join("missing.pem");

    let try_load = |cert: &PathBuf, key: &PathBuf, roots: Option<&PathBuf>| {
        load(&TlsConfig { cert: Some(cert.clone()), key: Some(key.clone()), client_roots: roots.cloned() })
            .map_err(|error| error.to_string())
    };
    let warnings = try_load(&cert_file, &key_file, None).unwrap().warnings;
    assert_eq!(warnings.len(), 1);
    assert!(warnings[0].contains("key.pem has mode 640"), "{}", warnings[0]);

    for (cert, key, roots, parts) in [
        (&missing, &key_file, None, ["missing.pem", "No such file"]),
        (&key_file, &key_file, None, ["key.pem", "no certificate in it"]),
        (&cert_file, &cert_file, None, ["cert.pem", "no private key in it"]),
        (&cert_file, &broken, None, ["broken.pem", "no END line"]),
        (&cert_file, &other, None, ["cert.pem with", "other.pem"]),
        (&cert_file, &key_file, Some(&key_file), ["key.pem", "no certificate in it"]),
    ] {
        let told = try_load(cert, key, roots).unwrap_err();
        assert!(parts.iter().all(|part| told.contains(part)), "{parts:?} in {told}");
        assert!(!told.contains("c2VjcmV0"), "a key must not be shown: {told}");
    }
    assert!(load(&TlsConfig::default()).unwrap_err().to_string().contains("http.tls.cert is missing"));
}
