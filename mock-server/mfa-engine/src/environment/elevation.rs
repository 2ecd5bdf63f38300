//! Elevated access tokens: minting, judging, spending, and asking whether one is needed.

use jiff::{SignedDuration, Timestamp};
use rand::CryptoRng;

use super::Environment;
use super::identity::parse_scopes;
use crate::command::Proof;
use crate::credential::{Credential, Format};
use crate::elevated::{self, ElevatedClaims, PresentedElevation};
use crate::gate::GateRefusal;
use crate::id::{SessionId, TokenId};
use crate::outcome::{Outcome, StepUpCredential};
use crate::policy::{MethodKind, SpentOn};
use crate::refusal::{ElevationFlaw, Refusal};
use crate::scope::{ScopeSet, TokenScope};
use crate::session::Session;

impl Environment {
    /// Reads `requestedScopes`, and judges whether such a token can be had here (rules E10, E11).
    ///
    /// To be asked before the factor is looked at: a request that could not be granted must not
    /// cost a code.
    pub(super) fn admit_scopes(&self, scopes: &[String]) -> Result<ScopeSet, Refusal> {
        let scopes = parse_scopes(scopes)?;
        self.check_grantable(&scopes)?;
        Ok(scopes)
    }

    fn check_grantable(&self, scopes: &ScopeSet) -> Result<(), Refusal> {
        let settings = &self.policy.elevation;
        if let Some(scope) = scopes.iter().find(|scope| !settings.grantable_scopes.contains(*scope))
        {
            return Err(Refusal::Gate(GateRefusal::ScopeNotGranted { scope }));
        }
        match scopes.iter().find(|scope| settings.alone_scopes.contains(*scope)) {
            Some(scope) if scopes.len() > 1 => {
                Err(Refusal::Gate(GateRefusal::ScopeNotAlone { scope }))
            }
            Some(_) | None => Ok(()),
        }
    }

    /// The claims of a new elevated access token (rules E5 to E7, K1).
    pub(super) fn mint(
        &self,
        session: SessionId,
        scopes: ScopeSet,
        now: Timestamp,
        rng: &mut dyn CryptoRng,
    ) -> Result<ElevatedClaims, Refusal> {
        self.check_grantable(&scopes)?;
        let terms = elevated::terms(&self.policy, &scopes);
        let life = SignedDuration::from_secs(terms.life_seconds.into());
        Ok(ElevatedClaims {
            id: TokenId::draw(rng),
            user: self.session(session)?.user,
            session,
            environment: self.id,
            scopes,
            issued_at: now,
            expires_at: now.checked_add(life).unwrap_or(Timestamp::MAX),
            single_use: terms.single_use,
            key: self.office.keys.signing(),
        })
    }

    /// Lets the call pass if it presents a good elevated token for the scope, and spends the
    /// token if it is single-use (rules E8, E21, U17 to U19).
    pub(super) fn demand_elevation(
        &mut self,
        session: SessionId,
        scope: TokenScope,
        proof: &Proof,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let claims = self.judge_elevation(session, scope, proof, now)?;
        if self.policy.elevation.spent_on == SpentOn::Acceptance {
            self.spend_elevation(session, &claims, now)?;
        }
        Ok(())
    }

    /// Spends a single-use token after the call has succeeded, where the policy says so.
    pub(super) fn settle_elevation(
        &mut self,
        session: SessionId,
        proof: &Proof,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        match (&proof.elevation, self.policy.elevation.spent_on) {
            (Some(PresentedElevation::Genuine(claims)), SpentOn::Success) => {
                self.spend_elevation(session, &claims.clone(), now)
            }
            _ => Ok(()),
        }
    }

