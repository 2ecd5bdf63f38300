//! A case: one behaviour, declared as data beside the function that plays it.
//!
//! Listing, counting and explaining cases needs no run, because everything but `play` is a
//! constant. What a requirement says, how binding it is and where it comes from lives in
//! `requirements/*.toml`; a case only names the rows it can decide.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::stage::{Halt, Stage};
use crate::world::World;

/// One behaviour that an SDK has or has not.
#[derive(Clone, Copy)]
pub struct Case {
    /// Stable, globbable name: `family/what-is-shown`.
    pub id: &'static str,
    /// What an SDK that passes does, as one sentence.
    pub title: &'static str,
    /// Requirement ids that this case can decide; every expectation belongs to one of them.
    pub proves: &'static [&'static str],
    /// The twin whose premise is flipped and which must then succeed (negative cases only).
    pub counter: Option<&'static str>,
    /// The product's guides that describe this behaviour.
    pub guides: &'static [Guide],
    /// Op names and abilities without which the case is not applicable (see [`crate::needs`]).
    pub needs: &'static [&'static str],
    /// Policy and people that the fresh tenant starts with.
    pub world: World,
    /// Plays the case. `Ok` with no failed expectation is a pass.
    pub play: fn(&mut Stage) -> Result<(), Halt>,
}

impl Case {
    /// The first component of the id, under which reports group the case.
    #[must_use]
    pub fn family(&self) -> &'static str {
        self.id.split('/').next().unwrap_or(self.id)
    }
}

impl std::fmt::Debug for Case {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Case").field(&self.id).finish()
    }
}

/// A chapter of the product's documentation, the columns of the published matrix.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Guide {
    /// Time-based one-time passwords from an authenticator app.
    Totp,
    /// Passkeys as a second factor.
    Passkey,
    /// MFA demanded once per account.
    AccountBased,
    /// MFA demanded per action, with the older unscoped token.
    ActionBased,
    /// Step-up with scoped, elevated tokens.
    StepUp,
    /// MFA demanded in each session.
    SessionMfa,
    /// Listing, choosing and deleting devices.
    DeviceManagement,
    /// Recovery codes and their acknowledgement.
    RecoveryCodes,
}

impl Guide {
    /// Every guide, in the order of the matrix.
    pub const ALL: [Self; 8] = [
        Self::Totp,
        Self::Passkey,
        Self::AccountBased,
        Self::ActionBased,
        Self::StepUp,
        Self::SessionMfa,
        Self::DeviceManagement,
        Self::RecoveryCodes,
    ];

    /// The name used in files, options and the protocol.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Totp => "totp",
            Self::Passkey => "passkey",
            Self::AccountBased => "account-based",
            Self::ActionBased => "action-based",
            Self::StepUp => "step-up",
            Self::SessionMfa => "session-mfa",
            Self::DeviceManagement => "device-management",
            Self::RecoveryCodes => "recovery-codes",
        }
    }

    /// The guide of that name, if there is one.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|guide| guide.name() == name)
    }
}
