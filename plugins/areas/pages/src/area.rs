//! Which page is where.

use crate::{
    account, assets, consent,
    login::{self, Act},
    other, register, reset,
    visit::Visit,
};
use gatewright_core::Problem;
use gatewright_openapi::Fragment;
use gatewright_plugin::{ApiArea, House, RouteTable};
use poem::{
    EndpointExt, Request, Response,
    endpoint::{BoxEndpoint, make},
    http::{Method, StatusCode},
};
use serde_json::{Value, json};

/// The pages that can be linked to, with what the document says of them.
const PAGES: [(&str, &str, &str); 9] = [
    (
        "login",
        "Log in",
        "Asks for the name and then for whatever the tenant's policy says; ends at the account, or where the \
       application of `auth_req_id` goes on.",
    ),
    ("consent", "Agree", "Shows what the application of `auth_req_id` asks for, and asks whether it may."),
    ("device", "Connect a device", "Takes the code that a device shows (RFC 8628), and asks whether it may."),
    ("logout", "Log out", "Asks first, so that no link logs anybody out."),
    (
        "account",
        "One's own account",
        "Ways to sign in and sessions. Without a session it leads to the login.",
    ),
    (
        "reset",
        "Replace what was lost",
        "A password, or another first factor that is known: by a code that is mailed, where the tenant's policy names one under \
         `reset`. `lost` says what.",
    ),
    (
        "register",
        "Make an account",
        "Where the tenant lets people register themselves (`vault.register_enable`). It leads back to the login, in a request \
         of `auth_req_id` too.",
    ),
    (
        "verify",
        "Confirm an address",
        "The link in a mail leads here; who is logged in as the one who asked confirms.",
    ),
    ("error", "What went wrong", "One of our own sentences, by its word in `code`."),
];

pub(crate) struct Pages(House);

impl Pages {
    pub(crate) fn new(house: &House) -> Self {
        Self(house.clone())
    }
}

impl ApiArea for Pages {
    fn fragment(&self) -> Result<Fragment, String> {
        let mut fragment = Fragment::default();
        fragment.tags.push(json!({
            "name": "pages",
            "description": "Pages for people: log in, log out, one's own account. They are no API: forms and scripts of their own \
                            are not described here.",
        }));
        for (page, summary, description) in PAGES {
            fragment.operation(format!("/{{tenant}}/{page}"), "get", operation(page, summary, description));
        }
        Ok(fragment)
    }

    fn routes(self: Box<Self>) -> RouteTable {
        let mut table = RouteTable::new();
        for (page, _, _) in PAGES {
            table.insert(format!("/:tenant/{page}"), [(Method::GET, shown(&self.0, page))].into());
        }
        // Not in the document: forms, colours and files are the pages' own business.
        table.insert("/:tenant/do/*action".to_owned(), [(Method::POST, done(&self.0))].into());
        table.insert("/:tenant/look/*file".to_owned(), [(Method::GET, colours(&self.0))].into());
        let house = self.0.clone();
        let file = make(move |request: Request| {
            let reply = assets::reply(&house, &request).map_err(gatewright_plugin::problem);
            async move { reply }
        });
        table.insert("/assets/*file".to_owned(), [(Method::GET, file.map_to_response().boxed())].into());
        table
    }
}

fn operation(page: &str, summary: &str, description: &str) -> Value {
    let text = json!({"text/html": {"schema": {"type": "string"}}});
    json!({
        "operationId": format!("pages_{page}"),
        "tags": ["pages"],
        "summary": summary,
        "description": description,
        "security": [],
        "parameters": [{
            "name": "tenant", "in": "path", "required": true, "description": "The tenant.",
            "schema": {"type": "string", "example": "default"},
        }],
        "responses": {
            "200": {"description": "The page.", "content": text},
            "303": {"description": "`Location` leads to the page that is due."},
            "400": {"description": "A page that says that this can't be done.", "content": text},
            "404": {"description": "A page that says that there is no such tenant or page.", "content": text},
        },
    })
}