    fn judge_elevation(
        &self,
        session: SessionId,
        scope: TokenScope,
        proof: &Proof,
        now: Timestamp,
    ) -> Result<ElevatedClaims, Refusal> {
        let Some(presented) = &proof.elevation else {
            return Err(Refusal::ElevationMissing { scope });
        };
        let caller = self.session(session)?;
        let flaw = match presented {
            PresentedElevation::Forged => Some(ElevationFlaw::Forged),
            PresentedElevation::Genuine(claims) => {
                let must_be_same_session = self.policy.elevation.bound_to_session;
                let user = self.user(session)?;
                let is_live = |session: &Session| now < session.expires_at;
                let is_ended = !self.sessions.get(claims.session).is_some_and(is_live);
                let is_spent = claims.single_use && user.has_spent(claims.id, claims.expires_at);
                // In the order in which a person would want to hear it.
                [
                    (claims.environment != self.id, ElevationFlaw::ForeignEnvironment),
                    (!self.office.keys.is_active(claims.key), ElevationFlaw::RetiredKey),
                    (claims.user != caller.user, ElevationFlaw::ForeignUser),
                    (
                        must_be_same_session && claims.session != caller.id,
                        ElevationFlaw::ForeignSession,
                    ),
                    (is_ended, ElevationFlaw::EndedSession),
                    (now >= claims.expires_at, ElevationFlaw::Expired),
                    (!claims.scopes.contains(scope), ElevationFlaw::LacksScope),
                    (is_spent, ElevationFlaw::Spent),
                ]
                .into_iter()
                .find_map(|(is_flawed, flaw)| is_flawed.then_some(flaw))
            }
        };
        match (flaw, presented) {
            (None, PresentedElevation::Genuine(claims)) => Ok(claims.clone()),
            (Some(flaw), _) => Err(Refusal::ElevationUnusable { scope, flaw }),
            (None, PresentedElevation::Forged) => {
                Err(Refusal::ElevationUnusable { scope, flaw: ElevationFlaw::Forged })
            }
        }
    }

    fn spend_elevation(
        &mut self,
        session: SessionId,
        claims: &ElevatedClaims,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        if claims.single_use {
            self.user_mut(session)?.spend(claims.id, claims.expires_at, now);
        }
        Ok(())
    }

    /// Answers `stepUp/check` (rules E13, E16 to E19).
    pub(super) fn check_step_up(
        &self,
        session: SessionId,
        scope: TokenScope,
    ) -> Result<Outcome, Refusal> {
        let is_exempt =
            scope == TokenScope::CredentialLink && self.is_exempt_first_enrolment(session)?;
        let required = self.asks_for_elevation(scope) && !is_exempt;
        if !required {
            return Ok(Outcome::StepUp { required, credentials: Vec::new(), default: None });
        }
        let user = self.user(session)?;
        let (credentials, default) = match self.second_factors(session)? {
            Some((second_factors, default)) => (second_factors, Some(default)),
            None => {
                // A passkey is proven by the call of the second factor, which wants the method on.
                let takes_passkeys = self.policy.mfa.allows(MethodKind::Passkey);
                let can_be_proven = |known: &&Credential| {
                    let is_passkey = known.identity.format() == Format::Passkey;
                    let is_usable =
                        !known.is_embedded_wallet() || self.policy.wallets.embedded_step_up;
                    is_usable
                        && (known.sign_in_enabled || known.is_embedded_wallet())
                        && (takes_passkeys || !is_passkey)
                };
                let entries: Vec<_> = user.credentials.iter().filter(can_be_proven).collect();
                let signin = self.session(session)?.signin_credential;
                let by_signin = entries.iter().find(|entry| entry.id == signin);
                let default = by_signin.or(entries.first()).map(|entry| entry.id.to_string());
                let entries = entries.into_iter().cloned().map(StepUpCredential::Credential);
                (entries.collect(), default)
            }
        };
        Ok(Outcome::StepUp { required, credentials, default })
    }

    /// What a user can prove themself with where MFA is on, and the one to offer first: the default
    /// device, else the newest passkey, else an address (rules E2, E18, P8, D6).
    fn second_factors(
        &self,
        session: SessionId,
    ) -> Result<Option<(Vec<StepUpCredential>, String)>, Refusal> {
        let (here, user) = (self.session(session)?, self.user(session)?);
        if !self.policy.mfa.is_on() || !self.holds_method(here) {
            return Ok(None);
        }
        let totp = user.active_totp();
        let passkeys = user.second_factor_passkeys(&self.policy.mfa);
        let by_mail: Vec<_> = self.email_factors(here).cloned().collect();
        let default = totp.map(|device| device.id.to_string());
        let default = default.or_else(|| passkeys.last().map(|newest| newest.id.to_string()));
        let default = default.or_else(|| by_mail.first().map(|first| first.id.to_string()));
        let Some(default) = default else { return Ok(None) };
        let totp = totp.map(|device| StepUpCredential::Totp { id: device.id });
        let passkeys = passkeys
            .iter()
            .map(|known| StepUpCredential::Passkey { id: known.id, alias: known.alias.clone() });
        let by_mail = by_mail.into_iter().map(StepUpCredential::EmailFactor);
        Ok(Some((totp.into_iter().chain(passkeys).chain(by_mail).collect(), default)))
    }
}
