//! The one way in: everything that holds for every request, in one endpoint around all others.
//!
//! One struct instead of a stack of middlewares, because every boxed layer costs 0.3 µs and because the order of these
//! steps is part of what they guarantee.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use futures_util::FutureExt;
use gatewright_plugin::{
    Reach,
    request::{ClientAddress, PeerCertificates, Secure},
};
use poem::{
    Addr, Endpoint, IntoResponse, Request, Response, Result,
    http::{HeaderMap, Method, header, uri::Scheme},
};
use tokio::time::timeout_at;

use crate::rate::Rates;

use super::{
    authority,
    body::{self, BodyError, Buffered, Share},
    caller::{Caller, Proxies},
    check::ConfigMistake,
    client_certificate,
    config::{CertificateHeader, HttpConfig, Limits},
    cross_site::{self, Reaches},
    headers,
    metrics::Metrics,
    origin::{Origin, Origins},
    problem::{self, Plain, Refusal},
    request_id::{self, Names, Random},
    visit::Visit,
};

/// The value of `Allow` for a path that exists, such as `GET, POST`.
pub type Allow = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// An answer of the door in the dialect of the route at this path: path, status, code, detail. `None`: there is
/// no route, or it speaks RFC 9457 anyway.
pub type Reword = Arc<dyn Fn(&str, u16, &str, &str) -> Option<Response> + Send + Sync>;

/// Whether a path is answered however often an address asks.
pub type Unlimited = Arc<dyn Fn(&str) -> bool + Send + Sync>;

/// Longest path with query, in bytes.
const LONGEST_TARGET: usize = 8 * 1024;

/// Guards `inner`: names the request, finds out who is calling, refuses what no handler should see, bounds its time,
/// turns errors and panics into problems, and adds headers, metrics and a log line.
pub struct Door<E> {
    inner: E,
    limits: Limits,
    proxies: Proxies,
    certificates: Option<CertificateHeader>,
    origins: Origins,
    buffered: Buffered,
    metrics: Arc<Metrics>,
    names: Names,
    allow: Allow,
    reword: Reword,
    rates: Option<(Arc<Rates>, Unlimited)>,
    reaches: Reaches,
}

impl<E> Door<E> {
    /// A door in front of `inner`.
    ///
    /// # Errors
    /// All of [`HttpConfig::check`].
    pub fn new(
        inner: E,
        config: &HttpConfig,
        metrics: Arc<Metrics>,
        random: Random,
        (allow, reword): (Allow, Reword),
    ) -> Result<Self, Vec<ConfigMistake>> {
        let mistakes = config.check();
        if !mistakes.is_empty() {
            return Err(mistakes);
        }
        let networks = config.trusted_proxies.iter().filter_map(|text| text.parse().ok()).collect();
        let public = config.public_url.iter().filter_map(|url| Origin::of_url(url).ok());
        let allowed = config.allowed_origins.iter().filter_map(|text| Origin::parse(text).ok());
        Ok(Self {
            inner,
            proxies: Proxies::new(networks, config.proxy_headers),
            certificates: config.client_certificate_header,
            origins: Origins::new(public.chain(allowed).collect()),
            buffered: Buffered::new(config.limits.max_buffered_bytes),
            limits: config.limits.clone(),
            metrics,
            names: Names::new(random),
            allow,
            reword,
            rates: None,
            reaches: Arc::new(|_, _| Reach::OwnSite),
        })
    }

    /// With these rates.
    #[must_use]
    pub fn limited(mut self, rates: Arc<Rates>, unlimited: Unlimited) -> Self {
        self.rates = Some((rates, unlimited));
        self
    }

    /// With operations that are open to more than pages of this site.
    #[must_use]
    pub fn reached(mut self, reaches: Reaches) -> Self {
        self.reaches = reaches;
        self
    }

    /// Counts the request, whatever else is wrong with it.
    fn paced(&self, request: &Request, caller: &Caller) -> Result<(), Refusal> {
        let (Some((rates, unlimited)), Some(address)) = (&self.rates, caller.address) else { return Ok(()) };
        match rates.request(address) {
            // Which paths are unlimited is asked last: of few requests, and it takes longest.
            Err(wait) if !unlimited(request.uri().path()) => Err(Refusal::TooFast(whole_seconds(wait))),
            _ => Ok(()),
        }
    }

