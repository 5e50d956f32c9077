//! Whose certificate a request comes with: that of the connection, or the one that a trusted proxy hands on.

use std::sync::Arc;

use data_encoding::BASE64;
use gatewright_plugin::request::PeerCertificates;
use percent_encoding::percent_decode;
use poem::{
    Request,
    http::{HeaderMap, HeaderName, HeaderValue},
};
use rustls::pki_types::{CertificateDer, pem::PemObject};

use super::{caller::Caller, config::CertificateHeader, problem::Refusal};

const CLIENT_CERT: HeaderName = HeaderName::from_static("client-cert");
const CLIENT_CERT_CHAIN: HeaderName = HeaderName::from_static("client-cert-chain");
const X_SSL_CLIENT_CERT: HeaderName = HeaderName::from_static("x-ssl-client-cert");

/// Certificates in a chain, and how long one may be, in bytes.
const MOST: usize = 8;
const LONGEST: usize = 16 * 1024;

/// The header is not what its specification says.
#[derive(Debug, PartialEq, Eq)]
struct Malformed;

/// Leaves the client's chain in the extensions of the request, and takes the header away from everybody's.
///
/// # Errors
/// [`Refusal::Certificate`]. Without its certificate the request could do less than the proxy means it to; as it is
/// malformed, nobody knows what it could do.
pub(super) fn settle(
    request: &mut Request,
    header: Option<CertificateHeader>,
    caller: &Caller,
) -> Result<(), Refusal> {
    if caller.through_proxy {
        // That was the proxy's own.
        request.extensions_mut().remove::<PeerCertificates>();
    }
    let Some(header) = header else { return Ok(()) };
    let found = match (caller.through_proxy, header) {
        (false, _) => Ok(Vec::new()),
        (true, CertificateHeader::ClientCert) => rfc_9440(request.headers()),
        (true, CertificateHeader::XSslClientCert) => escaped_pem(request.headers()),
    };
    for name in [CLIENT_CERT, CLIENT_CERT_CHAIN, X_SSL_CLIENT_CERT] {
        request.headers_mut().remove(name);
    }
    let chain = found.map_err(|Malformed| Refusal::Certificate)?;
    if !chain.is_empty() {
        request.extensions_mut().insert(PeerCertificates(Arc::new(chain)));
    }
    Ok(())
}

/// The only value; two could be one of the proxy's and one of the client's.
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a HeaderValue>, Malformed> {
    let mut values = headers.get_all(name).iter();
    let first = values.next();
    if values.next().is_some() { Err(Malformed) } else { Ok(first) }
}

/// `Client-Cert` is one byte sequence (RFC 9651, section 3.3.5), `Client-Cert-Chain` a list of them that does not
/// repeat the first.
fn rfc_9440(headers: &HeaderMap) -> Result<Vec<Vec<u8>>, Malformed> {
    let own = only(headers, &CLIENT_CERT)?;
    let mut rest = headers.get_all(CLIENT_CERT_CHAIN).iter().peekable();
    let Some(own) = own else {
        return if rest.peek().is_some() { Err(Malformed) } else { Ok(Vec::new()) };
    };
    let mut chain = vec![byte_sequence(own.as_bytes())?];
    for item in rest.flat_map(|value| value.as_bytes().split(|b| *b == b',')) {
        if chain.len() == MOST {
            return Err(Malformed);
        }
        chain.push(byte_sequence(item)?);
    }
    Ok(chain)
}

fn byte_sequence(item: &[u8]) -> Result<Vec<u8>, Malformed> {
    let text = item.trim_ascii().strip_prefix(b":").and_then(|rest| rest.strip_suffix(b":"));
    let der = BASE64.decode(text.ok_or(Malformed)?).map_err(|_| Malformed)?;
    is_one(&der).then_some(der).ok_or(Malformed)
}

/// PEM of the client's own certificate, percent-encoded. Empty where it has shown none.
fn escaped_pem(headers: &HeaderMap) -> Result<Vec<Vec<u8>>, Malformed> {
    let Some(value) = only(headers, &X_SSL_CLIENT_CERT)?.filter(|value| !value.is_empty()) else {
        return Ok(Vec::new());
    };
    let pem: Vec<u8> = percent_decode(value.as_bytes()).collect();
    let mut found = CertificateDer::pem_slice_iter(&pem);
    match (found.next(), found.next()) {
        (Some(Ok(own)), None) if is_one(&own) => Ok(vec![own.to_vec()]),
        _ => Err(Malformed),
    }
}

