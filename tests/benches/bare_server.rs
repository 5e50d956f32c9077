//! The least that serves a poem endpoint: hyper's connection, and nothing around it. The same that poem's own server
//! does, without the features that it would bring into the build.
#![allow(clippy::expect_used, reason = "a bench may stop")]

use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto::Builder,
};
use poem::{
    Addr, Endpoint, Response,
    http::uri::Scheme,
    web::{LocalAddr, RemoteAddr},
};
use std::{convert::Infallible, net::SocketAddr, sync::Arc};
use tokio::net::TcpListener;

/// Serves on a free port until the process ends; `ready` hears which.
pub(crate) async fn serve<E>(endpoint: Arc<E>, ready: impl FnOnce(SocketAddr))
where
    E: Endpoint<Output = Response> + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let here = listener.local_addr().expect("an address");
    ready(here);
    loop {
        let (stream, peer) = listener.accept().await.expect("a connection");
        stream.set_nodelay(true).expect("a socket");
        let (local, remote) = (LocalAddr(Addr::SocketAddr(here)), RemoteAddr(Addr::SocketAddr(peer)));
        let endpoint = endpoint.clone();
        tokio::spawn(async move {
            let service = service_fn(move |request: hyper::Request<Incoming>| {
                let (endpoint, local, remote) = (endpoint.clone(), local.clone(), remote.clone());
                async move {
                    let request = (request, local, remote, Scheme::HTTP).into();
                    let response: hyper::Response<_> = endpoint.get_response(request).await.into();
                    Ok::<_, Infallible>(response)
                }
            });
            // A client that goes away is no news.
            let _ = Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service).await;
        });
    }
}
