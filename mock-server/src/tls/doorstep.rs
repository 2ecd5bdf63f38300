//! What happens between a connection and its first request: the handshake, or what is no TLS.

use std::convert::Infallible;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::{AlertDescription, Error};
use tokio_rustls::server::TlsStream;

use super::Tls;

/// The `error` that a plain HTTP request to a TLS port is answered with.
pub const PLAIN_HTTP: &str = "this port speaks https, and the request came in plain http";
/// How much of a plain request is read before it is answered.
const PLAIN_BYTES_MAX: usize = 1 << 16;

/// What became of connections on which nothing was asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Troubles {
    /// Clients that refused the certificate and said so.
    pub refused: u64,
    /// Clients that hung up in the handshake or right after it; some do so instead of refusing a
    /// certificate.
    pub silent: u64,
    /// Clients that asked in plain HTTP.
    pub plain: u64,
}

type Tell = Box<dyn Fn(&str) + Send + Sync>;

/// Counts troubles, and tells of the first refusal.
#[derive(Default)]
pub(super) struct Watch {
    refused: AtomicU64,
    silent: AtomicU64,
    plain: AtomicU64,
    visitors: AtomicU64,
    tell: Mutex<Option<Tell>>,
}

/// A client that is connected; dropping it says that it is gone, and what it did wrong was noted.
pub(crate) struct Visit(Arc<Watch>);

impl Drop for Visit {
    fn drop(&mut self) {
        self.0.visitors.fetch_sub(1, Ordering::Release);
    }
}

impl Watch {
    pub(super) fn tell_with(&self, tell: impl Fn(&str) + Send + Sync + 'static) {
        *self.tell.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(tell));
    }

    pub(super) fn troubles(&self) -> Troubles {
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Troubles {
            refused: count(&self.refused),
            silent: count(&self.silent),
            plain: count(&self.plain),
        }
    }

    fn refused(&self, word: &str) {
        self.refused.fetch_add(1, Ordering::Relaxed);
        // Taken away, so that nobody is told twice.
        let tell = self.tell.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(tell) = tell {
            tell(word);
        }
    }
}

impl Tls {
    /// Notes that a client has come.
    pub(crate) fn visit(&self) -> Visit {
        self.watch.visitors.fetch_add(1, Ordering::Relaxed);
        Visit(Arc::clone(&self.watch))
    }

    /// How many clients are connected.
    pub(crate) fn visitors(&self) -> u64 {
        self.watch.visitors.load(Ordering::Acquire)
    }

    /// Shakes hands. Nothing if there is nobody to talk to, or not in TLS; that is dealt with.
    pub(crate) async fn receive(&self, stream: TcpStream) -> Option<TlsStream<TcpStream>> {
        // Whoever takes too long has lost interest, or means harm.
        tokio::time::timeout(self.patience, self.greet(stream)).await.ok().flatten()
    }

    /// Notes that a client went without having asked anything.
    pub(crate) fn nothing_was_asked(&self) {
        self.watch.silent.fetch_add(1, Ordering::Relaxed);
    }

    async fn greet(&self, stream: TcpStream) -> Option<TlsStream<TcpStream>> {
        let mut first = [0];
        if stream.peek(&mut first).await.ok()? == 0 {
            return None;
        }
        // A method of HTTP begins with a capital letter (RFC 9110), a TLS record never does.
        if first.iter().all(u8::is_ascii_uppercase) {
            self.watch.plain.fetch_add(1, Ordering::Relaxed);
            refuse_plain_http(stream).await;
            return None;
        }
        // The semaphore is never closed, so a permit always comes.
        let _permit = self.under_way.acquire().await;
        let error = match TlsAcceptor::from(self.config.clone()).accept(stream).await {
            Ok(stream) => return Some(stream),
            Err(error) => error,
        };
        match error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) {
            Some(Error::AlertReceived(alert)) if is_about_certificate(*alert) => {
                self.watch.refused(&format!("{alert:?}"));
            }
            None => self.nothing_was_asked(),
            Some(_) => {}
        }
        None
    }
}

/// Whether a client says with an alert that it does not accept the certificate (RFC 8446, 6.2).
fn is_about_certificate(alert: AlertDescription) -> bool {
    use AlertDescription as Alert;
    matches!(
        alert,
        Alert::BadCertificate
            | Alert::UnsupportedCertificate
            | Alert::CertificateRevoked
            | Alert::CertificateExpired
            | Alert::CertificateUnknown
            | Alert::UnknownCA
    )
}

/// Says in plain HTTP that this is the wrong way to ask.
async fn refuse_plain_http(stream: TcpStream) {
    let service = hyper::service::service_fn(|request: Request<Incoming>| async {
        // Closing with something unread resets the connection, and the answer may get lost.
        let _ = Limited::new(request.into_body(), PLAIN_BYTES_MAX).collect().await;
        let hint = "write https:// in place of http://";
        let body = serde_json::json!({ "error": PLAIN_HTTP, "hint": hint }).to_string();
        let mut response = Response::new(Full::new(Bytes::from(body)));
        *response.status_mut() = StatusCode::BAD_REQUEST;
        let json = HeaderValue::from_static("application/json; charset=utf-8");
        response.headers_mut().insert(header::CONTENT_TYPE, json);
        Ok::<_, Infallible>(response)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .keep_alive(false)
        .serve_connection(TokioIo::new(stream), service);
    // The client was told, or has hung up.
    let _ = connection.await;
}
