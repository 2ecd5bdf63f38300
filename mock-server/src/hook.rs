//! Changing a decision of the service from a Rust test.

use bytes::Bytes;
use http::{Request, Response};
use jiff::Timestamp;
use mfa_engine::{Command, Environment, Outcome, Refusal};

/// Edits what goes into the engine, what comes out of it, and what leaves on the wire.
///
/// For tests that need a service which behaves otherwise than any setting allows: a token that
/// lacks a claim, a refusal that never comes. Every method does nothing unless it is written.
///
/// ```
/// use mock_server::{Hook, http::{Request, Response}, bytes::Bytes};
/// /// A service that names another key than it signs with.
/// struct Teapot;
/// impl Hook for Teapot {
///     fn answer(&self, _: &Request<Bytes>, response: &mut Response<Bytes>) {
///         *response.status_mut() = mock_server::http::StatusCode::IM_A_TEAPOT;
///     }
/// }
/// ```
pub trait Hook: Send + Sync {
    /// A call came that a fault of the kind [`crate::Effect::Meet`] holds; nothing is decided yet.
    fn held(&self, environment: &Environment, request: &Request<Bytes>) {
        let _ = (environment, request);
    }

    /// Before the engine decides; the command and the environment may be changed.
    fn before(&self, environment: &mut Environment, command: &mut Command, now: Timestamp) {
        let _ = (environment, command, now);
    }

    /// After the engine has decided; the result and the environment may be changed.
    fn after(
        &self,
        environment: &mut Environment,
        result: &mut Result<Outcome, Refusal>,
        now: Timestamp,
    ) {
        let _ = (environment, result, now);
    }

    /// Before the response leaves, and before the next call of a meeting has its turn.
    fn answer(&self, request: &Request<Bytes>, response: &mut Response<Bytes>) {
        let _ = (request, response);
    }
}
