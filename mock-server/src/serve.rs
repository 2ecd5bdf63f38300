//! The carrier on a TCP port: reads a request, asks, writes the answer the way its fate says.

mod connection;
mod door;
mod reading;
mod sending;

use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use hyper::body::Incoming;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};

use crate::answer::{Answer, Peer};
use crate::control::{self, Guard};
use crate::mock::{Attempt, Mock};
#[cfg(feature = "tls")]
use crate::tls::Tls;
pub use door::Door;
use reading::Read;
use sending::{Dropped, Outgoing, send, whole};

/// How many requests may be signing at once: more would only wait for a core.
const SIGNING_AT_ONCE: usize = 8;
/// How long nothing is accepted after the system refused a connection.
const PAUSE: Duration = Duration::from_millis(50);

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
    scheme: &'static str,
    stop: watch::Sender<bool>,
    thread: Option<JoinHandle<()>>,
}

/// What every connection needs.
struct Carrier {
    mock: Mock,
    guard: Guard,
    signing: Semaphore,
}

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
        Self::spawn_behind(mock, address, guard, Door::default())
    }

    /// The same over https; see [`crate::tls`].
    ///
    /// # Errors
    /// The port cannot be opened.
    #[cfg(feature = "tls")]
    pub fn spawn_tls(
        mock: Mock,
        address: SocketAddr,
        guard: Guard,
        tls: Tls,
    ) -> std::io::Result<Self> {
        Self::spawn_behind(mock, address, guard, Door::tls(tls))
    }

    /// The same with everything said: who may drive the control API, and what is spoken.
    ///
    /// # Errors
    /// The port cannot be opened.
    pub fn spawn_behind(
        mock: Mock,
        address: SocketAddr,
        guard: Guard,
        door: Door,
    ) -> std::io::Result<Self> {
        let listener = std::net::TcpListener::bind(address)?;
        let address = listener.local_addr()?;
        listener.set_nonblocking(true)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (stop, stopped) = watch::channel(false);
        let scheme = door.scheme();
        let thread = std::thread::Builder::new().name("mfa-mock".to_owned()).spawn(move || {
            runtime.block_on(async move {
                // Made from a listener that is open already, so only a closed runtime could fail.
                if let Ok(listener) = TcpListener::from_std(listener) {
                    serve(listener, mock, guard, door, stopped).await;
                }
            });
        })?;
        Ok(Self { address, scheme, stop, thread: Some(thread) })
    }

    /// What an SDK is given as its `apiBaseUrl`.
    pub fn base_url(&self) -> String {
        format!("{}{}", self.origin(), crate::wire::route::BASE)
    }

    /// Scheme, host and port, without a slash: below it lie the API and the control API.
    pub fn origin(&self) -> String {
        origin(self.scheme, self.address)
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
    door: Door,
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
        Ok(Self { mock, guard, door: Door::default(), listener, address })
    }

    /// Speaks something else than plain HTTP, or tells of clients that do.
    pub fn behind(self, door: Door) -> Self {
        Self { door, ..self }
    }

    /// What an SDK is given as its `apiBaseUrl`.
    pub fn base_url(&self) -> String {
        format!("{}{}", self.origin(), crate::wire::route::BASE)
    }

    /// Scheme, host and port, without a slash: below it lie the API and the control API.
    pub fn origin(&self) -> String {
        origin(self.door.scheme(), self.address)
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
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        // One thread answers, and others sign: a second one that answers would make each request
        // dearer, for it would have to be woken.
        runtime.block_on(async move {
            let listener = TcpListener::from_std(self.listener)?;
            let (stop, stopped) = watch::channel(false);
            tokio::spawn(async move {
                interrupted().await;
                let _ = stop.send(true);
            });
            serve(listener, self.mock, self.guard, self.door, stopped).await;
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

fn origin(scheme: &str, address: SocketAddr) -> String {
    match scheme {
        // No certificate is for "every address", and one is always for this name.
        "https" if address.ip().is_unspecified() => {
            format!("{scheme}://localhost:{}", address.port())
        }
        _ => format!("{scheme}://{address}"),
    }
}

/// Serves connections until told to stop; those that are open then are closed.
pub(crate) async fn serve(
    listener: TcpListener,
    mock: Mock,
    guard: Guard,
    door: Door,
    mut stopped: watch::Receiver<bool>,
) {
    let signing = Semaphore::new(SIGNING_AT_ONCE);
    let carrier = Arc::new(Carrier { mock, guard, signing });
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stopped.changed() => return,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) if is_about_one(&error) => continue,
            Err(_) => {
                // Out of file descriptors, most likely. The connection still waits, so the next
                // call would fail at once, and a whole core would be spent on asking; others need
                // it to finish, and close theirs.
                tokio::select! {
                    () = tokio::time::sleep(PAUSE) => continue,
                    _ = stopped.changed() => return,
                }
            }
        };
        let peer = Peer(peer.ip().to_canonical());
        // Small answers must not wait for an acknowledgement that a delayed peer owes.
        let _ = stream.set_nodelay(true);
        let (carrier, door, mut stopped) = (Arc::clone(&carrier), door.clone(), stopped.clone());
        // Whatever a client takes its time for, it does not keep others waiting.
        tokio::spawn(async move {
            tokio::select! {
                // What the client says comes first: whether to stop is asked when it says nothing.
                biased;
                () = connection::attend(stream, peer, &door, carrier) => {}
                _ = stopped.changed() => {}
            }
        });
    }
}

