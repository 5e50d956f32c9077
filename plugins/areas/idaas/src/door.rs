//! What the five operations share: who asks, for which application, and where they stand.

use crate::{
    ID,
    adapters::machine::shown,
    applications::{Application, IdaasConfig},
    names::Way,
    tokens::web_session,
    wire::{Formed, Named, UserChallengeParameters},
};
use gatewright_contract::{Body, Timestamp};
use gatewright_core::{
    Engine, Origin, PlainToken, Problem,
    engine::{Begin, Noted},
    person::username_key,
    session::Caller,
};
use gatewright_plugin::{
    House,
    outcome::{Bound, bind_browser, from_browser},
};
use poem::Request;
use serde_json::{Value, json};
use std::sync::Arc;

/// The engine with the applications of this door.
#[derive(Clone)]
pub(crate) struct Door {
    house: House,
    config: Arc<IdaasConfig>,
}

impl Door {
    pub(crate) fn new(house: &House, config: &Arc<IdaasConfig>) -> Self {
        Self { house: house.clone(), config: config.clone() }
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.house.engine
    }

    /// The server's time, as replies tell it.
    pub(crate) fn time(&self) -> Option<i64> {
        Some(self.engine().now().as_millis())
    }

    /// Who asks; a language in the body goes before the one in the header.
    pub(crate) fn origin(&self, request: &Request, locale: Option<&str>) -> Origin {
        let origin = gatewright_plugin::origin(request, ID);
        match locale.map(|l| l.replace('_', "-")).filter(|l| is_language(l)) {
            None => origin,
            locale => Origin { locale, ..origin },
        }
    }

    /// Binds to the browser what sends it elsewhere and back, where it is a browser that asks; the engine refuses
    /// it where nothing is bound.
    ///
    /// # Errors
    /// When there is no randomness.
    pub(crate) fn bind(
        &self,
        request: &Request,
        authenticator: &str,
        origin: &mut Origin,
    ) -> Result<Option<Bound>, Problem> {
        match self.sends_away(authenticator) {
            true => bind_browser(&self.house, request, from_browser(request), origin),
            false => Ok(None),
        }
    }

    /// Whether it sends the browser elsewhere.
    pub(crate) fn sends_away(&self, authenticator: &str) -> bool {
        self.engine().catalogue().manifest(authenticator).is_some_and(|m| m.abilities.same_browser)
    }

    /// `Set-Cookie` of what has been bound.
    pub(crate) fn cookie(&self, bound: Option<Bound>, expires: Timestamp) -> Option<String> {
        bound.map(|bound| bound.set_cookie(&self.house, expires))
    }

    /// The application that asks.
    ///
    /// # Errors
    /// 401 for one that is not in the configuration.
    pub(crate) fn application(&self, id: &str) -> Result<&Application, Problem> {
        self.config.applications.iter().find(|a| a.id == id).ok_or_else(Problem::unauthenticated)
    }

    /// Whose access token it is, where it is good at this application and of this person; nobody otherwise.
    pub(crate) async fn caller(
        &self,
        request: &Request,
        token: &PlainToken,
        application: &Application,
        user: Option<&str>,
    ) -> Result<Option<Caller>, Problem> {
        let checked = self.engine().check_login(token, web_session(request).as_ref()).await;
        let Some(caller) = or_nobody(checked)?.filter(|c| c.session.tenant == application.tenant) else {
            return Ok(None);
        };
        let Some(person) = or_nobody(self.engine().person_of(&caller).await)? else { return Ok(None) };
        let same = user.is_none_or(|name| username_key(name) == username_key(&person.username));
        Ok(same.then_some(caller))
    }
}

/// What came of beginning at an application's tenant. That the tenant is not there is for the operator to know,
/// not for the caller.
pub(crate) fn at<T>(application: &Application, begun: Result<T, Problem>) -> Result<T, Problem> {
    begun.inspect_err(|problem| {
        if problem.code == "not_found" {
            let Application { id, tenant, .. } = application;
            tracing::warn!(application = %id, %tenant, "an application's tenant does not exist or is disabled");
        }
    })
}

/// A token that is not good is nobody's; a store that does not answer is still an error.
fn or_nobody<T>(checked: Result<T, Problem>) -> Result<Option<T>, Problem> {
    match checked {
        Ok(found) => Ok(Some(found)),
        Err(problem) if problem.status == 401 => Ok(None),
        Err(problem) => Err(problem),
    }
}

/// What looks like a language tag (RFC 5646, section 2.1).
fn is_language(tag: &str) -> bool {
    (1..=35).contains(&tag.len()) && tag.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

/// An empty text is none: public clients send an empty `userId` where they know no name.
pub(crate) fn named(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !text.is_empty())
}

/// A login of this application. What a later call says of application and person must fit it.
pub(crate) fn begin(
    application: &Application,
    asked: &UserChallengeParameters,
    elevate: Option<Caller>,
) -> Begin {
    let user = named(asked.user_id.as_deref());
    Begin {
        client: Some(application.id.clone()),
        context: context(asked),
        device: asked.machine_authenticator.as_ref().and_then(shown).map(Body),
        dialect: json!({"user": user.and_then(username_key)}),
        elevate,
        ..Begin::login(application.tenant.clone(), user.map(str::to_owned))
    }
}

