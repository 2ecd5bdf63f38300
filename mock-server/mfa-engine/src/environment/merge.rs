//! Merging: one account absorbs another one, of which an identity was proven.

use jiff::{SignedDuration, Timestamp};

use super::Environment;
use crate::command::Proof;
use crate::id::{SessionId, UserId};
use crate::linking::{FieldConflict, LinkingRefusal, MergeConflicts, Resolution};
use crate::outcome::{Grant, UserView};
use crate::refusal::Refusal;
use crate::scope::TokenScope;
use crate::user::Profile;

impl Environment {
    /// What the caller's account and another one disagree about.
    pub(super) fn conflicts_with(
        &self,
        session: SessionId,
        from: UserId,
    ) -> Result<MergeConflicts, Refusal> {
        let current = self.user(session)?;
        let from = self.users.get(&from).ok_or(Refusal::NoSuchUser)?;
        let last_credential = from.first_credential().ok_or(Refusal::NoSuchUser)?;
        Ok(MergeConflicts {
            environment: self.id,
            current: current.id,
            fields: fields_with_two_values(&from.profile, &current.profile),
            from: UserView {
                id: from.id,
                profile: from.profile.clone(),
                credentials: from.credentials.clone(),
                acknowledgement: from.acknowledgement,
                first_visit: from.first_visit.into(),
                last_visit: from.last_visit.into(),
                new_user: from.new_user,
                // The account is shown in the caller's session; it has none of its own here.
                session,
                last_credential,
                scopes: Vec::new(),
                wallets: self.wallets_shown(from.id),
            },
        })
    }

    pub(super) fn end_of_offer(&self, now: Timestamp) -> Timestamp {
        let life = SignedDuration::from_secs(self.policy.linking.offer_life_seconds.into());
        now.checked_add(life).unwrap_or(Timestamp::MAX)
    }

    /// Absorbs the account of an offer: its credentials move, what the profile lacks is filled
    /// in, its sessions end, and it is gone.
    pub(super) fn merge(
        &mut self,
        session: SessionId,
        resolutions: &[Resolution],
        proof: &Proof,
        now: Timestamp,
    ) -> Result<Grant, Refusal> {
        let offer = self.session(session)?.merge_offer.clone();
        let offer = offer
            .filter(|offer| now < offer.expires_at)
            .ok_or(LinkingRefusal::NotMergeable("no merge was offered, or the offer is over"))?;
        // Much can have happened since: the identity may have moved, a factor may be enrolled.
        if self.owner_of(&offer.proven) != Some(offer.from) {
            return Err(LinkingRefusal::NotMergeable("the proven identity has moved").into());
        }
        if !self.is_in_reach(session, offer.from, &offer.proven)? {
            return Err(LinkingRefusal::NotMergeable("the account has a second factor").into());
        }
        let conflicts = self.conflicts_with(session, offer.from)?;
        let user = conflicts.current;
        self.has_room_for(user, conflicts.from.credentials.len())?;
        for resolution in resolutions {
            let is_one_of_both = [offer.from, user].contains(&resolution.user);
            let is_open = conflicts.fields.iter().any(|open| open.field == resolution.field);
            if !is_one_of_both || !is_open {
                let reason = "a resolution names neither a conflict nor one of the two accounts";
                return Err(LinkingRefusal::NotMergeable(reason).into());
            }
        }
        let passage = self.pass(session, TokenScope::CredentialLink, proof, now)?;
        self.note_deletion(offer.from, Some(user));
        let absorbed = self.users.remove(&offer.from).ok_or(Refusal::NoSuchUser)?;
        self.sessions.remove_of(offer.from, |_| true);
        self.stand_ins.hand_over(offer.from, user);
        self.stand_ins.remove_user(offer.from);
        for credential in &absorbed.credentials {
            self.identities.insert(credential.identity.key(), user);
        }
        let owner = self.user_mut(session)?;
        let proven = absorbed.credential_of(&offer.proven).map(|proven| proven.id);
        let takes = |field: &str| {
            resolutions.iter().any(|one| one.field == field && one.user == offer.from)
        };
        owner.profile.absorb(&absorbed.profile, takes);
        owner.first_visit = owner.first_visit.min(absorbed.first_visit);
        owner.credentials.extend(absorbed.credentials);
        // A passkey is a credential and a key; the one without the other could not be used.
        owner.passkeys.extend(absorbed.passkeys.into_inner());
        let session_of_owner = self.session_mut(session)?;
        session_of_owner.merge_offer = None;
        if let Some(proven) = proven {
            session_of_owner.last_credential = proven;
        }
        self.note_update(session);
        self.settle(session, passage, proof, now)?;
        self.grant(session, now)
    }
}

fn fields_with_two_values(from: &Profile, current: &Profile) -> Vec<FieldConflict> {
    let pairs = from.texts().into_iter().zip(current.texts());
    pairs
        .filter_map(|((field, from), (_, current))| match (from, current) {
            (Some(from), Some(current)) if from != current => {
                Some(FieldConflict { field, from: from.to_owned(), current: current.to_owned() })
            }
            _ => None,
        })
        .collect()
}
