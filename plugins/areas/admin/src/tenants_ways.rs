//! By which authenticators people of a tenant log in, and where the tenant is found.

use gatewright_core::{Settings, site::SiteRules};
use gatewright_plugin::Text;
use poem_openapi::Object;

/// What is left out in a change stays; in a reply: the host's default holds.
#[derive(Object, Default)]
#[oai(rename = "AdminWays", deny_unknown_fields)]
pub(crate) struct AdminWays {
    /// Authenticators that may come first, best first. Left out: every one that says it can.
    #[oai(validator(max_items = 64), skip_serializing_if_is_none)]
    first: Option<Vec<Text>>,
    /// Authenticators that may come second, best first. Left out: every one that says it can.
    #[oai(validator(max_items = 64), skip_serializing_if_is_none)]
    second: Option<Vec<Text>>,
    /// What somebody without a second factor is asked to set up. Left out: what may come second.
    #[oai(validator(max_items = 64), skip_serializing_if_is_none)]
    enrol: Option<Vec<Text>>,
    /// Authenticators by which a lost password may be replaced; an empty list: none.
    #[oai(validator(max_items = 64), skip_serializing_if_is_none)]
    reset: Option<Vec<Text>>,
    /// The URL under which people reach the pages of this tenant. Left out: the server's.
    #[oai(validator(max_length = 256), skip_serializing_if_is_none)]
    site_url: Option<Text>,
    /// Further origins whose pages may ask for a passkey of this tenant.
    #[oai(validator(max_items = 64), skip_serializing_if_is_none)]
    site_origins: Option<Vec<Text>>,
    /// Relying party id of passkeys (WebAuthn Level 3, section 4). A change makes every passkey useless. Left out:
    /// the host of the URL.
    #[oai(validator(max_length = 253), skip_serializing_if_is_none)]
    site_rp_id: Option<Text>,
    /// The name that people are shown when they set something up. Left out: the tenant's.
    #[oai(validator(max_length = 256), skip_serializing_if_is_none)]
    site_name: Option<Text>,
}

impl AdminWays {
    pub(crate) fn apply(&self, to: &mut Settings) {
        let policy = &mut to.policy;
        for (wish, list) in [
            (&self.first, &mut policy.first),
            (&self.second, &mut policy.second),
            (&self.enrol, &mut policy.enrol),
        ] {
            if let Some(wish) = wish {
                *list = Some(texts(wish));
            }
        }
        if let Some(wish) = &self.reset {
            policy.reset = texts(wish);
        }
        let old = std::mem::take(&mut to.site);
        to.site = SiteRules {
            url: text(&self.site_url).or(old.url),
            origins: self.site_origins.as_deref().map_or(old.origins, texts),
            rp_id: text(&self.site_rp_id).or(old.rp_id),
            name: text(&self.site_name).or(old.name),
        };
    }
}

impl From<&Settings> for AdminWays {
    fn from(settings: &Settings) -> Self {
        let (policy, site) = (&settings.policy, &settings.site);
        let list = |ids: &[String]| ids.iter().map(|id| id.as_str().into()).collect();
        Self {
            first: policy.first.as_deref().map(list),
            second: policy.second.as_deref().map(list),
            enrol: policy.enrol.as_deref().map(list),
            reset: Some(list(&policy.reset)),
            site_url: site.url.as_deref().map(Text::from),
            site_origins: Some(list(&site.origins)),
            site_rp_id: site.rp_id.as_deref().map(Text::from),
            site_name: site.name.as_deref().map(Text::from),
        }
    }
}

fn text(wish: &Option<Text>) -> Option<String> {
    wish.as_deref().map(str::to_owned)
}

fn texts(wish: &[Text]) -> Vec<String> {
    wish.iter().map(|one| one.to_string()).collect()
}
