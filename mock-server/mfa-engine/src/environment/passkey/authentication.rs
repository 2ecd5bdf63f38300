//! Passing the second factor with a passkey, and judging assertions (rules P3, M1, E5).

use jiff::Timestamp;
use rand::CryptoRng;

use super::super::Environment;
use crate::command::Wishes;
use crate::credential::{Identity, PasskeyCredential};
use crate::id::{CredentialId, SessionId, UserId};
use crate::mfa_token::Factor;
use crate::outcome::Outcome;
use crate::passkey::user_handle;
use crate::passkey::{
    Assertion, Flaw, Passkey, PasskeyOutcome, PasskeyRefusal, Purpose, RequestOptions, Used, Wanted,
};
use crate::policy::MethodKind;
use crate::refusal::Refusal;

impl Environment {
    /// Answers the options of an assertion for the second factor (section 7.2, step 1).
    pub(super) fn begin_passkey_authentication(
        &mut self,
        session: SessionId,
        related: Option<&str>,
        now: Timestamp,
        rng: &mut dyn CryptoRng,
    ) -> Result<Outcome, Refusal> {
        let rp_id = self.relying_party(related)?;
        let challenge = self.challenge(Purpose::Authentication { session }, &rp_id, now, rng);
        let allow = self.user(session)?.passkeys.iter().map(Passkey::descriptor).collect();
        let options = RequestOptions { challenge, rp_id, allow: Some(allow) };
        Ok(Outcome::Passkey(PasskeyOutcome::Request(options)))
    }

    /// Passes the second factor with a passkey (rules P3, M1, E5).
    pub(super) fn authenticate_passkey(
        &mut self,
        session: SessionId,
        assertion: &Assertion,
        wishes: &Wishes,
        now: Timestamp,
        rng: &mut dyn CryptoRng,
    ) -> Result<Outcome, Refusal> {
        if !self.policy.mfa.allows(MethodKind::Passkey) {
            return Err(PasskeyRefusal::Disabled.into());
        }
        // A request that could not be granted must not cost a challenge.
        self.admit_scopes(&wishes.scopes)?;
        let user = self.user(session)?.id;
        let wanted = Wanted::Authentication(session);
        let passkey = self
            .take_assertion(assertion, Some(user), wanted, now)
            .map_err(PasskeyRefusal::Authentication)?;
        self.session_mut(session)?.last_credential = passkey;
        self.pass_factor(session, Factor::Passkey, wishes, now, rng)
    }

    /// Judges an assertion and keeps what it tells of its passkey (section 7.2).
    ///
    /// Who is expected is known for a second factor and not for a sign-in, where the user handle
    /// must tell.
    pub(super) fn take_assertion(
        &mut self,
        assertion: &Assertion,
        expected: Option<UserId>,
        wanted: Wanted,
        now: Timestamp,
    ) -> Result<CredentialId, Flaw> {
        let credential_id = assertion.credential_id.clone();
        let key = Identity::Passkey(PasskeyCredential { credential_id }).key();
        // Steps 5 and 6.
        let owner = self.owner_of(&key).ok_or(Flaw::UnknownCredential)?;
        if expected.is_some_and(|expected| expected != owner) {
            return Err(Flaw::ForeignCredential);
        }
        assertion.check_user(user_handle(owner).as_slice(), expected.is_none())?;
        // Steps 8 to 11.
        let client_data = assertion.open()?;
        let (_, rp_id) = self.accept_challenge(&client_data, wanted, now)?;
        let settings = &self.policy.passkey;
        let user = self.users.get_mut(&owner).ok_or(Flaw::UnknownCredential)?;
        let is_it = |known: &&mut Passkey| known.credential_id == assertion.credential_id;
        let passkey = user.passkeys.iter_mut().find(is_it).ok_or(Flaw::UnknownCredential)?;
        let is_enabled =
            user.credentials.iter().any(|it| it.id == passkey.id && it.sign_in_enabled);
        if wanted == Wanted::SignIn && !is_enabled {
            return Err(Flaw::CredentialNotForSignIn);
        }
        let Used { sign_count, backed_up } =
            assertion.verify(&client_data, passkey, &rp_id, settings)?;
        // Step 23.
        passkey.sign_count = sign_count;
        passkey.backed_up = backed_up;
        passkey.last_used_at = Some(now);
        let id = passkey.id;
        self.challenges.spend(&client_data.challenge);
        Ok(id)
    }
}