/// What the person is shown of the request that they approve; nothing where nothing was sent.
pub(crate) fn context(asked: &UserChallengeParameters) -> Value {
    let details = asked.transaction_details.iter().flatten();
    let details: Vec<Value> =
        details.map(|d| json!({"detail": d.detail.as_deref(), "value": d.value.as_deref()})).collect();
    let request = asked.request_detail.as_ref();
    let all = [
        ("summary", json!(asked.summary.as_deref())),
        ("details", if details.is_empty() { Value::Null } else { Value::Array(details) }),
        ("message", json!(asked.push_message_identifier.as_deref())),
        ("address", json!(asked.client_ip.as_deref())),
        ("browser", json!(request.and_then(|r| r.browser.as_deref()))),
        ("os", json!(request.and_then(|r| r.os.as_deref()))),
    ];
    let said: serde_json::Map<_, _> =
        all.into_iter().filter(|(_, v)| !v.is_null()).map(|(k, v)| (k.to_owned(), v)).collect();
    if said.is_empty() { Value::Null } else { Value::Object(said) }
}

/// Holds what a call says of application and person against the transaction that its token is of: a token of
/// Ada's login in a call about Bob must not log in anybody.
///
/// # Errors
/// 401 when they don't fit.
pub(crate) fn must_fit(noted: &Noted, application: Option<&str>, user: Option<&str>) -> Result<(), Problem> {
    let begun_for = noted.dialect["user"].as_str();
    let other_application = application.is_some_and(|id| noted.client.as_deref() != Some(id));
    let other_user = match (begun_for, named(user)) {
        (Some(begun_for), Some(name)) => username_key(name).as_deref() != Some(begun_for),
        _ => false,
    };
    if other_application || other_user { Err(Problem::unauthenticated()) } else { Ok(()) }
}

impl Door {
    /// The second factor that a client names, as an authenticator.
    ///
    /// # Errors
    /// 400 for what is not there.
    pub(crate) async fn second(
        &self,
        named: Option<&Formed<Named>>,
        under_way: (&PlainToken, &Origin),
    ) -> Result<Option<String>, Problem> {
        let Some(named) = named else { return Ok(None) };
        let name = named.0.as_str();
        let way = Way::parse(&name, &self.engine().catalogue())?.only()?;
        self.which(way, under_way).await.map(Some)
    }

    /// The authenticator that a name stands for in a transaction that is under way.
    ///
    /// # Errors
    /// 404 without the transaction.
    pub(crate) async fn which(
        &self,
        way: Way<'_>,
        (token, origin): (&PlainToken, &Origin),
    ) -> Result<String, Problem> {
        let due = match way.is_many() {
            true => self.engine().next(token, origin).await?.authenticators,
            false => Vec::new(),
        };
        Ok(way.of(&due, &self.engine().catalogue()).to_owned())
    }

    /// The authenticator that a name stands for at the beginning.
    ///
    /// # Errors
    /// 404 for a tenant that is not there.
    pub(crate) async fn at_first(&self, way: Way<'_>, application: &Application) -> Result<String, Problem> {
        let engine = self.engine();
        let tenant = at(application, engine.tenant(&application.tenant).await)?;
        let catalogue = engine.catalogue();
        let due = engine.settings_of(&tenant).policy.first_steps(&catalogue);
        Ok(way.of(&due, &catalogue).to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gatewright_contract::Purpose;

    fn noted(user: Option<&str>) -> Noted {
        Noted {
            generation: None,
            client: Some("default".to_owned()),
            dialect: json!({"user": user}),
            pending: None,
            proofs: 0,
            answerable: false,
            purpose: Purpose::Login,
        }
    }

    #[test]
    fn a_call_about_somebody_else_does_not_fit() {
        let ada = noted(username_key("Ada").as_deref());
        for (application, user) in [(None, None), (Some("default"), Some("ADA")), (None, Some(""))] {
            assert!(must_fit(&ada, application, user).is_ok(), "{application:?} {user:?}");
        }
        for (application, user) in [(Some("other"), None), (None, Some("bob")), (None, Some("a\0"))] {
            let problem = must_fit(&ada, application, user).expect_err("refused");
            assert_eq!(problem.status, 401, "{application:?} {user:?}");
        }
    }

    #[test]
    fn who_was_not_named_at_the_start_may_be_named_later() {
        assert!(must_fit(&noted(None), None, Some("ada")).is_ok());
    }

    #[test]
    fn nothing_said_is_no_context() {
        assert_eq!(context(&UserChallengeParameters::default()), Value::Null);
        let said = UserChallengeParameters { summary: Some("Pay 5".into()), ..Default::default() };
        assert_eq!(context(&said), json!({"summary": "Pay 5"}));
    }

    #[test]
    fn a_language_is_a_tag() {
        assert!(is_language("en-GB") && !is_language("en\r\n") && !is_language(""));
    }
}
