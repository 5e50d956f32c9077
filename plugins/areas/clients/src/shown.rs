//! What people are shown of a client, and how it learns of the end of a session.

use gatewright_oauth::client;
use gatewright_plugin::Text;
use poem_openapi::Object;

/// What people are shown of a client. Pages and pictures are https.
#[derive(Default, Object)]
#[oai(rename = "ApplicationAbout", deny_unknown_fields)]
pub(crate) struct About {
    /// Its home.
    #[oai(validator(max_length = 2048), skip_serializing_if_is_none)]
    client_uri: Option<Text>,
    /// Its picture.
    #[oai(validator(max_length = 2048), skip_serializing_if_is_none)]
    logo_uri: Option<Text>,
    /// Its privacy policy.
    #[oai(validator(max_length = 2048), skip_serializing_if_is_none)]
    policy_uri: Option<Text>,
    /// Its terms of service.
    #[oai(validator(max_length = 2048), skip_serializing_if_is_none)]
    tos_uri: Option<Text>,
    /// Its user agreement.
    #[oai(validator(max_length = 2048), skip_serializing_if_is_none)]
    user_agreement_uri: Option<Text>,
    /// Where a person logs out of it.
    #[oai(validator(max_length = 2048), skip_serializing_if_is_none)]
    logout_uri: Option<Text>,
    /// The name of its tenant that its login page shows.
    #[oai(validator(max_length = 128), skip_serializing_if_is_none)]
    tenant_name: Option<Text>,
    /// Addresses of the people behind it.
    #[oai(default, validator(max_items = 10))]
    contacts: Vec<Text>,
    /// Whether its login page offers to register.
    #[oai(default)]
    register_enable: bool,
}

/// How a client learns of the end of a session. URIs are https.
#[derive(Default, Object)]
#[oai(rename = "ApplicationLogout", deny_unknown_fields)]
pub(crate) struct Logout {
    /// Gets a logout token by POST.
    #[oai(validator(max_length = 2048), skip_serializing_if_is_none)]
    back_channel_uri: Option<Text>,
    /// Whether it needs `sid` there.
    #[oai(default)]
    back_channel_session: bool,
    /// Is loaded in a frame of the logout page.
    #[oai(validator(max_length = 2048), skip_serializing_if_is_none)]
    front_channel_uri: Option<Text>,
    /// Whether it needs `iss` and `sid` there.
    #[oai(default)]
    front_channel_session: bool,
    /// Where a person may be sent afterwards.
    #[oai(default, validator(max_items = 50))]
    redirect_uris: Vec<Text>,
}

impl About {
    pub(crate) fn of(kept: &client::About) -> Self {
        Self {
            client_uri: text(&kept.client_uri),
            logo_uri: text(&kept.logo_uri),
            policy_uri: text(&kept.policy_uri),
            tos_uri: text(&kept.tos_uri),
            user_agreement_uri: text(&kept.user_agreement_uri),
            logout_uri: text(&kept.logout_uri),
            tenant_name: text(&kept.tenant_name),
            contacts: texts(&kept.contacts),
            register_enable: kept.register_enable,
        }
    }

    pub(crate) fn read(self) -> client::About {
        client::About {
            client_uri: string(self.client_uri),
            logo_uri: string(self.logo_uri),
            policy_uri: string(self.policy_uri),
            tos_uri: string(self.tos_uri),
            user_agreement_uri: string(self.user_agreement_uri),
            logout_uri: string(self.logout_uri),
            tenant_name: string(self.tenant_name),
            contacts: strings(self.contacts),
            register_enable: self.register_enable,
        }
    }
}

impl Logout {
    pub(crate) fn of(kept: &client::LogoutUris) -> Self {
        Self {
            back_channel_uri: text(&kept.back_channel),
            back_channel_session: kept.back_channel_session,
            front_channel_uri: text(&kept.front_channel),
            front_channel_session: kept.front_channel_session,
            redirect_uris: texts(&kept.redirect_uris),
        }
    }

    pub(crate) fn read(self) -> client::LogoutUris {
        client::LogoutUris {
            back_channel: string(self.back_channel_uri),
            front_channel: string(self.front_channel_uri),
            back_channel_session: self.back_channel_session,
            front_channel_session: self.front_channel_session,
            redirect_uris: strings(self.redirect_uris),
        }
    }
}

pub(crate) fn text(text: &Option<String>) -> Option<Text> {
    text.as_deref().map(Text::from)
}

pub(crate) fn texts(all: &[String]) -> Vec<Text> {
    all.iter().map(|one| Text::from(one.as_str())).collect()
}

pub(crate) fn string(text: Option<Text>) -> Option<String> {
    text.filter(|text| !text.is_empty()).map(String::from)
}

pub(crate) fn strings(all: Vec<Text>) -> Vec<String> {
    all.into_iter().map(String::from).collect()
}
