//! JWTs of the app's own issuer: signing in, and stepping up (rules E23, E24).

use std::collections::btree_map::Entry;

use jiff::{SignedDuration, Timestamp};
use rand::CryptoRng;

use super::Environment;
use crate::credential::{ExternalUser, Identity};
use crate::external_auth::{
    Assertion, ExternalAuthCommand, ExternalAuthRefusal, ExternalAuthRequest, PresentedAssertion,
    SUBJECT_BYTES_MAX,
};
use crate::id::SessionId;
use crate::mfa_token::Digest;
use crate::outcome::{Grant, Outcome};
use crate::policy::UnknownScopes;
use crate::refusal::Refusal;
use crate::scope::{TokenScope, UnknownScope};

impl Environment {
    /// Opens a session for the user whom the issuer names.
    ///
    /// A sign-in spends no `jti`: only the assertions of `verify` are documented to be good once.
    pub(super) fn take_external_auth_command(
        &mut self,
        command: ExternalAuthCommand,
        now: Timestamp,
        rng: &mut dyn CryptoRng,
    ) -> Result<Outcome, Refusal> {
        let ExternalAuthCommand::SignIn { assertion, client, device } = command;
        let device = self.recognise_device(&device, now)?;
        let user_id = subject(self.judge_assertion(&assertion, now)?)?;
        let identity = Identity::External(ExternalUser { user_id });
        self.sign_in(identity, client, device, false, now, rng)
    }

    /// Exchanges an assertion of the issuer for an elevated access token.
    ///
    /// Every claim is judged before MFA is, and the `jti` is spent last: a refused assertion can be
    /// presented again.
    pub(super) fn take_external_auth_request(
        &mut self,
        session: SessionId,
        request: ExternalAuthRequest,
        now: Timestamp,
        rng: &mut dyn CryptoRng,
    ) -> Result<Outcome, Refusal> {
        let ExternalAuthRequest::Verify { assertion, session_public_key } = request;
        let assertion = self.judge_assertion(&assertion, now)?;
        let expires_at = assertion.expires_at.ok_or(lacks("exp"))?;
        let token_id = assertion.token_id.as_deref().filter(|id| !id.is_empty());
        let token = Digest::of(token_id.ok_or(lacks("jti"))?);
        let scopes = self.scopes_asked_for(assertion)?;
        let identity = Identity::External(ExternalUser { user_id: subject(assertion)? });
        if self.user(session)?.credential_of(&identity.key()).is_none() {
            return Err(ExternalAuthRefusal::ForeignSubject.into());
        }
        let key = self.session(session)?.client.session_public_key.as_deref();
        if let (Some(named), Some(key)) = (session_public_key.as_deref(), key)
            && !named.eq_ignore_ascii_case(key)
        {
            return Err(ExternalAuthRefusal::ForeignSessionKey.into());
        }
        // The answer has room for nothing but the token, so that without one it is a refusal.
        let reauthentication = self.admit_reauthentication(session, &scopes)?;
        let scopes = reauthentication.elevating().ok_or(Refusal::ReauthenticationNotEnough)?;
        self.spend_assertion(token, expires_at, now)?;
        let elevated = Some(self.mint(session, scopes, now, rng)?);
        let grant = self.grant(session, now)?;
        Ok(Outcome::Elevated(Box::new(Grant { elevated, ..grant })))
    }

    /// Judges signature, issuer, audience and time.
    fn judge_assertion<'assertion>(
        &self,
        presented: &'assertion PresentedAssertion,
        now: Timestamp,
    ) -> Result<&'assertion Assertion, ExternalAuthRefusal> {
        let settings = &self.policy.external_auth;
        if !settings.enabled {
            return Err(ExternalAuthRefusal::Disabled);
        }
        let assertion = match presented {
            PresentedAssertion::Genuine(assertion) => assertion,
            PresentedAssertion::Unusable(flaw) => {
                return Err(ExternalAuthRefusal::Unusable(flaw.clone()));
            }
        };
        if settings.issuer.is_some() && assertion.issuer != settings.issuer {
            return Err(ExternalAuthRefusal::ForeignIssuer);
        }
        if settings.audience.as_ref().is_some_and(|wanted| !assertion.audience.contains(wanted)) {
            return Err(ExternalAuthRefusal::ForeignAudience);
        }
        let expires_at = assertion.expires_at.ok_or(lacks("exp"))?;
        if now >= self.tolerantly(expires_at) {
            return Err(ExternalAuthRefusal::Expired);
        }
        if assertion.not_before.is_some_and(|start| self.tolerantly(now) < start) {
            return Err(ExternalAuthRefusal::NotYetValid);
        }
        Ok(assertion)
    }

    /// A moment, later by what the issuer's clock may be wrong.
    fn tolerantly(&self, at: Timestamp) -> Timestamp {
        let skew = SignedDuration::from_secs(self.policy.external_auth.clock_skew_seconds.into());
        at.checked_add(skew).unwrap_or(Timestamp::MAX)
    }

    /// The words of `scope`, of which there must be one at least.
    fn scopes_asked_for(&self, assertion: &Assertion) -> Result<Vec<String>, ExternalAuthRefusal> {
        let ignores = self.policy.external_auth.unknown_scopes == UnknownScopes::Ignore;
        let mut scopes = Vec::new();
        for word in assertion.scope.as_deref().unwrap_or_default().split_whitespace() {
            match word.parse::<TokenScope>() {
                Ok(_) => scopes.push(word.to_owned()),
                Err(UnknownScope(_)) if ignores => {}
                Err(unknown) => return Err(ExternalAuthRefusal::UnknownScope(unknown)),
            }
        }
        match scopes.is_empty() {
            true => Err(lacks("scope")),
            false => Ok(scopes),
        }
    }

    /// Uses a `jti` up, and forgets those of assertions that nobody can present any longer.
    ///
    /// At the bound nothing is forgotten early: that would let an assertion be good twice.
    fn spend_assertion(
        &mut self,
        token: Digest,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<(), ExternalAuthRefusal> {
        let max = self.policy.limits.assertions_max;
        let end = self.tolerantly(expires_at);
        self.spent_assertions.retain(|_, end| now < *end);
        let held = self.spent_assertions.len();
        match self.spent_assertions.entry(token) {
            Entry::Occupied(_) => Err(ExternalAuthRefusal::Replayed),
            Entry::Vacant(_) if held >= usize::try_from(max).unwrap_or(usize::MAX) => {
                Err(ExternalAuthRefusal::LedgerFull { max })
            }
            Entry::Vacant(place) => {
                place.insert(end);
                Ok(())
            }
        }
    }
}

/// `sub`, which both calls need.
fn subject(assertion: &Assertion) -> Result<String, ExternalAuthRefusal> {
    match assertion.subject.as_deref() {
        None | Some("") => Err(lacks("sub")),
        Some(subject) if subject.len() > SUBJECT_BYTES_MAX => {
            let flaw = format!("its `sub` is longer than {SUBJECT_BYTES_MAX} bytes");
            Err(ExternalAuthRefusal::Unusable(flaw))
        }
        Some(subject) => Ok(subject.to_owned()),
    }
}

const fn lacks(claim: &'static str) -> ExternalAuthRefusal {
    ExternalAuthRefusal::Lacks { claim }
}
