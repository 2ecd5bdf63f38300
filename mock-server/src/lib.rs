//! A faithful local stand-in for the sign-in and MFA API that Dynamic's SDKs speak.
//!
//! Unofficial, and not affiliated with Dynamic. An unmodified SDK runs against it; a Rust test
//! can hold it in its own process, without a port:
//!
//! ```
//! use mock_server::{Mock, Options, bytes::Bytes, http::Request};
//!
//! let mock = Mock::new(Options { seed: Some(7), ..Options::default() })?;
//! let world = mock.fresh_environment()?;
//! let path = format!("/api/v0/sdk/{}/emailVerifications/create", world.id());
//! let body = Bytes::from(r#"{"email":"alice@example.com"}"#);
//! let answer = mock.answer(&Request::post(path).body(body)?);
//! assert_eq!(answer.response.status(), 201);
//! assert_eq!(world.inbox(Some("alice@example.com"), 0).len(), 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! | you want | look at |
//! |---|---|
//! | the service | [`Mock`], [`Options`] |
//! | one environment's clock, users, codes, faults, journal | [`Hosting`] |
//! | its keys, API tokens, events and webhooks | [`Hosting::rotate_keys`], [`Hosting::create_api_token`], [`Hosting::events`], [`Hosting::register_webhook`] |
//! | its settings, and every place where the real service is unknown | [`policy::Policy`] |
//! | a port | `Server` (feature `standalone`) |
//! | https on it | `tls` (feature `tls`) |
//! | the program `mfa-mock` | `program` (feature `tls`) |
//! | wiremock | `Mock::mount` (feature `wiremock`) |

mod answer;
#[cfg(feature = "tls")]
mod banner;
mod clock;
#[cfg(feature = "tls")]
mod config;
#[cfg(feature = "standalone")]
pub mod control;
mod delivery;
#[cfg(feature = "tls")]
mod digest;
#[cfg(feature = "tls")]
mod doctor;
#[cfg(feature = "tls")]
mod exec;
mod fault;
#[cfg(feature = "tls")]
mod flags;
#[cfg(feature = "tls")]
mod healthcheck;
mod hook;
mod hosted;
mod hosting;
#[cfg(feature = "tls")]
mod https;
mod journal;
mod logbook;
mod meeting;
mod mock;
#[cfg(feature = "tls")]
mod probe;
#[cfg(feature = "tls")]
pub mod program;
#[cfg(feature = "tls")]
mod schema;
#[cfg(feature = "standalone")]
mod serve;
mod snapshot;
#[cfg(feature = "tls")]
mod start;
#[cfg(feature = "tls")]
pub mod tls;
#[cfg(feature = "tls")]
mod trust;
#[cfg(feature = "tls")]
mod validate;
mod wire;
#[cfg(feature = "wiremock")]
mod wiremock;
mod world;

pub use answer::{Answer, Fate, OverTls, Peer, Unread};
pub use clock::{Clock, ClockError};
pub use fault::{Effect, Fault, FaultError, Injected, Order};
pub use hook::Hook;
pub use hosting::{
    ApiTokenReport, DeliveryReport, DeviceReport, EventReport, Hosting, InterventionError,
    KeyReport, MailReport, PasskeyReport, SettingsError, SocialReport, TotpDisplay, UserReport,
    WalletReport, WebhookReport,
};
pub use journal::{Exchange, MASK, Reason};
pub use logbook::{JournalError, JournalFile, JournalReport, JournalSync, Unwritten};
pub use mfa_engine as engine;
pub use mfa_engine::api_token::Permission;
pub use mfa_engine::policy;
pub use mfa_engine::{
    Channel, MessageKind, PasskeySeed, Refusal, Secret, SeededPhone, SeededTotp, SocialSeed,
    UserSeed, WalletSeed, WebhookPlan,
};
pub use mock::{Mock, MockError, Options};
#[cfg(feature = "standalone")]
pub use serve::{Door, Server, Standalone};
pub use snapshot::SnapshotError;
#[cfg(feature = "wiremock")]
pub use wiremock::WiremockServer;

/// The HTTP types that [`Mock::answer`] speaks.
pub use {bytes, http};
