//! Sessions: who is signed in, until when, and with which MFA tokens.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::id::{CredentialId, SessionId, UserId};
use crate::linking::MergeOffer;
use crate::mfa_token::{Digest, MfaToken};
use crate::trusted_device::SessionDevice;

/// One session, from sign-in to logout, revocation or expiry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Session {
    /// Its id (`sid`), kept across refreshes.
    pub id: SessionId,
    /// Its user.
    pub user: UserId,
    /// The sign-in.
    pub created_at: Timestamp,
    /// The end of its JWTs; a refresh moves it.
    pub expires_at: Timestamp,
    /// When a second factor was passed in this session.
    #[serde(deserialize_with = "crate::written::option")]
    pub mfa_at: Option<Timestamp>,
    /// The credential that opened it; never changes.
    pub signin_credential: CredentialId,
    /// The latest credential used in it.
    pub last_credential: CredentialId,
    /// Who opened it: the client's own words, for the claims.
    pub client: Client,
    /// The device that opened it.
    pub device: SessionDevice,
    /// Legacy MFA tokens, by digest.
    pub mfa_tokens: BTreeMap<Digest, MfaToken>,
    /// The merge that waits for a confirmation.
    #[serde(deserialize_with = "crate::written::option")]
    pub merge_offer: Option<MergeOffer>,
}

/// All sessions of an environment, found by id or by user without a look at the others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sessions {
    by_id: BTreeMap<SessionId, Session>,
    by_user: BTreeSet<(UserId, SessionId)>,
}

impl Sessions {
    pub(crate) fn get(&self, id: SessionId) -> Option<&Session> {
        self.by_id.get(&id)
    }

    pub(crate) fn get_mut(&mut self, id: SessionId) -> Option<&mut Session> {
        self.by_id.get_mut(&id)
    }

    pub(crate) fn insert(&mut self, session: Session) {
        self.by_user.insert((session.user, session.id));
        self.by_id.insert(session.id, session);
    }

    pub(crate) fn remove(&mut self, id: SessionId) {
        if let Some(session) = self.by_id.remove(&id) {
            self.by_user.remove(&(session.user, id));
        }
    }

    /// The sessions of one user, in the order of their ids.
    pub(crate) fn of(&self, user: UserId) -> impl Iterator<Item = &Session> {
        let range = (user, SessionId::FIRST)..=(user, SessionId::LAST);
        self.by_user.range(range).filter_map(|(_, id)| self.by_id.get(id))
    }

    /// The sessions of one user, to be changed.
    pub(crate) fn change_of(&mut self, user: UserId, mut change: impl FnMut(&mut Session)) {
        let ids: Vec<_> = self.of(user).map(|session| session.id).collect();
        for id in ids {
            if let Some(session) = self.by_id.get_mut(&id) {
                change(session);
            }
        }
    }

    /// Every session, in the order of the ids.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Session> {
        self.by_id.values()
    }

    /// Removes the sessions of one user for which that is so.
    pub(crate) fn remove_of(&mut self, user: UserId, is_over: impl Fn(&Session) -> bool) {
        let over: Vec<_> = self.of(user).filter(|known| is_over(known)).map(|s| s.id).collect();
        over.into_iter().for_each(|id| self.remove(id));
    }
}

impl Serialize for Sessions {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.by_id.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Sessions {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let by_id: BTreeMap<SessionId, Session> = BTreeMap::deserialize(deserializer)?;
        let by_user = by_id.iter().map(|(id, session)| (session.user, *id)).collect();
        Ok(Self { by_id, by_user })
    }
}

/// What the client said about itself when it opened the session.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Client {
    /// `Origin` of the site (`aud`).
    #[serde(deserialize_with = "crate::written::option")]
    pub origin: Option<String>,
    /// Public key of the session, 66 hex characters (`session_public_key`).
    #[serde(deserialize_with = "crate::written::option")]
    pub session_public_key: Option<String>,
    /// `x-dyn-version`, such as `ClientSDK/1.27.1` (`sdkVersion`).
    #[serde(deserialize_with = "crate::written::option")]
    pub sdk_version: Option<String>,
    /// `User-Agent`
    #[serde(deserialize_with = "crate::written::option")]
    pub user_agent: Option<String>,
}
