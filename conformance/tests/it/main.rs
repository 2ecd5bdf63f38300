//! The runner against drivers good and bad.
#![expect(clippy::unwrap_used, reason = "the helpers of a test may fail as loudly as the test")]

mod baseline;
mod behaviours;
mod broken_services;
mod command_line;
mod docs;
mod doctor;
mod driver_docs;
mod lying_drivers;
mod process;
mod prove;
mod recording;
mod reference;
mod reports;
mod scenes;
mod schema;
mod service;
mod smoke;
mod template_errors;
