//! The smallest correct SDK behind MDP/1, and its saboteurs.
//!
//! The suite needs a subject that does everything right, or a red case proves nothing; and subjects
//! that do exactly one thing wrong, or a green case proves nothing. This crate is both. It shares
//! no code with the service: own HTTP client, own cryptography, own reading of the wire.
//!
//! What is absent: cookies, wallets, persistence beyond memory, background threads. A
//! session that ran out is noticed at the next call instead of by a timer.
//!
//! ```
//! use driver_protocol::{Driver, NoAuthenticator, Outcome, Request};
//! use serde_json::json;
//!
//! let mut driver = reference_driver::reference();
//! let outcome = driver.call(&Request::new(1, "totp.atuh", json!({})), &mut NoAuthenticator);
//! assert_eq!(
//!     outcome,
//!     Outcome::unsupported("unknown op \"totp.atuh\"; did you mean \"totp.auth\"?")
//! );
//! ```

mod chance;
mod clock;
mod driver;
mod keys;
mod ops;
mod sabotage;
mod sdk;
pub mod stdio;

pub use clock::Clock;
pub use driver::ReferenceDriver;
pub use sabotage::{FIRST_MEASURED, FirstMeasured, HELD_OUT, SABOTAGES, Sabotage, sins};

/// A driver of the reference SDK, on the system's clock.
pub fn reference() -> ReferenceDriver {
    ReferenceDriver::new(Clock::system(), None)
}

/// A driver of the reference SDK with one named sin, on the system's clock.
///
/// `None` when [`sins`] has no such name.
///
/// ```
/// assert!(reference_driver::sabotaged("swallow-401").is_some());
/// assert!(reference_driver::sabotaged("swallow-402").is_none());
/// ```
pub fn sabotaged(name: &str) -> Option<ReferenceDriver> {
    let sabotage = sins().find(|sabotage| sabotage.name == name)?;
    Some(ReferenceDriver::new(Clock::system(), Some(sabotage)))
}
