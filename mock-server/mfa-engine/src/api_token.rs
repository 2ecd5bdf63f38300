//! API tokens: what a server of the app shows, and what it may do with it (rule S10).

use core::fmt;
use std::collections::BTreeSet;

use jiff::Timestamp;
use rand::CryptoRng;
use serde::{Deserialize, Serialize};

use crate::id::{ApiTokenId, EnvironmentId};
use crate::mfa_token::Digest;
use crate::secret::Secret;

/// What every API token begins with.
pub const PREFIX: &str = "dyn_";
/// Characters behind the prefix.
pub const LENGTH: usize = 56;
/// How many of them name the environment: its id without dashes.
const ENVIRONMENT_LENGTH: usize = 32;
const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// What is kept of an API token. The token itself is shown once and kept as its digest only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApiToken {
    /// The id.
    pub id: ApiTokenId,
    /// The digest of the text.
    pub digest: Digest,
    /// What it is for, in the owner's words.
    pub note: String,
    /// What it may do; empty means everything.
    pub permissions: BTreeSet<Permission>,
    /// When it was made.
    pub created_at: Timestamp,
}

macro_rules! permissions {
    ($($(#[$doc:meta])* $variant:ident = $name:literal),+ $(,)?) => {
        /// What an API token may do (`TokenScopes`).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum Permission { $($(#[$doc])* #[serde(rename = $name)] $variant),+ }

        impl Permission {
            /// Every permission, in the order of the API.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word on the wire.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }
        }
    };
}

permissions! {
    /// Signs with a delegated wallet.
    WaasSignMessage = "waas.delegatedAccess.signMessage",
    /// Authenticates with wallets as a service.
    WaasAuthenticate = "waas.authenticate",
    /// Reads settings.
    SettingsRead = "environment.settings.read",
    /// Changes settings.
    SettingsWrite = "environment.settings.write",
    /// Lists API tokens.
    ApiTokensRead = "environment.apiTokens.read",
    /// Makes and revokes API tokens.
    ApiTokensWrite = "environment.apiTokens.write",
    /// Reads users and their sessions.
    UsersRead = "environment.users.read",
    /// Changes users, their second factors and their sessions.
    UsersWrite = "environment.users.write",
    /// Reads statistics.
    AnalyticsRead = "environment.analytics.read",
    /// Reads webhooks and their messages.
    WebhooksRead = "environment.webhooks.read",
    /// Registers and changes webhooks.
    WebhooksWrite = "environment.webhooks.write",
    /// Reads events.
    EventsRead = "environment.events.read",
    /// Publishes events.
    EventsWrite = "environment.events.write",
    /// Reads balances.
    BalancesRead = "environment.balances.read",
}

impl Permission {
    /// Whether nothing can be changed with it.
    pub(crate) const fn only_reads(self) -> bool {
        match self {
            Self::SettingsRead
            | Self::ApiTokensRead
            | Self::UsersRead
            | Self::AnalyticsRead
            | Self::WebhooksRead
            | Self::EventsRead
            | Self::BalancesRead => true,
            Self::WaasSignMessage
            | Self::WaasAuthenticate
            | Self::SettingsWrite
            | Self::ApiTokensWrite
            | Self::UsersWrite
            | Self::WebhooksWrite
            | Self::EventsWrite => false,
        }
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl ApiToken {
    /// Makes a token of an environment.
    ///
    /// Its text names the environment, because some paths of the API do not; the rest, 24 letters
    /// and digits drawn from the dice, is what nobody can guess (142 bits).
    pub(crate) fn draw(
        environment: EnvironmentId,
        note: String,
        permissions: BTreeSet<Permission>,
        now: Timestamp,
        rng: &mut dyn CryptoRng,
    ) -> (Self, Secret) {
        let mut text = PREFIX.to_owned();
        text.extend(environment.to_string().chars().filter(|letter| *letter != '-'));
        for _ in ENVIRONMENT_LENGTH..LENGTH {
            text.push(letter(rng));
        }
        let digest = Digest::of(&text);
        let id = ApiTokenId::draw(rng);
        (Self { id, digest, note, permissions, created_at: now }, Secret::new(text))
    }

    /// Whether it may do this.
    pub fn may(&self, permission: Permission) -> bool {
        self.permissions.is_empty() || self.permissions.contains(&permission)
    }
}

/// One letter or digit, each as likely as any other.
fn letter(rng: &mut dyn CryptoRng) -> char {
    // Of 256 values the first 248 hold each of the 62 equally often.
    loop {
        let mut byte = [0];
        rng.fill_bytes(&mut byte);
        let [value] = byte;
        if value < 248
            && let Some(letter) = LETTERS.get(usize::from(value) % LETTERS.len())
        {
            return char::from(*letter);
        }
    }
}

/// The environment that an API token names; none if the text has not the form of one.
///
/// ```
/// let text = format!("dyn_{}{}", "0".repeat(32), "x".repeat(24));
/// let id = mfa_engine::api_token::environment_of(&text).unwrap();
/// assert_eq!(id.to_string(), "00000000-0000-0000-0000-000000000000");
/// assert!(mfa_engine::api_token::environment_of(&text[..59]).is_none());
/// ```
pub fn environment_of(text: &str) -> Option<EnvironmentId> {
    let rest = text.strip_prefix(PREFIX)?;
    if rest.len() != LENGTH || !rest.bytes().all(|letter| letter.is_ascii_alphanumeric()) {
        return None;
    }
    let (name, _) = rest.split_at_checked(ENVIRONMENT_LENGTH)?;
    let parts = [name.get(..8)?, name.get(8..12)?, name.get(12..16)?, name.get(16..20)?];
    format!("{}-{}", parts.join("-"), name.get(20..)?).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand::rngs::ChaCha8Rng;

    #[test]
    fn a_token_has_the_published_form_and_names_its_environment() {
        let mut rng = ChaCha8Rng::seed_from_u64(7);
        let environment = EnvironmentId::draw(&mut rng);
        let mut draw = || {
            let none = BTreeSet::new();
            ApiToken::draw(environment, String::new(), none, Timestamp::UNIX_EPOCH, &mut rng)
        };
        let ((token, text), (_, other)) = (draw(), draw());
        assert_eq!(text.reveal().len(), 4 + 56);
        assert_eq!(environment_of(text.reveal()), Some(environment));
        assert_ne!(text, other);
        assert!(token.digest.matches(&Digest::of(text.reveal())));
        assert!(!token.digest.matches(&Digest::of(other.reveal())));
        for damaged in [text.reveal().to_uppercase(), text.reveal().replace("dyn_", "dyn-")] {
            assert_eq!(environment_of(&damaged), None, "{damaged}");
        }
        assert_eq!(environment_of(&format!("dyn_{}", "é".repeat(28))), None);
    }

    #[test]
    fn a_token_without_permissions_may_do_everything() {
        let none = BTreeSet::new();
        let mut rng = ChaCha8Rng::seed_from_u64(7);
        let id = EnvironmentId::FIRST;
        let draw = |permissions, rng: &mut ChaCha8Rng| {
            ApiToken::draw(id, String::new(), permissions, Timestamp::UNIX_EPOCH, rng).0
        };
        let free = draw(none, &mut rng);
        let bound = draw([Permission::UsersRead].into_iter().collect(), &mut rng);
        for permission in Permission::ALL {
            assert!(free.may(*permission));
            assert_eq!(bound.may(*permission), *permission == Permission::UsersRead);
        }
    }
}
