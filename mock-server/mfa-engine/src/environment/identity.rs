//! Identities in a running session: proving one again, or linking a new one.
//!
//! Whatever the first factor is, this is what its proof brings; how it is proven is the business
//! of the factor's own room.

use jiff::Timestamp;
use rand::CryptoRng;

use super::Environment;
use super::gate::Passage;
use crate::command::Proof;
use crate::credential::{Credential, Identity, IdentityKey};
use crate::id::{CredentialId, SessionId, UserId};
use crate::outcome::{Grant, Next};
use crate::policy::ReauthenticationWithMfa;
use crate::refusal::Refusal;
use crate::scope::{ScopeSet, TokenScope};

/// What a proof of identity may bring beside itself, judged before the proof is looked at.
pub(super) struct Reauthentication {
    scopes: ScopeSet,
    may_elevate: bool,
}

impl Reauthentication {
    /// The scopes that an elevated token may have; none if there is to be no token.
    pub(super) fn elevating(self) -> Option<ScopeSet> {
        (self.may_elevate && !self.scopes.is_empty()).then_some(self.scopes)
    }

    /// Whether an elevated token is asked for.
    pub(super) fn asks_for_token(&self) -> bool {
        !self.scopes.is_empty()
    }
}

impl Environment {
    /// The user who has proven an identity.
    pub(super) fn owner_of(&self, key: &IdentityKey) -> Option<UserId> {
        self.identities.get(key).copied()
    }

    /// Judges `requestedScopes` of a re-authentication (rules E1 to E3, U21).
    ///
    /// MFA refuses here, before the proof is looked at: a code stays good for what it can do.
    pub(super) fn admit_reauthentication(
        &self,
        session: SessionId,
        scopes: &[String],
    ) -> Result<Reauthentication, Refusal> {
        let scopes = self.admit_scopes(scopes)?;
        let has_mfa = self.policy.mfa.is_on() && self.holds_method(self.session(session)?);
        let mode = self.policy.elevation.reauthentication_with_mfa;
        if !scopes.is_empty() && has_mfa && mode == ReauthenticationWithMfa::Refuse {
            return Err(Refusal::ReauthenticationNotEnough);
        }
        let may_elevate = !has_mfa || mode == ReauthenticationWithMfa::Grant;
        Ok(Reauthentication { scopes, may_elevate })
    }

    /// Takes a proven identity: the user's own is proven again, a new one is linked.
    ///
    /// An elevated token comes only with one that was the user's before, else whoever holds a
    /// session could elevate it with an address of their own.
    #[expect(clippy::too_many_arguments, reason = "one parameter for each part of the request")]
    pub(super) fn take_identity(
        &mut self,
        session: SessionId,
        identity: Identity,
        reauthentication: Reauthentication,
        next: Option<Next>,
        proof: &Proof,
        now: Timestamp,
        rng: &mut dyn CryptoRng,
    ) -> Result<Grant, Refusal> {
        let known = self.user(session)?.credential_of(&identity.key()).map(|known| known.id);
        let credential = match known {
            Some(credential) => credential,
            None => self.link(session, identity, proof, now, rng)?,
        };
        self.session_mut(session)?.last_credential = credential;
        let mut grant = Grant { next, ..self.grant(session, now)? };
        let Reauthentication { scopes, may_elevate } = reauthentication;
        if !scopes.is_empty() && known.is_some() && may_elevate {
            grant.elevated = Some(self.mint(session, scopes, now, rng)?);
        }
        Ok(grant)
    }

    /// Links a proven identity that nobody has yet (rules E13, E14).
    pub(super) fn link(
        &mut self,
        session: SessionId,
        identity: Identity,
        proof: &Proof,
        now: Timestamp,
        rng: &mut dyn CryptoRng,
    ) -> Result<CredentialId, Refusal> {
        let key = identity.key();
        if self.identities.contains_key(&key) {
            return Err(Refusal::CredentialTaken { format: identity.format() });
        }
        // What could be linked before the second factor was passed would sign in ever after.
        self.refuse_enrolment_past_a_factor(session)?;
        self.has_room_for(self.session(session)?.user, 1)?;
        let passage: Passage = self.pass(session, TokenScope::CredentialLink, proof, now)?;
        let id = self.give(self.user(session)?.id, identity, now, rng);
        self.settle(session, passage, proof, now)?;
        self.note_update(session);
        Ok(id)
    }

    /// Gives a user an identity that nobody has.
    pub(super) fn give(
        &mut self,
        user: UserId,
        identity: Identity,
        now: Timestamp,
        rng: &mut dyn CryptoRng,
    ) -> CredentialId {
        let id = CredentialId::draw(rng);
        if let Some(known) = self.users.get_mut(&user) {
            self.identities.insert(identity.key(), user);
            let credential =
                Credential { id, identity, verified_at: now.into(), sign_in_enabled: true };
            known.credentials.push(credential);
        }
        id
    }
}

/// Reads `requestedScopes`.
///
/// # Errors
/// The first text that is no scope of the API.
pub(super) fn parse_scopes(scopes: &[String]) -> Result<ScopeSet, Refusal> {
    let parsed: Result<ScopeSet, _> = scopes.iter().map(|scope| scope.parse()).collect();
    Ok(parsed?)
}
