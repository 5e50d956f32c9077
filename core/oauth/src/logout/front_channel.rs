//! Front-Channel Logout 1.0: pages of clients, loaded in frames of the page that says that it is done.

use crate::{
    Client, Provider, Result,
    interact::{LOGIN, LoginNote},
};
use gatewright_contract::SessionId;
use gatewright_core::Tenant;
use url::Url;

/// Frames of one page at most.
const MOST: u32 = 32;

impl Provider {
    /// The URLs of clients that know this session and want to be told in a frame. Asked before it ends.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn logged_out(&self, tenant: &Tenant, session: SessionId) -> Result<Vec<String>> {
        let notes = self.engine.store().records_of(&tenant.id, LOGIN, session.0, None, MOST).await?;
        let mut urls = Vec::new();
        for note in notes {
            let LoginNote { client_id, .. } = note.value()?;
            let client = self.client(&tenant.id, &client_id).await?;
            urls.extend(client.and_then(|client| frame(&client, &self.issuer(tenant), session)));
        }
        Ok(urls)
    }
}

/// Section 3: issuer and session as parameters, where the client needs them.
fn frame(client: &Client, issuer: &str, session: SessionId) -> Option<String> {
    let mut url = Url::parse(client.logout.front_channel.as_ref()?).ok()?;
    if client.logout.front_channel_session {
        url.query_pairs_mut().append_pair("iss", issuer).append_pair("sid", &session.to_string());
    }
    Some(url.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::LogoutUris;
    use uuid::Uuid;

    #[test]
    fn a_frame_has_what_its_client_needs() {
        let session = SessionId(Uuid::from_u128(7));
        let client = |uri: Option<&str>, needs| Client {
            logout: LogoutUris {
                front_channel: uri.map(str::to_owned),
                front_channel_session: needs,
                ..LogoutUris::default()
            },
            ..Client::default()
        };
        let of = |uri, needs| frame(&client(uri, needs), "https://id.example/api/oidc/a", session);
        assert_eq!(of(None, true), None);
        assert_eq!(
            of(Some("https://rp.example/out?x=1"), false).as_deref(),
            Some("https://rp.example/out?x=1")
        );
        assert_eq!(
            of(Some("https://rp.example/out?x=1"), true),
            Some(format!(
                "https://rp.example/out?x=1&iss=https%3A%2F%2Fid.example%2Fapi%2Foidc%2Fa&sid={session}"
            ))
        );
    }
}
