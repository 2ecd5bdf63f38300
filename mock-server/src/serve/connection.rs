//! One connection from its first byte to its last.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use http::Request;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tower_service::Service as _;

use super::Door;
use super::sending::Dropped;
use crate::answer::{OverTls, Peer};

/// Sees a client through the door and answers it until it goes.
pub(super) async fn attend(stream: TcpStream, peer: Peer, door: &Door, app: Router) {
    #[cfg(feature = "tls")]
    if let Some(tls) = door.as_tls() {
        if let Some(stream) = tls.receive(stream).await
            && !talk(stream, peer, true, app).await
        {
            tls.nothing_was_asked();
        }
        return;
    }
    door.look_for_tls(&stream).await;
    talk(stream, peer, false, app).await;
}

/// Answers requests; yields whether there was any.
async fn talk<S>(stream: S, peer: Peer, is_tls: bool, app: Router) -> bool
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let was_asked = Arc::new(AtomicBool::new(false));
    let asked = Arc::clone(&was_asked);
    let service = hyper::service::service_fn(move |request: Request<hyper::body::Incoming>| {
        asked.store(true, Ordering::Relaxed);
        let mut app = app.clone();
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(peer);
        if is_tls {
            request.extensions_mut().insert(OverTls);
        }
        async move {
            let answered: Result<Response, Infallible> = app.call(request).await;
            let Ok(response) = answered;
            // An error is the only way to make hyper close a connection unanswered.
            match response.extensions().get::<Dropped>() {
                Some(Dropped) => Err(std::io::Error::other("dropped by a fault")),
                None => Ok(response),
            }
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .serve_connection(TokioIo::new(stream), service);
    // What ends a connection is the client's business: it hung up, or sent no HTTP.
    let _ = connection.await;
    was_asked.load(Ordering::Relaxed)
}
