//! Sending the browser to a provider, and what it comes back with.

use crate::{
    IdpOidc,
    config::Provider,
    exchange::Exchange,
    fetch::End,
    flow::{Came, Event, Flow, Prompt, Said, State, s256, token, wake},
    metadata::Metadata,
};
use gatewright_contract::{
    Authenticator as _, Call, Challenge, Fault, LogLevel, LookupKey, Purpose, Scope, Secret, Signal,
};
use std::time::Duration;
use url::Url;

/// How long somebody may take there.
const STAY: Duration = Duration::from_secs(600);

/// The challenge of a login, and the invitation of a link.
type Sent = Challenge<Prompt, State, crate::Link>;

impl IdpOidc {
    /// The provider that is meant.
    ///
    /// # Errors
    /// 400 with the names of those that there are.
    pub(crate) fn pick(&self, named: Option<&str>, scope: &Scope) -> Result<(&str, &Provider), Fault> {
        let tenant = scope.tenant.as_str();
        let open = || self.config.providers.iter().filter(|(_, provider)| provider.is_open_to(tenant));
        let only = || match (open().next(), open().nth(1)) {
            (Some((name, _)), None) => Some(name.as_str()),
            _ => None,
        };
        let default = self.config.default.as_deref();
        let name = named.or_else(|| default.filter(|name| open().any(|(n, _)| n == name))).or_else(only);
        let found = name.and_then(|name| open().find(|(n, _)| *n == name));
        found.map(|(name, provider)| (name.as_str(), provider)).ok_or_else(|| {
            let names: Vec<&str> = open().map(|(name, _)| name.as_str()).collect();
            let message = match names.is_empty() {
                true => "no provider is configured here".to_owned(),
                false => format!("one of: {}", names.join(", ")),
            };
            Fault::bad_request("provider", message)
        })
    }

    /// Makes a redirect that is good once.
    pub(crate) async fn send(
        &self,
        named: Option<&str>,
        label: Option<String>,
        scope: &Scope,
    ) -> Result<Sent, Fault> {
        let (name, provider) = self.pick(named, scope)?;
        let metadata = self.known.metadata(&self.host, (name, provider), scope.now).await;
        let metadata = metadata.map_err(|end| self.unavailable(name, &end))?;
        self.must_not_mix_up(name, provider, &metadata)?;
        let (state, nonce, verifier) = (token(&self.host)?, token(&self.host)?, token(&self.host)?);
        let flow = Flow {
            issuer: provider.issuer.clone(),
            redirect_uri: redirect_uri(name, provider, scope),
            nonce,
            verifier: Secret::new(verifier),
            begun: scope.now.as_secs(),
            // A session that is to be proven anew is not proven by one that the provider still has.
            max_age: if scope.purpose == Purpose::Elevate { Some(0) } else { provider.max_age },
            came: Came::Nothing,
        };
        let prompt = Prompt {
            url: url(provider, &metadata, &flow, &state).into(),
            provider: name.to_owned(),
            name: self.shown(name).to_owned(),
        };
        Ok(Challenge {
            wake: Some(wake(&state)),
            expires_in: Some(STAY),
            ..Challenge::new(prompt, State { provider: name.to_owned(), label, flow: Some(flow) })
        })
    }

    /// The name of a provider for people.
    pub(crate) fn shown<'a>(&'a self, name: &'a str) -> &'a str {
        self.config.providers.get(name).and_then(|provider| provider.name.as_deref()).unwrap_or(name)
    }

    /// Where there are several, one of them could pass on what another has said, unless each response says whose it is
    /// (RFC 9700, section 4.4).
    fn must_not_mix_up(&self, name: &str, provider: &Provider, metadata: &Metadata) -> Result<(), Fault> {
        if self.config.providers.len() == 1 || metadata.says_who || provider.distinct_redirect {
            return Ok(());
        }
        let why =
            "does not say in its responses who it is, and there are others: set its `distinct_redirect`";
        self.host.log(LogLevel::Error, &format!("the provider `{name}` {why}"));
        Err(Fault::unavailable(format!("the provider `{name}` can't be told from others")))
    }

    fn unavailable(&self, name: &str, end: &End) -> Fault {
        let why = match end {
            End::Down(why) => why.as_str(),
            End::Refused(why) => why,
            End::Declined => "declined",
        };
        self.host.log(LogLevel::Warn, &format!("the provider `{name}` is not available: {why}"));
        Fault::unavailable(format!("the provider `{name}`"))
    }

