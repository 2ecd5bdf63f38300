//! Settings of social sign-in.

use serde::{Deserialize, Serialize};

use super::range::{PolicyError, within};
use crate::social::SocialProvider;

/// Which providers there are, and what their sign-in allows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Social {
    /// The providers that are switched on; a page of this service stands in for each.
    pub providers: Vec<SocialProvider>,
    /// Where an app may be sent back to, letter by letter; empty means any web address whose
    /// origin `corsOrigins` allows, and any link of an app.
    pub redirect_urls: Vec<String>,
    /// Seconds from the start of a sign-in until it must have come back from the provider.
    pub state_life_seconds: u32,
    /// Seconds in which the provider's code must be used.
    pub code_life_seconds: u32,
    /// What happens when a new account's e-mail address is another user's.
    pub known_email: KnownEmail,
    /// Sign-ins under way; the oldest gives way.
    pub flows_max: u32,
}

/// What happens when a new social account's e-mail address is another user's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KnownEmail {
    /// A refusal that names the way in which that user signs in.
    Refuse,
    /// A user of its own; two users then show the same address.
    Separate,
}

impl Social {
    pub(super) fn check(&self) -> Result<(), PolicyError> {
        within("social.stateLifeSeconds", self.state_life_seconds, 1, 86_400)?;
        within("social.codeLifeSeconds", self.code_life_seconds, 1, 3_600)?;
        within("social.flowsMax", self.flows_max, 1, 1_000_000)
    }
}

impl Default for Social {
    fn default() -> Self {
        Self {
            providers: vec![
                SocialProvider::Google,
                SocialProvider::Github,
                SocialProvider::Apple,
                SocialProvider::Discord,
            ],
            redirect_urls: Vec::new(),
            state_life_seconds: 600,
            code_life_seconds: 60,
            known_email: KnownEmail::Refuse,
            flows_max: 1_000,
        }
    }
}