    /// Who is calling, and how the request is called.
    fn open(&self, request: &Request) -> Visit<'_> {
        let peer = match &request.remote_addr().0 {
            Addr::SocketAddr(socket) => Some(socket.ip()),
            _ => None,
        };
        let caller = self.proxies.caller(peer, *request.scheme() == Scheme::HTTPS, request.headers());
        let given = if caller.through_proxy {
            headers::request_id(request.headers()).and_then(request_id::given)
        } else {
            None
        };
        let id = given.unwrap_or_else(|| self.names.fresh());
        Visit::new(&self.metrics, request.method(), id, caller)
    }

    /// What can be judged before the body is read. `true`: a page of another site asks, and may.
    fn admit(&self, request: &Request, caller: &Caller) -> Result<bool, Refusal> {
        self.paced(request, caller)?;
        if matches!(*request.method(), Method::CONNECT | Method::TRACE) {
            return Err(Refusal::NotImplemented);
        }
        if caller.unreadable {
            return Err(Refusal::Forwarded);
        }
        let target = request.uri().path_and_query().map_or("", |target| target.as_str());
        if target.len() > LONGEST_TARGET {
            return Err(Refusal::UriTooLong);
        }
        // `OPTIONS *` has the path `*`; nothing here answers for the server as a whole.
        if !target.starts_with('/') {
            return Err(Refusal::Target);
        }
        let own = authority::of_request(request).map_err(|()| Refusal::Host)?;
        if body::declares_over(request.headers(), self.limits.max_body_bytes) {
            return Err(Refusal::BodyTooLarge);
        }
        // Safe in the sense of RFC 9110 section 9.2.1; TRACE is gone above.
        let safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
        if safe && !request.headers().contains_key(header::ORIGIN)
            || !carries_ambient_credentials(request)
            || self.origins.may_change(request.headers(), caller.secure, own)
        {
            return Ok(false);
        }
        match (self.reaches)(request.method(), request.uri().path()) {
            Reach::OwnSite if safe => Ok(false),
            Reach::OwnSite => Err(Refusal::CrossSite),
            Reach::OtherSites | Reach::Shared => Ok(true),
        }
    }
}

/// For `Retry-After`: never zero, never too early.
fn whole_seconds(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0).max(u64::from(wait.is_zero()))
}

/// Whether the request carries what a browser adds by itself, whoever made it send the request: cookies, a password
/// typed into its own dialogue (RFC 7617 section 2.2), a client certificate. A bearer token is added by a script, which
/// must know it.
fn carries_ambient_credentials(request: &Request) -> bool {
    let by_browser = |headers: &HeaderMap| {
        headers.get(header::AUTHORIZATION).is_some_and(|value| {
            let scheme = value.as_bytes().split(|b| *b == b' ').next().unwrap_or_default();
            [b"basic".as_slice(), b"digest", b"negotiate", b"ntlm"]
                .iter()
                .any(|s| scheme.eq_ignore_ascii_case(s))
        })
    };
    request.headers().contains_key(header::COOKIE)
        || by_browser(request.headers())
        || request.extensions().get::<PeerCertificates>().is_some()
}

impl<E: Endpoint> Door<E> {
    /// Body, handler, time.
    async fn pass(&self, mut request: Request, visit: &Visit<'_>) -> Response {
        let deadline = visit.started + self.limits.request_timeout();
        let mut share = Share::new(&self.buffered);
        let body = request.take_body();
        if body.is_empty() {
            request.set_body(body);
        } else {
            let until = deadline.min(visit.started + self.limits.body_timeout());
            let reading = body::read(body, self.limits.max_body_bytes, &mut share);
            match timeout_at(until.into(), reading).await {
                Ok(Ok(whole)) => request.set_body(whole),
                Ok(Err(BodyError::TooLarge)) => return Refusal::BodyTooLarge.into_response(),
                Ok(Err(BodyError::Full)) => return Refusal::Busy.into_response(),
                Ok(Err(BodyError::Broken)) => return Refusal::BodyBroken.into_response(),
                Err(_) => return Refusal::BodyTimeout.into_response(),
            }
        }
        let extensions = request.extensions_mut();
        extensions.insert(visit.id.clone());
        if let Some(address) = visit.caller.address {
            extensions.insert(ClientAddress(address));
        }
        extensions.insert(Secure(visit.caller.secure));

        let uri = request.uri().clone();
        let answer = self.inner.call(request).map(|output| output.map(IntoResponse::into_response));
        match timeout_at(deadline.into(), AssertUnwindSafe(answer).catch_unwind()).await {
            Ok(Ok(Ok(response))) => response,
            Ok(Ok(Err(error))) => {
                visit.note_error(&error);
                problem::of_error(error, || (self.allow)(uri.path()))
            }
            Ok(Err(_panic)) => {
                visit.note_panic();
                Refusal::Panic.into_response()
            }
            Err(_) => Refusal::Timeout.into_response(),
        }
    }
}

impl<E: Endpoint> Endpoint for Door<E> {
    type Output = Response;

    async fn call(&self, mut request: Request) -> Result<Response> {
        let visit = self.open(&request);
        let uri = request.uri().clone();
        // First: a certificate is also something that a browser adds by itself.
        let settled = client_certificate::settle(&mut request, self.certificates, &visit.caller);
        let from_page = request.headers().contains_key(header::ORIGIN).then(|| request.method().clone());
        let admitted = self.admit(&request, &visit.caller).and_then(|stranger| settled.map(|()| stranger));
        let mut response = match admitted {
            Ok(stranger) => {
                if stranger {
                    cross_site::disown(&mut request);
                }
                match cross_site::preflight(&request, &self.reaches) {
                    Some(answer) => answer,
                    None => self.pass(request, &visit).await,
                }
            }
            Err(refusal) => refusal.into_response(),
        };
        if let Some(plain) = response.extensions_mut().remove::<Plain>() {
            let words = (self.reword)(uri.path(), response.status().as_u16(), &plain.code, &plain.detail);
            if let Some(written) = words {
                response = problem::reworded(response, written);
            }
            // What a handler answers is shared where its route says so; this was the door itself.
            if from_page.is_some_and(|method| (self.reaches)(&method, uri.path()) == Reach::Shared) {
                cross_site::share(response.headers_mut());
            }
        }
        headers::complete(response.headers_mut(), request_id::header(&visit.id), visit.caller.secure);
        visit.close(&response);
        Ok(response)
    }
}
