//! As much of an LDAP server as these tests need, and as badly behaved.

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::{ServerConfig, crypto::aws_lc_rs};
use rustls_pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use std::{
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::TlsAcceptor;

/// How it behaves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Mood {
    #[default]
    Good,
    /// Takes everything and says nothing.
    Silent,
    /// Answers with what is no LDAP.
    Garbage,
    /// Hangs up when a password comes.
    DiesAtBind,
    /// Hangs up after each search.
    HangsUp,
    /// Sends three entries whatever it is asked.
    Floods,
    /// Has no STARTTLS.
    Plain,
    /// Answers every bind with this result.
    Binds(u8),
}

pub(super) struct Person {
    pub(super) dn: &'static str,
    pub(super) uid: &'static str,
    pub(super) password: &'static str,
}

pub(super) const ADA: Person = Person { dn: "uid=ada,dc=example", uid: "ada", password: "secret" };

/// A server that ends with the test's runtime.
pub(super) struct Fake {
    pub(super) port: u16,
    pub(super) connections: Arc<AtomicUsize>,
    /// Names and passwords of all binds, and values that were searched for.
    pub(super) heard: Arc<Mutex<Vec<String>>>,
}

/// A CA of one test; its root is in a file.
pub(super) struct Ca {
    issuer: CertifiedIssuer<'static, KeyPair>,
    pub(super) file: PathBuf,
}

impl Ca {
    pub(super) fn new(name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let file = std::env::temp_dir().join(format!("gatewright-{}-{name}.pem", std::process::id()));
        std::fs::write(&file, issuer.pem()).unwrap();
        Self { issuer, file }
    }

    fn acceptor(&self, host: &str) -> TlsAcceptor {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![host.to_owned()]).unwrap();
        let leaf = params.signed_by(&key, &self.issuer).unwrap();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![leaf.der().clone()], key)
            .unwrap();
        TlsAcceptor::from(Arc::new(config))
    }
}

impl Drop for Ca {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.file);
    }
}

#[derive(Clone)]
struct Desk {
    mood: Mood,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Fake {
    /// With a certificate for `host`; `tls_first` is LDAPS.
    #[allow(clippy::disallowed_methods, reason = "a server in a test")]
    pub(super) async fn start(mood: Mood, ca: &Ca, host: &str, tls_first: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let acceptor = ca.acceptor(host);
        let desk = Desk { mood, heard: Arc::default() };
        let (connections, heard) = (Arc::new(AtomicUsize::new(0)), desk.heard.clone());
        let counter = connections.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                counter.fetch_add(1, Ordering::SeqCst);
                let (desk, acceptor) = (desk.clone(), acceptor.clone());
                tokio::spawn(async move {
                    let _ = desk.welcome(stream, &acceptor, tls_first).await;
                });
            }
        });
        Self { port, connections, heard }
    }

    pub(super) fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }
}

impl Desk {
    async fn welcome(
        &self,
        mut stream: TcpStream,
        tls: &TlsAcceptor,
        tls_first: bool,
    ) -> std::io::Result<()> {
        if !tls_first {
            let Some(message) = read_message(&mut stream).await else { return Ok(()) };
            let (id, tag, _) = open(&message);
            if tag != 0x77 || self.mood == Mood::Plain {
                let refused = result(id, if tag == 0x60 { 0x61 } else { 0x78 }, 2);
                stream.write_all(&refused).await?;
                return self.serve(stream).await;
            }
            stream.write_all(&result(id, 0x78, 0)).await?;
        }
        self.serve(tls.accept(stream).await?).await
    }

    async fn serve(&self, mut stream: impl AsyncRead + AsyncWrite + Unpin) -> std::io::Result<()> {
        while let Some(message) = read_message(&mut stream).await {
            let (id, tag, body) = open(&message);
            let reply = match (tag, self.mood) {
                (_, Mood::Silent) => continue,
                (_, Mood::Garbage) => b"\x30\x03\x02\x01\x01 HTTP/1.1 400 Bad Request\r\n\r\n".to_vec(),
                (0x60, Mood::DiesAtBind) => return Ok(()),
                (0x60, mood) => self.bind(id, body, mood),
                (0x63, mood) => self.search(id, body, mood),
                _ => return Ok(()),
            };
            stream.write_all(&reply).await?;
            if tag == 0x63 && self.mood == Mood::HangsUp {
                return stream.shutdown().await;
            }
        }
        Ok(())
    }

