//! Where a tenant is found from outside: the setting `site`, and what follows from it.

use crate::{Settings, Tenant};
use gatewright_contract::{Site, Violation};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::{Host, Url};

/// Where a tenant is found from outside.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SiteRules {
    /// The URL under which people reach the pages of this tenant. Default: `http.public_url`, and without it
    /// `http://localhost` with the port that the server listens on.
    pub url: Option<String>,
    /// Further origins (`https://app.example.com`) whose pages may ask for a passkey of this tenant. Each must end
    /// with the relying party id. Default: none.
    pub origins: Vec<String>,
    /// Relying party id of passkeys (WebAuthn Level 3, section 4), such as `example.com`. **A change makes every passkey
    /// useless.** Default: the host of `url`.
    pub rp_id: Option<String>,
    /// The name that people are shown when they set something up. Default: the tenant's display name.
    pub name: Option<String>,
}

impl SiteRules {
    /// What does not fit together.
    pub fn check(&self) -> Vec<Violation> {
        let mut broken = Vec::new();
        let mut say = |field: &str, message: String| {
            broken.push(Violation { code: format!("site.{field}"), message });
        };
        if let Some(url) = &self.url
            && origin_of(url).is_none()
        {
            say("url", format!("`{url}` is not an https URL (http is taken for localhost only)."));
        }
        for origin in &self.origins {
            match origin_of(origin) {
                Some(read) if read == *origin => {}
                _ => {
                    say("origins", format!("`{origin}` is not an origin such as `https://app.example.com`."))
                }
            }
        }
        if let Some(id) = &self.rp_id {
            let all = self.url.iter().chain(&self.origins);
            for origin in all.filter(|o| !ends_with(o, id)) {
                say("rp_id", format!("`{origin}` does not end with the relying party id `{id}`."));
            }
            if matches!(Host::parse(id), Ok(Host::Ipv4(_) | Host::Ipv6(_)) | Err(_)) {
                say("rp_id", format!("`{id}` is not a domain name."));
            }
        }
        broken
    }
}

/// The site of a tenant; `host`: the URL of the server.
pub fn of(tenant: &Tenant, settings: &Settings, host: &str) -> Site {
    let rules = &settings.site;
    let url = url_of(settings, host).to_owned();
    let mut origins: Vec<String> = origin_of(&url).into_iter().collect();
    origins.extend(rules.origins.iter().filter(|o| Some(*o) != origins.first()).cloned().collect::<Vec<_>>());
    let domain = Url::parse(&url).ok().and_then(|u| u.host_str().map(str::to_owned));
    Site {
        rp_id: rules.rp_id.clone().or(domain).unwrap_or_default(),
        name: rules.name.clone().unwrap_or_else(|| tenant.display_name.clone()),
        origins,
        url,
    }
}

/// The URL alone: asked for with every token.
pub fn url_of<'a>(settings: &'a Settings, host: &'a str) -> &'a str {
    settings.site.url.as_deref().unwrap_or(host).trim_end_matches('/')
}

/// The origin of a URL that people may be sent to; none for what is not secure (Secure Contexts, section 3.1).
fn origin_of(url: &str) -> Option<String> {
    let url = Url::parse(url).ok()?;
    let secure = url.scheme() == "https" || (url.scheme() == "http" && is_local(&url));
    secure.then(|| url.origin().ascii_serialization())
}

fn is_local(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

fn ends_with(origin: &str, rp_id: &str) -> bool {
    let host = Url::parse(origin).ok().and_then(|u| u.host_str().map(str::to_owned));
    host.is_some_and(|h| h == rp_id || h.strip_suffix(rp_id).is_some_and(|rest| rest.ends_with('.')))
}

#[cfg(test)]
mod tests {
    use super::*;
    use gatewright_contract::{TenantId, Timestamp};

    fn tenant() -> Tenant {
        Tenant {
            id: TenantId::default_tenant(),
            display_name: "Example".into(),
            disabled: false,
            created: Timestamp::from_secs(0),
            settings: None,
            rev: 1,
        }
    }

    #[test]
    fn without_settings_the_server_itself_is_the_site() {
        let site = of(&tenant(), &Settings::default(), "https://id.example.com/auth/");
        assert_eq!(site.url, "https://id.example.com/auth");
        assert_eq!(site.origins, ["https://id.example.com"]);
        assert_eq!((site.rp_id.as_str(), site.name.as_str()), ("id.example.com", "Example"));
    }

    #[test]
    fn origins_must_end_with_the_relying_party_id() {
        let rules = |origins: &[&str], rp_id: &str| SiteRules {
            url: Some("https://id.example.com".into()),
            origins: origins.iter().map(|&o| o.to_owned()).collect(),
            rp_id: Some(rp_id.into()),
            name: None,
        };
        assert_eq!(rules(&["https://app.example.com"], "example.com").check(), []);
        for bad in [
            rules(&["https://evil-example.com"], "example.com"),
            rules(&["http://app.example.com"], "example.com"),
            rules(&["https://app.example.com/path"], "example.com"),
            rules(&[], "other.org"),
            rules(&[], "127.0.0.1"),
        ] {
            assert_ne!(bad.check(), [], "{bad:?}");
        }
    }
}
