//! One social sign-in under way: from `initAuth` to the session.

use std::collections::{BTreeMap, VecDeque};

use data_encoding::BASE64URL_NOPAD;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::Digest as _;
use subtle::ConstantTimeEq;

use super::SocialProvider;
use crate::credential::SocialAccount;
use crate::mfa_token::Digest;
use crate::secret::Secret;

/// One sign-in, known by the digest of its `state`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Flow {
    pub(crate) provider: SocialProvider,
    #[serde(deserialize_with = "crate::written::option")]
    pub(crate) redirect_url: Option<String>,
    pub(crate) expires_at: Timestamp,
    pub(crate) phase: Phase,
}

/// How far a sign-in has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Phase {
    /// Begun; the provider has not answered.
    Begun,
    /// The person has agreed on the provider's page.
    Granted(Granted),
    /// The person has refused there.
    Refused,
}

/// What the provider has granted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Granted {
    pub(crate) code: Secret,
    pub(crate) account: SocialAccount,
    /// `code_challenge`, which the verifier must hash to.
    #[serde(deserialize_with = "crate::written::option")]
    pub(crate) challenge: Option<String>,
    /// Whether it has come back through this service.
    pub(crate) is_back: bool,
}

impl Granted {
    /// Whether the verifier fits the challenge (RFC 7636 section 4.6).
    ///
    /// One without the other does not fit either: whoever strips the challenge from the address
    /// of the provider's page must not get away with it (RFC 9700 section 2.1.1).
    pub(crate) fn is_verified_by(&self, verifier: Option<&str>) -> bool {
        match (&self.challenge, verifier) {
            (None, None) => true,
            (Some(challenge), Some(verifier)) => {
                let hash = BASE64URL_NOPAD.encode(&sha2::Sha256::digest(verifier.as_bytes()));
                hash.as_bytes().ct_eq(challenge.as_bytes()).into()
            }
            _ => false,
        }
    }
}

/// The sign-ins under way, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Flows {
    by_state: BTreeMap<Digest, Flow>,
    order: VecDeque<Digest>,
}

impl Flows {
    /// The sign-in of a state with a provider, if it is under way.
    pub(crate) fn get(
        &self,
        state: &str,
        provider: SocialProvider,
        now: Timestamp,
    ) -> Option<&Flow> {
        let flow = self.by_state.get(&Digest::of(state))?;
        (flow.provider == provider && now < flow.expires_at).then_some(flow)
    }

    pub(crate) fn get_mut(
        &mut self,
        state: &str,
        provider: SocialProvider,
        now: Timestamp,
    ) -> Option<&mut Flow> {
        let flow = self.by_state.get_mut(&Digest::of(state))?;
        (flow.provider == provider && now < flow.expires_at).then_some(flow)
    }

    /// Whether a state belongs to a sign-in under way, with whatever provider.
    pub(crate) fn has(&self, state: &str, now: Timestamp) -> bool {
        self.by_state.get(&Digest::of(state)).is_some_and(|flow| now < flow.expires_at)
    }

    /// Keeps a sign-in; at the bound the oldest gives way.
    pub(crate) fn insert(&mut self, state: &str, flow: Flow, max: u32) {
        let key = Digest::of(state);
        self.remove(state);
        self.by_state.insert(key, flow);
        self.order.push_back(key);
        while self.order.len() > usize::try_from(max).unwrap_or(usize::MAX) {
            if let Some(oldest) = self.order.pop_front() {
                self.by_state.remove(&oldest);
            }
        }
    }

    pub(crate) fn remove(&mut self, state: &str) {
        let key = Digest::of(state);
        if self.by_state.remove(&key).is_some() {
            self.order.retain(|known| *known != key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn granted(challenge: Option<&str>) -> Granted {
        Granted {
            code: Secret::new("code"),
            account: super::super::account_for(SocialProvider::Github, "alice"),
            challenge: challenge.map(str::to_owned),
            is_back: true,
        }
    }

    #[test]
    fn the_published_verifier_fits_the_published_challenge() {
        // RFC 7636, appendix B.
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
        let bound = granted(Some(challenge));
        assert!(bound.is_verified_by(Some(verifier)));
        assert!(!bound.is_verified_by(Some("another")));
        assert!(!bound.is_verified_by(Some(challenge)));
        assert!(!bound.is_verified_by(None));
        assert!(granted(None).is_verified_by(None));
        assert!(!granted(None).is_verified_by(Some(verifier)));
    }

    #[test]
    fn the_oldest_sign_in_gives_way() {
        let flow = Flow {
            provider: SocialProvider::Google,
            redirect_url: None,
            expires_at: Timestamp::MAX,
            phase: Phase::Begun,
        };
        let mut flows = Flows::default();
        for state in ["a", "b", "a", "c"] {
            flows.insert(state, flow.clone(), 2);
        }
        let now = Timestamp::UNIX_EPOCH;
        assert!(!flows.has("b", now) && flows.has("a", now) && flows.has("c", now));
        assert_eq!(flows.order.len(), flows.by_state.len());
        assert!(flows.get("a", SocialProvider::Github, now).is_none());
        flows.remove("a");
        assert_eq!((flows.order.len(), flows.by_state.len()), (1, 1));
    }
}
