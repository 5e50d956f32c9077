//! URIs of a client (RFC 9700, section 2.1; RFC 8252, section 7).

use super::Findings;
use crate::Client;
use url::{Host, Url};

/// URIs of one sort at most.
const MOST: usize = 50;
/// Bytes of one at most.
const LONGEST: usize = 2_048;

pub(super) fn check(client: &Client, found: &mut Findings) {
    all("redirect_uris", &client.redirect_uris, redirect, found);
    all("post_logout_redirect_uris", &client.logout.redirect_uris, redirect, found);
    all("resources", &client.resources, resource, found);
    let about = &client.about;
    let shown = [
        ("client_uri", &about.client_uri),
        ("logo_uri", &about.logo_uri),
        ("policy_uri", &about.policy_uri),
        ("tos_uri", &about.tos_uri),
        ("user_agreement_uri", &about.user_agreement_uri),
        ("logout_uri", &about.logout_uri),
        ("jwks_uri", &client.jwks_uri),
        ("back_channel_logout_uri", &client.logout.back_channel),
        ("front_channel_logout_uri", &client.logout.front_channel),
    ];
    for (member, uri) in shown {
        if let Some(message) = uri.as_deref().and_then(|uri| secure(uri).err()) {
            found.say(member, message);
        }
    }
    sector(client, found);
}

fn all(
    member: &str,
    uris: &[String],
    judge: impl Fn(&str) -> Result<(), &'static str>,
    found: &mut Findings,
) {
    if uris.len() > MOST {
        found.say(member, "At most 50.");
    }
    for (n, uri) in uris.iter().enumerate().take(MOST) {
        match judge(uri) {
            // Not repeated in the text: it may be anything.
            Err(message) => found.say(member, format!("No. {}: {message}", n + 1)),
            Ok(()) if uris[..n].contains(uri) => {
                found.say(member, format!("No. {} is there already.", n + 1))
            }
            Ok(()) => {}
        }
    }
}

/// What is compared letter by letter later must be one thing for everybody who reads it: no characters that a browser
/// changes on the way.
fn plain(text: &str) -> Result<Url, &'static str> {
    if text.is_empty() || text.len() > LONGEST {
        return Err("has 1 to 2048 bytes.");
    }
    let odd = |b: u8| !b.is_ascii_graphic() || b"\\\"<>^`{|}*".contains(&b);
    if text.bytes().any(odd) {
        return Err("has characters that don't belong into a URI; a wildcard is none either.");
    }
    let url = Url::parse(text).map_err(|_| "is no URI: give all of it, with its scheme.")?;
    if text.contains('#') {
        return Err("has a fragment; a code would end up behind it.");
    }
    if !url.username().is_empty() || url.password().is_some() || authority(text).contains('@') {
        return Err("has a user name in it.");
    }
    Ok(url)
}

/// What stands between `//` and the path.
fn authority(text: &str) -> &str {
    let rest = text.split_once("://").map_or("", |(_, rest)| rest);
    rest.split(['/', '?']).next().unwrap_or_default()
}

/// Where a browser is sent: https, http on this machine (RFC 8252, section 7.3), or a scheme of an app's own
/// (section 7.1).
fn redirect(text: &str) -> Result<(), &'static str> {
    let url = plain(text)?;
    match url.scheme() {
        "https" => on_a_host(&url, text),
        "http" if is_loopback(&url) => on_a_host(&url, text),
        "http" => Err("is http; https is needed but for 127.0.0.1, [::1] and localhost."),
        scheme if scheme.contains('.') && text.starts_with(scheme) => Ok(()),
        _ => Err(
            "has a scheme that can't be: https, http on this machine, or one of an app's own with a dot, \
                  such as com.example.app:/callback.",
        ),
    }
}

/// A host, and a path that means what it says: what a parser would change is refused instead.
fn on_a_host(url: &Url, text: &str) -> Result<(), &'static str> {
    if url.host_str().is_none_or(|host| host.is_empty() || host.ends_with('.')) {
        return Err("names no host, or one that ends with a dot.");
    }
    let read = url.as_str();
    match read == text || read.strip_suffix('/') == Some(text) || same_but_port(url, text) {
        true => Ok(()),
        false => Err("is not in its plain form: lower-case scheme and host, no `.` and `..` in the path."),
    }
}

/// `https://host:443/` is read without its port.
fn same_but_port(url: &Url, text: &str) -> bool {
    let default = match url.scheme() {
        "https" => ":443",
        _ => ":80",
    };
    let before = authority(text);
    before.strip_suffix(default).is_some_and(|host| {
        let without = text.replacen(before, host, 1);
        url.as_str() == without || url.as_str().strip_suffix('/') == Some(without.as_str())
    })
}

pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

/// Something that is shown, loaded or called: https, nothing else.
fn secure(text: &str) -> Result<(), &'static str> {
    let url = plain(text)?;
    match url.scheme() == "https" && url.host_str().is_some_and(|host| !host.is_empty()) {
        true => Ok(()),
        false => Err("must be https."),
    }
}

/// An absolute URI without fragment (RFC 8707, section 2).
fn resource(text: &str) -> Result<(), &'static str> {
    let url = plain(text)?;
    match matches!(url.scheme(), "https" | "http" | "urn" | "api") {
        true => Ok(()),
        false => Err("must be https, http, urn or api."),
    }
}

/// A sector is one host; with redirect URIs on several it must be named (OpenID Connect Core, section 8.1).
fn sector(client: &Client, found: &mut Findings) {
    if let Some(sector) = &client.sector {
        let fits =
            matches!(Host::parse(sector), Ok(Host::Domain(name)) if name == *sector && name.len() <= 253);
        if !fits {
            found.say("sector", "The lower-case name of a host, such as `example.com`.");
        }
        return;
    }
    let mut hosts: Vec<String> = client.redirect_uris.iter().filter_map(|uri| host(uri)).collect();
    hosts.sort();
    hosts.dedup();
    if client.subject_type == crate::client::SubjectType::Pairwise && hosts.len() > 1 {
        found.say(
            "sector",
            "With pairwise subjects and redirect URIs on several hosts, name the one that counts.",
        );
    }
}

fn host(uri: &str) -> Option<String> {
    Url::parse(uri).ok()?.host_str().map(str::to_owned)
}
