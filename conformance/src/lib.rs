//! A suite that judges any MFA SDK through a small driver.
//!
//! A [`case`] plays on a [`stage`] with two witnesses: the driver, which says what the SDK did,
//! and the [`service`], which saw what arrived. A [`run`] gives each case a fresh tenant and a
//! fresh driver, folds what happened into a [`verdict`], holds it against the known deviations
//! of [`expectation`] files, and hands it to the reporters of [`report`].
//!
//! What is absent: the service's decisions. Nothing here names the engine; codes are computed
//! from the standard, and what is right is said by `requirements/*.toml`.

pub mod authenticator;
pub mod broken_service;
pub mod case;
pub mod cli;
pub mod compare;
pub mod doctor;
pub mod drift;
pub mod driver;
pub mod event;
pub mod exit;
pub mod expectation;
pub mod finished;
pub mod frozen;
pub mod guide_page;
pub mod honesty;
pub mod leak;
pub mod likeness;
pub mod matrix;
pub mod needs;
pub mod protocol_page;
pub mod prove;
pub mod pseudonym;
pub mod recording;
pub mod replay;
pub mod report;
pub mod requirement;
pub mod run;
pub mod schema;
pub mod score;
pub mod selection;
pub mod service;
pub mod signature;
pub mod smoke;
pub mod stage;
pub mod stopwatch;
pub mod suggestion;
pub mod suite;
pub mod template;
pub mod verdict;
pub mod world;
