//! The carrier on a TCP port: reads a request, asks, writes the answer the way its fate says.

mod reading;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::JoinHandle;

use axum::Router;
use axum::body::{Body, HttpBody as _};
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use http::{Request, StatusCode};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tower_service::Service as _;

use crate::answer::{Answer, Fate, Peer};
use crate::control::{self, Guard};
use crate::mock::Mock;
use reading::Read;

/// How many requests may be signing at once: more would only wait for a core.
const SIGNING_AT_ONCE: usize = 8;

/// A service on a port, on a thread of its own. Dropping it closes the port.
///
/// ```
/// use mock_server::{Mock, Options, Server};
/// let mock = Mock::new(Options::default()).unwrap();
/// let server = Server::spawn(mock, "127.0.0.1:0".parse().unwrap()).unwrap();
/// assert!(server.base_url().ends_with("/api/v0"));
/// ```
pub struct Server {
    address: SocketAddr,
    stop: watch::Sender<bool>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Clone)]
struct Carrier {
    mock: Mock,
    guard: Arc<Guard>,
    signing: Arc<Semaphore>,
}

/// What the connection must do with a response, carried in its extensions.
#[derive(Clone, Copy)]
struct Dropped;

impl Server {
    /// Opens the port (0: any free one) and serves until dropped.
    ///
    /// # Errors
    /// The port cannot be opened.
    pub fn spawn(mock: Mock, address: SocketAddr) -> std::io::Result<Self> {
        Self::spawn_guarded(mock, address, Guard::loopback())
    }

    /// The same with a guard of one's own before the control API.
    ///
    /// # Errors
    /// The port cannot be opened.
    pub fn spawn_guarded(mock: Mock, address: SocketAddr, guard: Guard) -> std::io::Result<Self> {
        let listener = std::net::TcpListener::bind(address)?;
        let address = listener.local_addr()?;
        listener.set_nonblocking(true)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (stop, stopped) = watch::channel(false);
        let thread = std::thread::Builder::new().name("mfa-mock".to_owned()).spawn(move || {
            runtime.block_on(async move {
                // Made from a listener that is open already, so only a closed runtime could fail.
                if let Ok(listener) = TcpListener::from_std(listener) {
                    serve(listener, mock, guard, stopped).await;
                }
            });
        })?;
        Ok(Self { address, stop, thread: Some(thread) })
    }

    /// What an SDK is given as its `apiBaseUrl`.
    pub fn base_url(&self) -> String {
        base_url(self.address)
    }

    /// The address that is listened on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.stop.send(true);
        if let Some(thread) = self.thread.take() {
            // The thread ends by itself once told; a panic in it was printed already.
            let _ = thread.join();
        }
    }
}

/// A service on a port, on the calling thread: what the binary is made of.
pub struct Standalone {
    mock: Mock,
    guard: Guard,
    listener: std::net::TcpListener,
    address: SocketAddr,
}

impl Standalone {
    /// Opens the port (0: any free one). Connections wait from now on.
    ///
    /// # Errors
    /// The port cannot be opened.
    pub fn bind(mock: Mock, address: SocketAddr, guard: Guard) -> std::io::Result<Self> {
        let listener = std::net::TcpListener::bind(address)?;
        let address = listener.local_addr()?;
        listener.set_nonblocking(true)?;
        Ok(Self { mock, guard, listener, address })
    }

    /// What an SDK is given as its `apiBaseUrl`.
    pub fn base_url(&self) -> String {
        base_url(self.address)
    }

    /// The address that is listened on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until Ctrl-C or a termination signal.
    ///
    /// # Errors
    /// The runtime cannot be made.
    pub fn run_until_interrupted(self) -> std::io::Result<()> {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        runtime.block_on(async move {
            let listener = TcpListener::from_std(self.listener)?;
            let (stop, stopped) = watch::channel(false);
            tokio::spawn(async move {
                interrupted().await;
                let _ = stop.send(true);
            });
            serve(listener, self.mock, self.guard, stopped).await;
            Ok(())
        })
    }
}

/// Waits for Ctrl-C, or for the signal that a supervisor stops a process with.
async fn interrupted() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let terminate = async {
            match signal(SignalKind::terminate()) {
                Ok(mut terminate) => terminate.recv().await,
                Err(_) => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = interrupt => {}
            _ = terminate => {}
        }
    }
    #[cfg(not(unix))]
    let _ = interrupt.await;
}

fn base_url(address: SocketAddr) -> String {
    format!("http://{address}{}", crate::wire::route::BASE)
}

