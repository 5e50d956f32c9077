//! Which program asks, for what, and from which page.

use super::{Engine, step::Loaded};
use crate::{
    Origin,
    problem::{Problem, Result},
};
use gatewright_contract::{Asker, DynAuthenticator};

impl Engine {
    /// Who asks, for the authenticator. A page that is none of the tenant's is nobody's.
    pub(super) fn asker_of(&self, loaded: &Loaded, origin: &Origin) -> Asker {
        let body = &loaded.transaction.body;
        let site = self.site_of(&loaded.tenant);
        Asker {
            client: body.client.clone(),
            request: body.request.clone(),
            origin: origin.web_origin.clone().filter(|page| site.origins.contains(page)),
        }
    }

    /// Where asking is the try, the page that asks must be one of the tenant's: a proof names the page where it was made, so
    /// from any other it would be wrong, and would count. Before anything is counted.
    ///
    /// # Errors
    /// 400, which says what to set.
    pub(super) fn must_be_our_page(
        &self,
        loaded: &Loaded,
        plugin: &dyn DynAuthenticator,
        origin: &Origin,
    ) -> Result<()> {
        // A page that says no name (RFC 6454, section 6.2) is as one that says nothing.
        let page = origin.web_origin.as_deref().filter(|page| *page != "null");
        let Some(page) = page.filter(|_| plugin.manifest().asking_counts) else { return Ok(()) };
        let known = self.site_of(&loaded.tenant).origins;
        if known.iter().any(|ours| ours == page) {
            return Ok(());
        }
        let known = known.join(", ");
        tracing::warn!(
            tenant = %loaded.tenant.id,
            authenticator = plugin.manifest().id,
            page,
            known,
            "a page that is none of this tenant's has asked; if it is, set http.public_url, login.site.url or login.site.origins"
        );
        Err(Problem::invalid(format!(
            "origin: `{page}` is no page of this tenant, whose pages are at {known}. Open it there. Whoever runs this server \
             can name it in `http.public_url`, `login.site.url` or `login.site.origins`."
        )))
    }
}
