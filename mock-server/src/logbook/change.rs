//! Everything that can be written down: one variant for each way a world can change.

use std::borrow::Cow;
use std::net::IpAddr;

use mfa_engine::{CallKind, Command, Intervention};
use serde::{Deserialize, Serialize};

use crate::clock::Clock;
use crate::fault::Fault;
use crate::snapshot::Snapshot;

/// A change of one world, as it was asked for.
///
/// Borrowed when it is written, owned when it is read. A new variant is carried out in
/// [`super::replay`], and nowhere else does anything change that is not one of these. The journal
/// of exchanges is not among them: it is what happened, not what is.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[expect(
    clippy::large_enum_variant,
    reason = "one is alive at a time; it is read, carried out, gone"
)]
pub(crate) enum Change<'change> {
    /// The environment is made, with the settings and the clock of the file's first line.
    Begin,
    /// What an SDK asked.
    Command(Cow<'change, Command>),
    /// What a tester asked.
    Intervention(Cow<'change, Intervention>),
    /// The clock is set or moved: how it runs from now on.
    Clock(Clock),
    /// A fault is injected.
    InjectFault(Cow<'change, Fault>),
    /// A fault is removed by its number.
    RemoveFault(u64),
    /// Every fault is removed.
    ClearFaults,
    /// A call of this operation moved the counter of a fault.
    Befall(Cow<'change, str>),
    /// A call was counted, where calls are limited.
    CountCall {
        /// The address that it came from, if it came over a network.
        caller: Option<IpAddr>,
        /// What it counts as.
        kind: CallKind,
    },
    /// A snapshot takes the place of everything.
    Restore(Cow<'change, Snapshot>),
    /// Back to the first day.
    Reset,
    /// The environment is dropped.
    Forget,
}
