//! A driver as Rust code sees it.

use crate::{Notice, Outcome, Request};

/// Carries out requests on one SDK.
///
/// An implementation is thin: it finds the SDK's call for an op, makes it, and reports what came
/// back. It never speaks to the service itself, because then the suite would judge the driver.
///
/// ```
/// use driver_protocol::{Driver, Outcome, Request};
/// use serde_json::json;
///
/// struct Mute;
///
/// impl Driver for Mute {
///     fn call(&mut self, request: &Request) -> Outcome {
///         Outcome::unsupported(format!("there is no {}", request.op))
///     }
/// }
///
/// let outcome = Mute.call(&Request::new(1, "totp.auth", json!({})));
/// assert_eq!(outcome, Outcome::unsupported("there is no totp.auth"));
/// ```
pub trait Driver {
    /// Carries out one request and waits for its end.
    ///
    /// An op that the driver does not know is [`Outcome::Unsupported`], never a fault.
    fn call(&mut self, request: &Request) -> Outcome;

    /// Hands over the events and log lines since the last call, oldest first.
    fn notices(&mut self) -> Vec<Notice> {
        Vec::new()
    }
}

impl<D: Driver + ?Sized> Driver for Box<D> {
    fn call(&mut self, request: &Request) -> Outcome {
        (**self).call(request)
    }

    fn notices(&mut self) -> Vec<Notice> {
        (**self).notices()
    }
}
