//! The runner against drivers good and bad.
#![expect(clippy::unwrap_used, reason = "the helpers of a test may fail as loudly as the test")]

mod broken_services;
mod command_line;
mod lying_drivers;
mod process;
mod reference;
mod saboteurs;
mod scenes;
mod stage;
