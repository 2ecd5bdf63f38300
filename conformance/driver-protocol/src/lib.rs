//! The words that the conformance suite and a driver exchange (MDP/1).
//!
//! JSON Lines over stdio, or one Rust trait inside a process: both speak [`Request`] and
//! [`Outcome`]. This crate knows no HTTP, no clock and no process; who starts a driver, waits for
//! it and judges it is the runner's business.
//!
//! The runner rejects what it does not know (a misspelt field would hide a missing one), a driver
//! ignores it (an older driver must survive a newer runner).
//!
//! ```
//! use driver_protocol::{Incoming, Outcome, Reply, Request, framing};
//! use serde_json::json;
//!
//! // The runner asks …
//! let request = Request::new(7, "totp.auth", json!({ "code": "123456" })).on("c1");
//! let line = framing::encode(&request)?;
//!
//! // … a driver reads that line, and answers it.
//! let heard = framing::parse_request(line.as_bytes())?;
//! assert_eq!(heard.op, "totp.auth");
//! let reply = Reply { id: heard.id, outcome: Outcome::Ok(json!({ "mfa_token": null })) };
//! let line = framing::encode(&reply)?;
//!
//! // The runner reads the answer back.
//! assert_eq!(framing::parse_line(line.as_bytes())?, Incoming::Reply(reply));
//! # Ok::<(), framing::FramingError>(())
//! ```

mod authenticator;
mod driver;
pub mod framing;
mod hello;
mod notice;
mod ops;
mod reply;
mod request;
mod suggestion;

pub use authenticator::{Authenticator, Callback, Ceremony, Declined, Lent, NoAuthenticator};
pub use driver::Driver;
pub use framing::{FramingError, Incoming};
pub use hello::{
    Capability, DriverClock, DriverName, ErrorFidelity, HelloAnswer, HelloArgs, Limits,
    PasskeySource, RestartSupport, SdkName, StorageKind, SuiteName,
};
pub use notice::{Event, Level, Log, Notice};
pub use ops::{Field, Form, OPS, Op, Standing, op};
pub use reply::{ErrorOrigin, Outcome, Reply, SdkError};
pub use request::Request;
pub use suggestion::{did_you_mean, edit_distance, nearest};

/// Version of the protocol that this crate speaks.
pub const MDP: u64 = 1;

/// Longest line either side may send, in bytes, without its line feed.
pub const LINE_BYTES_MAX: usize = 1 << 20;

/// Time a driver has for one op when the request names none, in milliseconds.
pub const DEADLINE_MS_DEFAULT: u64 = 10_000;

/// Mark a driver may put before a protocol line on a noisy stdout.
pub const PREFIX: &str = "@mdp ";
