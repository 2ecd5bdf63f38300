//! What a transport must do with a request: the response, and how it travels.

use std::net::IpAddr;
use std::time::Duration;

use bytes::Bytes;
use http::Response;

/// The answer to one request.
#[derive(Debug)]
pub struct Answer {
    /// The response.
    pub response: Response<Bytes>,
    /// How long the transport waits before it sends it.
    pub delay: Duration,
    /// How much of it arrives.
    pub fate: Fate,
}

/// The address that a request came from; a transport puts it into the request's extensions.
///
/// It counts where calls are limited by address. A request without one came over no network, and
/// all of those are one caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer(pub IpAddr);

/// Says that a request came over TLS; a transport puts it into the request's extensions.
///
/// Addresses that are handed out begin with `https` then, as they do when a proxy before the
/// service says so (`X-Forwarded-Proto`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OverTls;

/// Why a body was left unread; stands in the extensions of a request that is asked without one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unread {
    /// It is longer than allowed, or says that it will be.
    TooLong,
    /// It was announced, and did not arrive in time.
    TooLate,
}

/// How much of a response arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// All of it.
    Deliver,
    /// Nothing: the connection closes.
    Drop,
    /// The head and that many bytes of the body, then the connection closes.
    Truncate(usize),
}

impl Answer {
    /// A response that arrives whole and at once.
    pub fn deliver(response: Response<Bytes>) -> Self {
        Self { response, delay: Duration::ZERO, fate: Fate::Deliver }
    }
}
