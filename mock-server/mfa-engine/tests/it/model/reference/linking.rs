//! Taking credentials off an account, and what becomes of the sessions that they opened.

use mfa_engine::{LinkingRefusal, TokenScope};

use super::super::step::Proof;
use super::{Identity, Scene, Verdict, World};

impl World {
    /// Unlinks a credential (rules E13, E14). A mistake comes before the proof.
    pub(crate) fn unlink(&mut self, session: usize, proof: &Proof, scene: &mut Scene) -> Verdict {
        let user = self.user(scene.user);
        let named = |number| user.credentials.iter().find(|known| known.number == number);
        let known = scene.credential.and_then(named);
        let known = known.ok_or(LinkingRefusal::NothingToUnlink)?.clone();
        if matches!(known.identity, Identity::Key(_)) {
            return Err(LinkingRefusal::Passkey.into());
        }
        if !user.can_do_without(known.number) {
            return Err(LinkingRefusal::LastCredential.into());
        }
        self.pass_gate(session, TokenScope::CredentialUnlink, proof, scene)?;
        self.detach(scene.user, known.number, Some(session));
        self.settle(scene);
        self.hand_out_pass(session)
    }

    /// Takes a credential off its user. The sessions that it opened end, where the settings say
    /// so, but for the one that asks; in those that stay, another credential takes its place.
    pub(crate) fn detach(&mut self, user: usize, credential: usize, keep: Option<usize>) {
        self.user_mut(user).credentials.retain(|known| known.number != credential);
        if self.policy.linking.unlink_ends_sessions {
            let opened = |it: &super::Session| it.user == user && it.opened_by == credential;
            let of_it = |number: &usize| self.sessions[*number].as_ref().is_some_and(opened);
            let ending: Vec<usize> = (0..self.sessions.len()).filter(of_it).collect();
            for session in ending.into_iter().filter(|number| keep != Some(*number)) {
                self.revoke(session);
            }
        }
        self.forget_credential(user, credential);
    }

    /// Puts another credential into the sessions that name one that is gone.
    pub(crate) fn forget_credential(&mut self, user: usize, credential: usize) {
        let first = self.user(user).first_credential();
        for session in self.sessions.iter_mut().flatten().filter(|it| it.user == user) {
            if session.opened_by == credential {
                session.opened_by = first;
            }
            if session.last_used == credential {
                session.last_used = session.opened_by;
            }
        }
    }
}
