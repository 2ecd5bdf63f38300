//! A driver as Rust code sees it.

use crate::{Authenticator, Notice, Outcome, Request};

/// Carries out requests on one SDK.
///
/// An implementation is thin: it finds the SDK's call for an op, makes it, and reports what came
/// back. It never speaks to the service itself, because then the suite would judge the driver.
///
/// ```
/// use driver_protocol::{Authenticator, Driver, NoAuthenticator, Outcome, Request};
/// use serde_json::json;
///
/// struct Mute;
///
/// impl Driver for Mute {
///     fn call(&mut self, request: &Request, _: &mut dyn Authenticator) -> Outcome {
///         Outcome::unsupported(format!("there is no {}", request.op))
///     }
/// }
///
/// let outcome = Mute.call(&Request::new(1, "totp.auth", json!({})), &mut NoAuthenticator);
/// assert_eq!(outcome, Outcome::unsupported("there is no totp.auth"));
/// ```
pub trait Driver {
    /// Carries out one request and waits for its end.
    ///
    /// An op that the driver does not know is [`Outcome::Unsupported`], never a fault. The
    /// authenticator is lent for this call; only an SDK that meets a passkey needs it.
    fn call(&mut self, request: &Request, authenticator: &mut dyn Authenticator) -> Outcome;

    /// Hands over the events and log lines since the last call, oldest first.
    fn notices(&mut self) -> Vec<Notice> {
        Vec::new()
    }
}

impl<D: Driver + ?Sized> Driver for Box<D> {
    fn call(&mut self, request: &Request, authenticator: &mut dyn Authenticator) -> Outcome {
        (**self).call(request, authenticator)
    }

    fn notices(&mut self) -> Vec<Notice> {
        (**self).notices()
    }
}