    /// What to believe of a response.
    async fn received(&self, (name, flow): (&str, &Flow), event: &Event, scope: &Scope) -> Result<Said, End> {
        let provider = self.config.providers.get(name).filter(|provider| provider.issuer == flow.issuer);
        let provider = provider.ok_or(End::Refused("its configuration has changed"))?;
        let metadata = self.known.metadata(&self.host, (name, provider), scope.now).await?;
        let named = event.provider.as_deref();
        if provider.distinct_redirect && named != Some(name) {
            return Err(End::Refused("the response came to the address of another provider"));
        }
        let silent = event.iss.is_none() && !metadata.says_who;
        if !silent && event.iss.as_deref() != Some(&provider.issuer) {
            return Err(End::Refused("the response is of another issuer (iss)"));
        }
        let code = match (&event.code, event.error.as_deref()) {
            (Some(code), None) => code,
            (None, Some("access_denied")) => return Err(End::Declined),
            (None, Some("temporarily_unavailable" | "server_error")) => {
                return Err(End::Down("it says that it can't answer".to_owned()));
            }
            (None, Some(_)) => return Err(End::Refused("it answers with an error")),
            _ => return Err(End::Refused("the response has neither code nor error, or both")),
        };
        let exchange = Exchange {
            host: &self.host,
            known: &self.known,
            name,
            provider,
            metadata: &metadata,
            flow,
            now: scope.now,
            leeway: i64::from(self.config.leeway_seconds),
        };
        exchange.run(code.expose()).await
    }

    /// Whether this is the first response to that redirect: of two at once one wins.
    async fn spend(&self, event: &Event, scope: &Scope) -> Result<bool, Fault> {
        let key = format!("state {}", wake(&event.state).0);
        match self.host.kv_cas(&scope.tenant, &key, None, b"", Some(STAY * 2)).await {
            Ok(_) => Ok(true),
            Err(Fault::Conflict) => Ok(false),
            Err(other) => Err(other),
        }
    }
}

impl Signal for IdpOidc {
    // Or else whoever begins a login and makes somebody follow the link is let in as them.
    const SAME_BROWSER: bool = true;
    type Event = Event;

    fn correlate(&self, event: &Event) -> Result<LookupKey, Fault> {
        event.check()?;
        Ok(wake(&event.state))
    }

    async fn signal(&self, call: Call<'_, (State, Event), crate::Link>) -> Result<Option<State>, Fault> {
        let (state, event) = call.body;
        event.check()?;
        let State { provider, label, flow } = state;
        let Some(flow) = flow.filter(|flow| flow.came == Came::Nothing) else { return Ok(None) };
        if !self.spend(&event, call.scope).await? {
            return Ok(None);
        }
        let came = match self.received((&provider, &flow), &event, call.scope).await {
            Ok(said) => Came::Said(said),
            Err(End::Declined) => Came::Declined,
            Err(End::Refused(why)) => {
                self.host.log(LogLevel::Warn, &format!("a response of the provider `{provider}`: {why}"));
                Came::Refused
            }
            Err(down) => {
                self.unavailable(&provider, &down);
                Came::Down
            }
        };
        // What has been used is not kept.
        let used = Secret::new(String::new());
        Ok(Some(State { provider, label, flow: Some(Flow { came, verifier: used, ..flow }) }))
    }
}

fn redirect_uri(name: &str, provider: &Provider, scope: &Scope) -> String {
    let uri = scope.site.callback(IdpOidc::ID);
    if provider.distinct_redirect { format!("{uri}?provider={name}") } else { uri }
}

/// The authentication request (OpenID Connect Core 1.0, section 3.1.2.1).
fn url(provider: &Provider, metadata: &Metadata, flow: &Flow, state: &str) -> Url {
    let mut url = metadata.authorization.clone();
    let scopes: Vec<&str> = std::iter::once("openid")
        .chain(provider.scopes.iter().map(String::as_str).filter(|scope| *scope != "openid"))
        .collect();
    {
        let mut query = url.query_pairs_mut();
        query
            .append_pair("response_type", "code")
            .append_pair("client_id", &provider.client_id)
            .append_pair("redirect_uri", &flow.redirect_uri)
            .append_pair("scope", &scopes.join(" "))
            .append_pair("state", state)
            .append_pair("nonce", &flow.nonce)
            .append_pair("code_challenge", &s256(flow.verifier.expose()))
            .append_pair("code_challenge_method", "S256");
        if !provider.acr_values.is_empty() {
            query.append_pair("acr_values", &provider.acr_values.join(" "));
        }
        if let Some(max_age) = flow.max_age {
            query.append_pair("max_age", &max_age.to_string());
        }
        if let Some(prompt) = provider.prompt {
            query.append_pair("prompt", prompt.as_str());
        }
        for (name, value) in &provider.extra {
            query.append_pair(name, value);
        }
    }
    url
}
