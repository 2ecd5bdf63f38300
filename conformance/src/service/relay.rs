//! A listener on this machine that hands every request on to a service, and every answer back.
//!
//! It can be shut while the service lives on, it speaks https for clients that cannot, and it can
//! take notes, which is the second witness where a service has no journal.

use std::net::Ipv4Addr;
use std::sync::Arc;

use axum::body::{Body, to_bytes};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::task::{JoinHandle, JoinSet};
use ureq::Agent;

use super::http::{self, Heard};
use super::pace::Pace;
use super::{Address, Door};

/// The longest request that is handed on.
const REQUEST_BYTES_MAX: usize = 8 << 20;

/// Headers that are about one connection and not about the request, and how a body may be packed:
/// a packed answer could not be read by the one who takes notes.
const OF_THE_CONNECTION: [&str; 9] = [
    "accept-encoding",
    "connection",
    "content-length",
    "expect",
    "host",
    "keep-alive",
    "te",
    "transfer-encoding",
    "upgrade",
];

/// One request on its way.
pub(super) struct Asked {
    pub(super) method: String,
    /// Path with the query.
    pub(super) path: String,
    pub(super) headers: Vec<(String, Vec<u8>)>,
    pub(super) body: Vec<u8>,
}

/// Somebody who sees every exchange of a door, and may change what passes.
pub(super) trait Witness: Send + Sync {
    /// What the service is asked in place of what the client asked.
    fn asked(&self, asked: &Asked) -> Vec<u8>;

    /// What the client is told in place of what the service answered; `asked` is the client's.
    fn answered(&self, asked: &Asked, heard: &Heard) -> Vec<u8>;

    /// The service gave no answer.
    fn unanswered(&self, asked: &Asked, problem: &ureq::Error);
}

/// Hands requests on to one service.
pub(super) struct Relay {
    runtime: Runtime,
    agent: Agent,
    upstream: Address,
    pace: Arc<Pace>,
}

/// What ends when a door is shut: the listener, and every connection through it.
struct Listening(JoinHandle<()>);

impl Drop for Listening {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// A request that could not be handed on: the connection is closed, as the service's own would be.
#[derive(Debug, thiserror::Error)]
#[error("the request could not be handed on")]
struct Dropped;

impl Relay {
    /// Makes ready; nothing listens yet.
    pub(super) fn start(agent: Agent, upstream: Address, pace: Arc<Pace>) -> Result<Self, String> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .map_err(|error| error.to_string())?;
        Ok(Self { runtime, agent, upstream, pace })
    }

    /// Listens on a free port of the loopback interface until the door is dropped.
    pub(super) fn open(&self, witness: Option<Arc<dyn Witness>>) -> Result<Door, String> {
        let words = |error: std::io::Error| error.to_string();
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(words)?;
        let port = listener.local_addr().map_err(words)?.port();
        listener.set_nonblocking(true).map_err(words)?;
        let _inside = self.runtime.enter();
        let listener = TcpListener::from_std(listener).map_err(words)?;
        let carrier = Carrier {
            agent: self.agent.clone(),
            origin: self.upstream.origin().to_owned(),
            witness,
            pace: Arc::clone(&self.pace),
        };
        let task = self.runtime.spawn(listen(listener, Arc::new(carrier)));
        let base_url = format!("http://127.0.0.1:{port}{}", self.upstream.path());
        Ok(Door { base_url, _open: Box::new(Listening(task)) })
    }
}

struct Carrier {
    agent: Agent,
    origin: String,
    witness: Option<Arc<dyn Witness>>,
    pace: Arc<Pace>,
}

async fn listen(listener: TcpListener, carrier: Arc<Carrier>) {
    // Dropped with this task, and then every connection ends with it.
    let mut connections = JoinSet::new();
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        let carrier = Arc::clone(&carrier);
        connections.spawn(async move {
            let answer = service_fn(move |request| carry(Arc::clone(&carrier), request));
            // A connection that breaks is the business of the client that broke it.
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), answer).await;
        });
        while connections.try_join_next().is_some() {}
    }
}

async fn carry(
    carrier: Arc<Carrier>,
    request: Request<Incoming>,
) -> Result<Response<Body>, Dropped> {
    let (parts, body) = request.into_parts();
    let body = to_bytes(Body::new(body), REQUEST_BYTES_MAX).await.map_err(|_| Dropped)?;
    let asked = Asked {
        method: parts.method.to_string(),
        path: parts.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned(),
        headers: parts
            .headers
            .iter()
            .map(|(name, value)| (name.to_string(), value.as_bytes().to_vec()))
            .collect(),
        body: body.to_vec(),
    };
    let heard = tokio::task::spawn_blocking(move || carrier.exchange(&asked));
    let heard = heard.await.map_err(|_| Dropped)??;
    let mut response = Response::builder().status(heard.status);
    for (name, value) in heard.headers.iter().filter(|(name, _)| is_end_to_end(name)) {
        response = response.header(name, value.as_slice());
    }
    response.body(Body::from(heard.body)).map_err(|_| Dropped)
}

impl Carrier {
    fn exchange(&self, asked: &Asked) -> Result<Heard, Dropped> {
        let url = format!("{}{}", self.origin, asked.path);
        let headers: Vec<(String, Vec<u8>)> =
            asked.headers.iter().filter(|(name, _)| is_end_to_end(name)).cloned().collect();
        let body = match &self.witness {
            Some(witness) => witness.asked(asked),
            None => asked.body.clone(),
        };
        let body = (!body.is_empty()).then_some(body);
        self.pace.wait();
        match http::send(&self.agent, &asked.method, &url, &headers, body) {
            Ok(heard) => Ok(match &self.witness {
                Some(witness) => Heard { body: witness.answered(asked, &heard), ..heard },
                None => heard,
            }),
            Err(problem) => {
                if let Some(witness) = &self.witness {
                    witness.unanswered(asked, &problem);
                }
                Err(Dropped)
            }
        }
    }
}

fn is_end_to_end(header: &str) -> bool {
    !OF_THE_CONNECTION.contains(&header.to_ascii_lowercase().as_str())
}
