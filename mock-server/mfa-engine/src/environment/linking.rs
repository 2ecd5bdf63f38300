//! The credentials of an account: linking what was proven, unlinking, taking over.

use jiff::Timestamp;
use rand::CryptoRng;

use super::Environment;
use super::identity::Reauthentication;
use crate::command::Proof;
use crate::credential::{Credential, Format, Identity, IdentityKey};
use crate::event::EventName;
use crate::id::{CredentialId, SessionId, UserId};
use crate::linking::{LinkingRefusal, LinkingRequest, MergeOffer};
use crate::outcome::{Grant, Outcome};
use crate::policy::{MergeWithMfa, Taken, TakenSocial};
use crate::refusal::Refusal;
use crate::scope::TokenScope;
use crate::session::Session;
use crate::user::User;

impl Environment {
    pub(super) fn serve_linking(
        &mut self,
        session: SessionId,
        request: LinkingRequest,
        now: Timestamp,
    ) -> Result<Outcome, Refusal> {
        let grant = match request {
            LinkingRequest::Unlink { credential, primary, proof } => {
                self.unlink(session, credential, primary, &proof, now)
            }
            LinkingRequest::Merge { resolutions, proof } => {
                self.merge(session, &resolutions, &proof, now)
            }
        };
        Ok(Outcome::Session(Box::new(grant?)))
    }

    /// Takes a proven identity, whoever's it is: the user's own is proven again, nobody's is
    /// linked, another user's leads to what the settings say.
    ///
    /// A session that still owes a second factor proves only what is its user's already.
    pub(super) fn take_proven(
        &mut self,
        session: SessionId,
        identity: Identity,
        reauthentication: Reauthentication,
        proof: &Proof,
        now: Timestamp,
        rng: &mut dyn CryptoRng,
    ) -> Result<Grant, Refusal> {
        let user = self.session(session)?.user;
        let owner = self.owner_of(&identity.key());
        if owner != Some(user) {
            let is_partial = self.owes_mfa(self.session(session)?);
            if is_partial && !self.policy.session.partial_reaches_everything {
                return Err(Refusal::MfaPending);
            }
            if let Some(owner) = owner {
                return Err(self.answer_to_taken(session, owner, &identity, now)?);
            }
            self.has_room_for(user, 1)?;
        }
        // What opens no session proves nobody either; embedded wallets have a rule of their own.
        let known = self.user(session)?.credential_of(&identity.key());
        let is_disabled =
            known.is_some_and(|known| !known.sign_in_enabled && !known.is_embedded_wallet());
        if is_disabled && reauthentication.asks_for_token() {
            return Err(Refusal::SignInDisabled);
        }
        self.take_identity(session, identity, reauthentication, None, proof, now, rng)
    }

    /// Whether a proof was used up: by success, or because a merge was offered in return.
    pub(super) fn uses_up_the_proof(taken: &Result<Grant, Refusal>) -> bool {
        matches!(taken, Ok(_) | Err(Refusal::Linking(LinkingRefusal::MergeOffered(_))))
    }

    fn answer_to_taken(
        &mut self,
        session: SessionId,
        owner: UserId,
        identity: &Identity,
        now: Timestamp,
    ) -> Result<Refusal, Refusal> {
        let linking = &self.policy.linking;
        let answer = match identity {
            Identity::Wallet(_) => linking.taken_wallet,
            Identity::Social(_) if linking.taken_social == TakenSocial::Merge => Taken::Merge,
            _ => Taken::Refuse,
        };
        match answer {
            Taken::Merge if self.is_in_reach(session, owner, &identity.key())? => {
                let conflicts = self.conflicts_with(session, owner)?;
                let offer = MergeOffer {
                    from: owner,
                    proven: identity.key(),
                    expires_at: self.end_of_offer(now),
                };
                self.session_mut(session)?.merge_offer = Some(offer);
                Ok(LinkingRefusal::MergeOffered(Box::new(conflicts)).into())
            }
            Taken::Transfer if self.keeps(owner, identity, session)?.is_none() => {
                Ok(LinkingRefusal::TransferOffered.into())
            }
            Taken::Refuse | Taken::Transfer | Taken::Merge => {
                Ok(Refusal::CredentialTaken { format: identity.format() })
            }
        }
    }

    /// Whether a session may get at another user's account: not if a second factor protects
    /// that account, unless the settings let a session do it that has passed one of its own.
    pub(super) fn is_in_reach(
        &self,
        session: SessionId,
        other: UserId,
        proven: &IdentityKey,
    ) -> Result<bool, Refusal> {
        let has_method = |user: &User| user.has_verified_method(&self.policy.mfa);
        let is_protected = self
            .users
            .get(&other)
            .is_some_and(|user| has_method(user) || self.would_ask_for_mail(user, proven));
        let has_passed = self.session(session)?.mfa_at.is_some() && has_method(self.user(session)?);
        let may = self.policy.linking.merge_with_mfa == MergeWithMfa::IfPassed && has_passed;
        Ok(!is_protected || may)
    }

