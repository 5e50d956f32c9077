//! Routes. Everything is a `GET` of bytes that are ready, so there are no typed handlers here.

use crate::{assets, library::Library, operations, prebuilt::Prebuilt};
use gatewright_core::Problem;
use gatewright_openapi::Fragment;
use gatewright_plugin::{ApiArea, House, RouteTable, problem};
use poem::{
    EndpointExt, Request, Response,
    endpoint::{BoxEndpoint, make_sync},
    http::{Method, StatusCode, header},
};
use serde_json::Value;
use std::sync::{Arc, OnceLock};

pub(crate) struct Docs {
    shelf: Arc<Shelf>,
}

/// Where the documents are once the host has composed the whole. Of one document only: with another one come other
/// mounts.
struct Shelf {
    house: House,
    library: OnceLock<Library>,
}

impl Shelf {
    fn library(&self) -> Result<&Library, Problem> {
        if let Some(library) = self.library.get() {
            return Ok(library);
        }
        let document = self.house.document.get();
        match *document {
            Value::Null => Err(Problem::unavailable(None)),
            _ => Ok(self.library.get_or_init(|| Library::of(&document))),
        }
    }
}

impl Docs {
    pub(crate) fn new(house: &House) -> Self {
        Self { shelf: Arc::new(Shelf { house: house.clone(), library: OnceLock::new() }) }
    }

    /// A route that answers with one of the documents.
    fn document(&self, choose: fn(&Library, &Request) -> Option<Response>) -> BoxEndpoint<'static> {
        let shelf = self.shelf.clone();
        let answer = move |request: Request| {
            let found = shelf.library().map(|library| choose(library, &request));
            found.and_then(|found| found.ok_or_else(|| Problem::not_found("document"))).map_err(problem)
        };
        make_sync(answer).map_to_response().boxed()
    }
}

impl ApiArea for Docs {
    fn fragment(&self) -> Result<Fragment, String> {
        Ok(operations::fragment())
    }

    fn routes(self: Box<Self>) -> RouteTable {
        let page = assets::page();
        let files = assets::files();
        let routes = [
            ("/", make_sync(|_| to_docs()).map_to_response().boxed()),
            ("/docs", make_sync(move |request| page.reply(&request)).map_to_response().boxed()),
            // Not in the document: the files of the page are its own business.
            (
                "/docs/assets/*file",
                make_sync(move |request| file(&files, &request)).map_to_response().boxed(),
            ),
            ("/openapi.json", self.document(|library, request| Some(library.json.reply(request)))),
            ("/openapi.yaml", self.document(|library, request| Some(library.yaml.reply(request)))),
            ("/openapi/plugins.json", self.document(|library, request| Some(library.plugins.reply(request)))),
            (
                "/openapi/plugins/:file",
                self.document(|library, request| Some(library.part(&last_word(request)?)?.reply(request))),
            ),
        ];
        let get = |(path, endpoint): (&str, _)| (path.to_owned(), [(Method::GET, endpoint)].into());
        routes.map(get).into()
    }
}

fn to_docs() -> Response {
    Response::builder().status(StatusCode::TEMPORARY_REDIRECT).header(header::LOCATION, "/docs").finish()
}

fn file(files: &[(&str, Prebuilt)], request: &Request) -> poem::Result<Response> {
    let wanted = last_word(request);
    let found = files.iter().find(|(name, _)| Some(*name) == wanted.as_deref());
    found.map(|(_, file)| file.reply(request)).ok_or_else(|| problem(Problem::not_found("file")))
}

/// What the path has in the place of its one parameter.
fn last_word(request: &Request) -> Option<String> {
    request.path_params::<String>().ok()
}