/// A sequence that ends where it says (X.690, section 8.1); what is in it, who uses it sees.
fn is_one(der: &[u8]) -> bool {
    let (length, rest) = match der {
        [0x30, 0x81, short, rest @ ..] => (usize::from(*short), rest),
        [0x30, 0x82, high, low, rest @ ..] => (usize::from(u16::from_be_bytes([*high, *low])), rest),
        _ => return false,
    };
    length == rest.len() && der.len() <= LONGEST
}

#[cfg(test)]
mod tests {
    use super::{BASE64, HeaderMap, Malformed, escaped_pem, rfc_9440};

    /// What looks like a certificate from outside.
    fn der(of: u8) -> Vec<u8> {
        [&[0x30, 0x82, 0x01, 0x00][..], &[of; 256]].concat()
    }

    fn item(of: u8) -> String {
        format!(":{}:", BASE64.encode(&der(of)))
    }

    fn headers(all: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in all {
            headers.append(*name, value.parse().unwrap());
        }
        headers
    }

    #[test]
    fn a_certificate_and_its_chain_are_byte_sequences() {
        let read = |all: &[(&'static str, &str)]| rfc_9440(&headers(all));
        let (own, two) = (item(1), format!("{} ,  {}", item(2), item(3)));
        assert_eq!(read(&[]), Ok(vec![]));
        assert_eq!(read(&[("client-cert", &own)]), Ok(vec![der(1)]));
        let chained =
            [("client-cert", own.as_str()), ("client-cert-chain", &two), ("client-cert-chain", &item(4))];
        assert_eq!(read(&chained), Ok(vec![der(1), der(2), der(3), der(4)]));
    }

    #[test]
    fn what_is_malformed_is_refused() {
        let read = |all: &[(&'static str, &str)]| rfc_9440(&headers(all));
        let own = item(1);
        let bare = BASE64.encode(&der(1));
        let short = format!(":{}:", BASE64.encode(&der(1)[..100]));
        let long = format!(":{}:", BASE64.encode(&[der(1), vec![0]].concat()));
        for value in
            ["", ":", "::", &bare, &own[1..], &own[..own.len() - 1], &short, &long, ":AAAA:", ":!!!!:"]
        {
            assert_eq!(read(&[("client-cert", value)]), Err(Malformed), "{value}");
            assert_eq!(
                read(&[("client-cert", &own), ("client-cert-chain", value)]),
                Err(Malformed),
                "{value}"
            );
        }
        assert_eq!(read(&[("client-cert", &format!("{own};a=1"))]), Err(Malformed), "parameters");
        assert_eq!(read(&[("client-cert", &own), ("client-cert", &item(2))]), Err(Malformed), "two");
        assert_eq!(read(&[("client-cert", &format!("{own}, {}", item(2)))]), Err(Malformed), "two in one");
        assert_eq!(read(&[("client-cert-chain", &own)]), Err(Malformed), "a chain of nobody");
        let many = [own.as_str(); 8].join(",");
        assert_eq!(read(&[("client-cert", &own), ("client-cert-chain", &many)]), Err(Malformed), "nine");
    }

    #[test]
    fn nginx_escapes_pem() {
        let read = |value: &str| escaped_pem(&headers(&[("x-ssl-client-cert", value)]));
        let pem = |of| {
            let body = BASE64.encode(&der(of)).replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
            format!("-----BEGIN%20CERTIFICATE-----%0A{body}%0A-----END%20CERTIFICATE-----%0A")
        };
        assert_eq!(escaped_pem(&HeaderMap::new()), Ok(vec![]));
        assert_eq!(read(""), Ok(vec![]));
        assert_eq!(read(&pem(1)), Ok(vec![der(1)]));
        for bad in ["(null)", "%", &pem(1)[..200], &(pem(1) + &pem(2)), &BASE64.encode(&der(1))] {
            assert_eq!(read(bad), Err(Malformed), "{bad}");
        }
        let two = [("x-ssl-client-cert", pem(1)), ("x-ssl-client-cert", pem(2))];
        assert_eq!(escaped_pem(&headers(&two.each_ref().map(|(n, v)| (*n, v.as_str())))), Err(Malformed));
    }
}
