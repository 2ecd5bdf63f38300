//! Why a tester's wish was not carried out.

use mfa_engine::Refusal;
use mfa_engine::policy::PolicyError;

use crate::logbook::Unwritten;

/// The settings were not replaced.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// A setting is outside its range.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// The journal file did not take them.
    #[error("{0}")]
    Unwritten(#[from] Unwritten),
}

/// What a tester asked was not done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InterventionError {
    /// The engine said no.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The journal file did not take it.
    #[error("{0}")]
    Unwritten(#[from] Unwritten),
}