/// Serves connections until told to stop; those that are open then are closed.
pub(crate) async fn serve(
    listener: TcpListener,
    mock: Mock,
    guard: Guard,
    mut stopped: watch::Receiver<bool>,
) {
    let carrier = Carrier {
        mock,
        guard: Arc::new(guard),
        signing: Arc::new(Semaphore::new(SIGNING_AT_ONCE)),
    };
    let app = Router::new().fallback(carry).with_state(carrier);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stopped.changed() => return,
        };
        let Ok((stream, peer)) = accepted else { continue };
        let peer = Peer(peer.ip().to_canonical());
        // Small answers must not wait for an acknowledgement that a delayed peer owes.
        let _ = stream.set_nodelay(true);
        let app = app.clone();
        let mut stopped = stopped.clone();
        tokio::spawn(async move {
            let service =
                hyper::service::service_fn(move |request: Request<hyper::body::Incoming>| {
                    let mut app = app.clone();
                    let mut request = request.map(Body::new);
                    request.extensions_mut().insert(peer);
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
            tokio::select! {
                // What ends a connection is the client's business: it hung up, or sent no HTTP.
                _ = connection => {}
                _ = stopped.changed() => {}
            }
        });
    }
}

async fn carry(State(carrier): State<Carrier>, request: Request<Body>) -> Response {
    let (head, body) = request.into_parts();
    let limit = match control::is_for(head.uri.path()) {
        true => control::BODY_BYTES_MAX,
        false => carrier.mock.body_bytes_max(),
    };
    let wait = carrier.mock.body_wait_max();
    let read = reading::read(&head.headers, body, limit, wait).await;
    let mut request = Request::from_parts(head, Bytes::new());
    let mut is_read = true;
    match read {
        Read::Whole(body) => *request.body_mut() = body,
        Read::BrokenOff => return StatusCode::BAD_REQUEST.into_response(),
        Read::Not(why) => {
            is_read = false;
            request.extensions_mut().insert(why);
        }
    }
    let mut response = answer(carrier, request).await;
    if !is_read {
        // What may yet come of the body would be taken for the next request.
        let close = http::HeaderValue::from_static("close");
        response.headers_mut().insert(http::header::CONNECTION, close);
    }
    response
}

async fn answer(carrier: Carrier, request: Request<Bytes>) -> Response {
    if control::is_for(request.uri().path()) {
        let response = control::answer(&carrier.mock, &carrier.guard, request).await;
        return response.map(Body::from);
    }
    let answer = match carrier.mock.will_sign(&request) {
        false if carrier.mock.waits_for_disk() => answer_elsewhere(carrier.mock, request).await,
        false => carrier.mock.answer(&request),
        true => sign_elsewhere(carrier, request).await,
    };
    send(answer).await
}

/// Signs on the blocking pool, so that the quick answers need not wait behind it.
async fn sign_elsewhere(carrier: Carrier, request: Request<Bytes>) -> Answer {
    // The semaphore is never closed, so a permit always comes.
    let _permit = carrier.signing.acquire().await;
    answer_elsewhere(carrier.mock, request).await
}

/// Answers on the blocking pool, where waiting for a disk holds nobody up.
async fn answer_elsewhere(mock: Mock, request: Request<Bytes>) -> Answer {
    match tokio::task::spawn_blocking(move || mock.answer(&request)).await {
        Ok(answer) => answer,
        Err(_) => {
            let mut response =
                http::Response::new(Bytes::from_static(br#"{"error":"Internal Server Error"}"#));
            *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
            Answer::deliver(response)
        }
    }
}

async fn send(answer: Answer) -> Response {
    let Answer { response, delay, fate } = answer;
    if !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }
    match fate {
        Fate::Deliver => response.map(Body::from),
        Fate::Drop => {
            let mut response = StatusCode::SERVICE_UNAVAILABLE.into_response();
            response.extensions_mut().insert(Dropped);
            response
        }
        Fate::Truncate(bytes) => truncated(response, bytes),
    }
}

/// Announces the whole length, sends a part, and breaks off.
fn truncated(response: http::Response<Bytes>, bytes: usize) -> Response {
    let (mut head, body) = response.into_parts();
    head.headers.insert(http::header::CONTENT_LENGTH, body.len().into());
    let part = body.slice(..bytes.min(body.len()));
    let body = Body::new(BrokenOff { part: Some(part), flushed: false, whole: body.len() as u64 });
    debug_assert!(!body.is_end_stream());
    Response::from_parts(head, body)
}

/// A body that yields one part and then an error, so that the connection closes.
struct BrokenOff {
    part: Option<Bytes>,
    flushed: bool,
    whole: u64,
}

impl hyper::body::Body for BrokenOff {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<hyper::body::Frame<Bytes>, std::io::Error>>> {
        use std::task::Poll;
        if let Some(part) = self.part.take() {
            return Poll::Ready(Some(Ok(hyper::body::Frame::data(part))));
        }
        if !self.flushed {
            // hyper throws away what it has not flushed when a body fails, the head included; it
            // flushes when a body has nothing to say for now.
            self.flushed = true;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(Some(Err(std::io::Error::other("broken off by a fault"))))
    }

    fn size_hint(&self) -> hyper::body::SizeHint {
        hyper::body::SizeHint::with_exact(self.whole)
    }
}
