//! One connection from its first byte to its last.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

use super::{Carrier, Door};
use crate::answer::{OverTls, Peer};

/// Sees a client through the door and answers it until it goes.
pub(super) async fn attend(stream: TcpStream, peer: Peer, door: &Door, carrier: Arc<Carrier>) {
    #[cfg(feature = "tls")]
    if let Some(tls) = door.as_tls() {
        let _visit = tls.visit();
        if let Some(stream) = tls.receive(stream).await
            && !talk(stream, peer, true, carrier).await
        {
            tls.nothing_was_asked();
        }
        return;
    }
    door.look_for_tls(&stream).await;
    talk(stream, peer, false, carrier).await;
}

/// Answers requests; yields whether there was any.
async fn talk<S>(stream: S, peer: Peer, is_tls: bool, carrier: Arc<Carrier>) -> bool
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let was_asked = Arc::new(AtomicBool::new(false));
    let asked = Arc::clone(&was_asked);
    let service = hyper::service::service_fn(move |mut request: Request<Incoming>| {
        asked.store(true, Ordering::Relaxed);
        request.extensions_mut().insert(peer);
        if is_tls {
            request.extensions_mut().insert(OverTls);
        }
        // An error is the only way to make hyper close a connection unanswered.
        Arc::clone(&carrier).carry(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .serve_connection(TokioIo::new(stream), service);
    // What ends a connection is the client's business: it hung up, or sent no HTTP.
    let _ = connection.await;
    was_asked.load(Ordering::Relaxed)
}