    fn bind(&self, id: u8, body: &[u8], mood: Mood) -> Vec<u8> {
        let parts = children(body);
        let text = |i: usize| String::from_utf8_lossy(parts[i].1).into_owned();
        let (dn, password) = (text(1), text(2));
        self.heard.lock().unwrap().push(format!("bind {dn} {password}"));
        let right = (dn == ADA.dn && password == ADA.password) || dn == "cn=reader";
        let code = match mood {
            Mood::Binds(code) if dn != "cn=reader" => code,
            _ if right => 0,
            _ => 49,
        };
        result(id, 0x61, code)
    }

    fn search(&self, id: u8, body: &[u8], mood: Mood) -> Vec<u8> {
        let parts = children(body);
        // base, scope, aliases, size, time, types only, filter, attributes
        let (tag, filter) = parts[6];
        assert_eq!(tag, 0xa3, "an equality, whatever the name holds");
        let value = String::from_utf8_lossy(children(filter)[1].1).into_owned();
        self.heard.lock().unwrap().push(format!("search {value}"));
        let entry = || {
            let values = tlv(0x31, &[tlv(4, ADA.uid.as_bytes()), tlv(4, b"\xff\x00")].concat());
            let attributes = tlv(0x30, &tlv(0x30, &[tlv(4, b"entryUUID"), values].concat()));
            message(id, &tlv(0x64, &[tlv(4, ADA.dn.as_bytes()), attributes].concat()))
        };
        let referral = || message(id, &tlv(0x73, &tlv(4, b"ldap://elsewhere.example/")));
        let count = match mood {
            Mood::Floods => 3,
            _ => usize::from(value == ADA.uid),
        };
        let mut reply: Vec<u8> = (0..count).flat_map(|_| entry()).collect();
        reply.extend(referral());
        reply.extend(result(id, 0x65, 0));
        reply
    }
}

async fn read_message(stream: &mut (impl AsyncRead + Unpin)) -> Option<Vec<u8>> {
    let mut head = [0; 2];
    stream.read_exact(&mut head).await.ok()?;
    let mut length = usize::from(head[1]);
    if length >= 0x80 {
        let mut more = vec![0; length - 0x80];
        stream.read_exact(&mut more).await.ok()?;
        length = more.iter().fold(0, |n, b| (n << 8) | usize::from(*b));
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    Some(body)
}

/// Id, tag and content of what is in a message.
fn open(message: &[u8]) -> (u8, u8, &[u8]) {
    let parts = children(message);
    (*parts[0].1.last().unwrap(), parts[1].0, parts[1].1)
}

fn children(mut rest: &[u8]) -> Vec<(u8, &[u8])> {
    let mut found = Vec::new();
    while let [tag, length, after @ ..] = rest {
        let wide = usize::from(*length).saturating_sub(0x80);
        let size = match wide {
            0 => usize::from(*length),
            _ => after[..wide].iter().fold(0, |n, b| (n << 8) | usize::from(*b)),
        };
        found.push((*tag, &after[wide..wide + size]));
        rest = &after[wide + size..];
    }
    found
}

fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut all = vec![tag];
    match u8::try_from(content.len()) {
        Ok(short) if short < 0x80 => all.push(short),
        _ => all.extend([0x82, (content.len() >> 8) as u8, content.len() as u8]),
    }
    all.extend(content);
    all
}

fn message(id: u8, op: &[u8]) -> Vec<u8> {
    tlv(0x30, &[tlv(2, &[id]), op.to_vec()].concat())
}

fn result(id: u8, tag: u8, code: u8) -> Vec<u8> {
    message(id, &tlv(tag, &[tlv(0x0a, &[code]), tlv(4, b""), tlv(4, b"")].concat()))
}