/// Whether the system gave up on one connection, and the next may be well.
fn is_about_one(error: &std::io::Error) -> bool {
    use std::io::ErrorKind as Kind;
    matches!(
        error.kind(),
        Kind::ConnectionAborted | Kind::ConnectionReset | Kind::ConnectionRefused
    )
}

/// Where a request is worked on.
#[derive(Clone, Copy)]
enum Room {
    /// On the runtime's own thread, because it takes microseconds.
    Here,
    /// On the blocking pool, where waiting for a disk holds nobody up.
    Aside,
    /// There too, few at once, so that the quick answers need not wait behind signatures.
    Signing,
}

impl Carrier {
    /// Reads a request to its end and answers it; an error closes the connection unanswered.
    async fn carry(
        self: Arc<Self>,
        request: Request<Incoming>,
    ) -> Result<Response<Outgoing>, Dropped> {
        let (head, body) = request.into_parts();
        let limit = match control::is_for(head.uri.path()) {
            true => control::BODY_BYTES_MAX,
            false => self.mock.body_bytes_max(),
        };
        let wait = self.mock.body_wait_max();
        let read = reading::read(&head.headers, body, limit, wait).await;
        let mut request = Request::from_parts(head, Bytes::new());
        let mut is_read = true;
        match read {
            Read::Whole(body) => *request.body_mut() = body,
            Read::BrokenOff => {
                let mut response = Response::new(Bytes::new());
                *response.status_mut() = StatusCode::BAD_REQUEST;
                return Ok(whole(response));
            }
            Read::Not(why) => {
                is_read = false;
                request.extensions_mut().insert(why);
            }
        }
        let mut response = self.answer(request).await?;
        if !is_read {
            // What may yet come of the body would be taken for the next request.
            let close = http::HeaderValue::from_static("close");
            response.headers_mut().insert(http::header::CONNECTION, close);
        }
        Ok(response)
    }

    async fn answer(&self, request: Request<Bytes>) -> Result<Response<Outgoing>, Dropped> {
        if control::is_for(request.uri().path()) {
            return Ok(whole(control::answer(&self.mock, &self.guard, request).await));
        }
        let room = match self.mock.will_sign(&request) {
            true => Room::Signing,
            false if self.mock.waits_for_disk() => Room::Aside,
            false => Room::Here,
        };
        let request = Arc::new(request);
        let asked = Arc::clone(&request);
        let answer = match self.run(room, move |mock| mock.attempt(&asked)).await {
            Some(Attempt::Answered(answer)) => Some(answer),
            Some(Attempt::Held(held)) => {
                // Here it costs no thread and no permit, so those it waits for have both.
                let turn = held.wait_aside().await;
                self.run(room, move |mock| mock.resume(&request, *held, turn)).await
            }
            None => None,
        };
        send(answer.unwrap_or_else(broken)).await
    }

    /// Does a piece of work in its room. None: it panicked there.
    async fn run<T: Send + 'static>(
        &self,
        room: Room,
        work: impl FnOnce(&Mock) -> T + Send + 'static,
    ) -> Option<T> {
        let _permit = match room {
            Room::Here => return Some(work(&self.mock)),
            Room::Aside => None,
            // The semaphore is never closed, so a permit always comes.
            Room::Signing => Some(self.signing.acquire().await),
        };
        let mock = self.mock.clone();
        tokio::task::spawn_blocking(move || work(&mock)).await.ok()
    }
}

fn broken() -> Answer {
    let mut response = Response::new(Bytes::from_static(br#"{"error":"Internal Server Error"}"#));
    *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    Answer::deliver(response)
}