fn shown(house: &House, page: &'static str) -> BoxEndpoint<'static> {
    let house = house.clone();
    let endpoint = make(move |request: Request| {
        let house = house.clone();
        async move {
            let mut visit = match Visit::new(&house, request).await {
                Ok(visit) => visit,
                Err(problem) => return Ok(stranger(&problem)),
            };
            let shown = match page {
                "login" => Box::pin(login::page(&mut visit)).await,
                "consent" => Box::pin(consent::page(&mut visit)).await,
                "device" => Box::pin(consent::device_page(&mut visit)).await,
                "logout" => other::logout_page(&mut visit).await,
                "account" => account::page(&mut visit).await,
                "verify" => account::verify_page(&mut visit).await,
                "reset" => reset::page(&mut visit).await,
                "register" => register::page(&mut visit).await,
                _ => other::error_page(&mut visit).await,
            };
            Ok::<_, poem::Error>(replied(&visit, shown))
        }
    });
    endpoint.map_to_response().boxed()
}

fn done(house: &House) -> BoxEndpoint<'static> {
    let house = house.clone();
    let endpoint = make(move |request: Request| {
        let house = house.clone();
        async move {
            let action = request.raw_path_param("action").unwrap_or_default().to_owned();
            let mut visit = match Visit::new(&house, request).await {
                Ok(visit) => visit,
                Err(problem) => return Ok(stranger(&problem)),
            };
            let done = Box::pin(act(&mut visit, &action)).await;
            Ok::<_, poem::Error>(replied(&visit, done))
        }
    });
    endpoint.map_to_response().boxed()
}

async fn act(visit: &mut Visit, action: &str) -> Result<Response, Problem> {
    let form = visit.form().await?;
    match action {
        "begin" => login::begin(visit, &form).await,
        "passkey" => login::passkey(visit, &form).await,
        "choose" => login::act(visit, &form, Act::Choose).await,
        "ask" => login::act(visit, &form, Act::Ask).await,
        "answer" => login::act(visit, &form, Act::Answer).await,
        "agree" => consent::decide(visit, &form, true).await,
        "deny" => consent::decide(visit, &form, false).await,
        "device" => Ok(consent::device(visit, &form)),
        "allow-device" => consent::decide_device(visit, &form, true).await,
        "deny-device" => consent::decide_device(visit, &form, false).await,
        "reset" => reset::begin(visit, &form).await,
        "register" => register::begin(visit, &form).await,
        "logout" => other::logout(visit).await,
        "add" => account::add(visit, &form).await,
        "remove" => account::remove(visit, &form).await,
        "rename" => account::rename(visit, &form).await,
        "ask-address" => account::ask_address(visit).await,
        "verify" => account::verify(visit, &form).await,
        "end" => account::end(visit, &form).await,
        "end-others" => account::end_others(visit).await,
        _ => Err(Problem::not_found("page")),
    }
}

/// The reply, or what went wrong as a page. Whoever is logged in no more logs in.
fn replied(visit: &Visit, reply: Result<Response, Problem>) -> Response {
    match reply {
        Ok(response)
            if response.status() == StatusCode::SEE_OTHER
                || response.content_type() == Some("application/json") =>
        {
            visit.finish(response)
        }
        Ok(response) => response,
        Err(problem) if problem.code == "unauthenticated" => {
            visit.finish(crate::visit::see_other(&visit.path("login")))
        }
        Err(problem) => other::problem_page(visit, &problem),
    }
}

fn colours(house: &House) -> BoxEndpoint<'static> {
    let house = house.clone();
    let endpoint = make(move |request: Request| {
        let house = house.clone();
        async move {
            let id = request.raw_path_param("tenant").and_then(gatewright_contract::TenantId::parse);
            let found = async { house.engine.tenant(&id.ok_or_else(|| Problem::not_found("tenant"))?).await };
            let tenant = found.await.map_err(gatewright_plugin::problem)?;
            Ok::<_, poem::Error>(assets::colours(&request, &house.engine.settings_of(&tenant).look))
        }
    });
    endpoint.map_to_response().boxed()
}

/// Without a tenant there is no language and no look.
fn stranger(problem: &Problem) -> Response {
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let words = match problem.status {
        404 => "There is no such page. Check the address, or ask who gave it to you.",
        400 => "This address can't be read. Check it, or ask who gave it to you.",
        _ => "This does not work right now. Try again in a moment.",
    };
    let page = maud::html! {
        (maud::DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                title { (status.as_u16()) }
                meta name="viewport" content="width=device-width, initial-scale=1";
                link rel="stylesheet" href=(assets::path("ui.css"));
            }
            body { main.card { h1 { (status.canonical_reason().unwrap_or("Error")) } p { (words) } } }
        }
    };
    let policy =
        "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    Response::builder()
        .status(status)
        .content_type("text/html; charset=utf-8")
        .header("content-security-policy", policy)
        .body(page.into_string())
}