    /// Why a wallet stays with its user; none if it can be taken over.
    fn keeps(
        &self,
        owner: UserId,
        identity: &Identity,
        session: SessionId,
    ) -> Result<Option<&'static str>, Refusal> {
        let key = identity.key();
        let Some(user) = self.users.get(&owner) else { return Ok(Some("its user is gone")) };
        let Some(credential) = user.credential_of(&key) else {
            return Ok(Some("its user has lost it"));
        };
        Ok(if self.policy.linking.taken_wallet != Taken::Transfer {
            Some("the environment does not transfer wallets")
        } else if credential.is_embedded_wallet() {
            Some("it is an embedded wallet")
        } else if !self.is_in_reach(session, owner, &key)? {
            Some("its user has a second factor")
        } else if user.would_be_locked_out_without(credential.id) {
            Some("its user could not sign in any longer")
        } else {
            None
        })
    }

    /// Moves a wallet from one user to another.
    pub(super) fn take_over(
        &mut self,
        session: SessionId,
        owner: UserId,
        identity: Identity,
        proof: &Proof,
        now: Timestamp,
        rng: &mut dyn CryptoRng,
    ) -> Result<Grant, Refusal> {
        if let Some(reason) = self.keeps(owner, &identity, session)? {
            return Err(LinkingRefusal::NotTransferable(reason).into());
        }
        self.has_room_for(self.session(session)?.user, 1)?;
        let passage = self.pass(session, TokenScope::CredentialLink, proof, now)?;
        let key = identity.key();
        let known = self.users.get(&owner).and_then(|user| user.credential_of(&key));
        if let Some(known) = known.map(|known| known.id) {
            self.detach(owner, known, None, now);
            self.note_about(EventName::UserUpdated, owner);
        }
        let id = CredentialId::draw(rng);
        let credential =
            Credential { id, identity, verified_at: now.into(), sign_in_enabled: true };
        let user = self.user_mut(session)?;
        user.credentials.push(credential);
        let user = user.id;
        self.identities.insert(key, user);
        self.session_mut(session)?.last_credential = id;
        self.note_update(session);
        self.settle(session, passage, proof, now)?;
        self.grant(session, now)
    }

    /// Unlinks a credential (rules E13, E14).
    ///
    /// What is wrong with the request comes before the proof, so that a mistake costs no token.
    fn unlink(
        &mut self,
        session: SessionId,
        credential: Option<CredentialId>,
        primary: Option<CredentialId>,
        proof: &Proof,
        now: Timestamp,
    ) -> Result<Grant, Refusal> {
        let user = self.user(session)?;
        let known = user.credentials.iter().find(|known| Some(known.id) == credential);
        let known = known.ok_or(LinkingRefusal::NothingToUnlink)?;
        if known.is_embedded_wallet() {
            return Err(LinkingRefusal::EmbeddedWallet.into());
        }
        if known.identity.format() == Format::Passkey {
            return Err(LinkingRefusal::Passkey.into());
        }
        if user.would_be_locked_out_without(known.id) {
            return Err(LinkingRefusal::LastCredential.into());
        }
        let (user, known) = (user.id, known.id);
        let passage = self.pass(session, TokenScope::CredentialUnlink, proof, now)?;
        self.detach(user, known, Some(session), now);
        self.note_update(session);
        if let Some(primary) = primary.filter(|primary| *primary != known) {
            // One that is no wallet of the user's selects nothing: the unlinking is what counts.
            self.user_mut(session)?.select_wallet(primary, now);
        }
        self.settle(session, passage, proof, now)?;
        self.grant(session, now)
    }

    /// Takes a credential off a user, and keeps index and sessions right.
    ///
    /// Sessions that it opened end, except the one that asks; in those that stay, nothing names
    /// it any longer.
    pub(super) fn detach(
        &mut self,
        user: UserId,
        credential: CredentialId,
        keep: Option<SessionId>,
        now: Timestamp,
    ) {
        let Some(owner) = self.users.get_mut(&user) else { return };
        let Some(at) = owner.credentials.iter().position(|known| known.id == credential) else {
            return;
        };
        let gone = owner.credentials.remove(at);
        self.identities.remove(&gone.identity.key());
        if self.policy.linking.unlink_ends_sessions {
            let opened = |session: &&Session| {
                session.signin_credential == credential && Some(session.id) != keep
            };
            let opened: Vec<SessionId> =
                self.sessions_of(user).filter(opened).map(|session| session.id).collect();
            for session in opened {
                self.end_session(session, EventName::SessionRevoked, Some(user), now);
            }
        }
        self.forget_credential(user, credential);
    }

    /// Lets another credential stand in the sessions that name one that is gone.
    pub(super) fn forget_credential(&mut self, user: UserId, credential: CredentialId) {
        let remaining = self.users.get(&user).and_then(User::first_credential);
        let Some(remaining) = remaining else { return };
        self.sessions.change_of(user, |session| {
            if session.signin_credential == credential {
                session.signin_credential = remaining;
            }
            if session.last_credential == credential {
                session.last_credential = session.signin_credential;
            }
        });
    }

    /// Makes sure that a user may hold so many more credentials.
    pub(super) fn has_room_for(&self, user: UserId, more: usize) -> Result<(), Refusal> {
        let max = self.policy.linking.credentials_max;
        let held = self.users.get(&user).map_or(0, |user| user.credentials.len());
        match held.saturating_add(more) > usize::from(max) {
            true => Err(LinkingRefusal::TooManyCredentials { max }.into()),
            false => Ok(()),
        }
    }
}
