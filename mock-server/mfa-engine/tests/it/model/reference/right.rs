//! Who may do a thing: sessions, MFA tokens, elevated tokens.

use mfa_engine::policy::{DeleteProof, FirstEnrolment, MfaAction, Policy, SpentOn, TokenBehavior};
use mfa_engine::{ElevationFlaw, Refusal, TokenScope};

use super::super::step::{Act, Elevation, Mfa, Proof};
use super::{Elevated, Pass, Scene, Seen, Tested, Verdict, World};

/// What a session that still owes a second factor cannot do (rules J11, U27).
fn waits_for_mfa(act: &Act) -> bool {
    matches!(
        act,
        Act::Default(_) | Act::Delete(..) | Act::ReadCodes | Act::RotateCodes | Act::DeleteUser
    )
}

fn action_of(scope: TokenScope) -> Option<MfaAction> {
    match scope {
        TokenScope::WalletSign => Some(MfaAction::WalletWaasSign),
        TokenScope::WalletExport => Some(MfaAction::WalletWaasExport),
        TokenScope::UserUpdate => Some(MfaAction::UserUpdate),
        _ => None,
    }
}

/// Rule K1: an action's own word first, then the kind of scope.
pub(crate) fn is_single_use(policy: &Policy, scope: TokenScope) -> bool {
    let rule = action_of(scope).and_then(|action| policy.mfa.rule(action));
    match rule.and_then(|rule| rule.token_behavior) {
        Some(behaviour) => behaviour == TokenBehavior::SingleUse,
        None => scope.as_str().starts_with("wallet:"),
    }
}

impl World {
    /// Lets a caller in, or not.
    pub(crate) fn admit(&self, bearer: usize, act: &Act) -> Result<usize, Refusal> {
        let session = self.live_session(bearer)?;
        let open = !waits_for_mfa(act) || self.policy.session.partial_reaches_everything;
        if !open && self.owes_mfa(session) {
            return Err(Refusal::MfaPending);
        }
        Ok(session)
    }

    /// Whether calls of that scope ask for an elevated token (rules E13, E20).
    pub(crate) fn asks_for(&self, scope: TokenScope) -> bool {
        let by_rule = action_of(scope)
            .and_then(|action| self.policy.mfa.rule(action))
            .is_some_and(|rule| rule.required);
        let by_list = self.policy.elevation.required_scopes.contains(scope);
        self.policy.enforces_step_up() && (by_rule || by_list)
    }

    /// Rules T22, U23.
    pub(crate) fn is_exempt(&self, session: usize) -> bool {
        let user = self.session(session).user;
        self.policy.elevation.first_enrolment == FirstEnrolment::Exempt
            && self.owes_mfa(session)
            && !self.has_verified(user)
    }

    /// Judges the elevated token that came along (rules E8, E21, K8, U17 to U19).
    pub(crate) fn judge(
        &self,
        session: usize,
        scope: TokenScope,
        proof: &Proof,
        scene: &Scene,
    ) -> Result<usize, Refusal> {
        let Proof(_, presented) = proof;
        let found = match (presented, scene.elevation) {
            (Elevation::Forged, _) => Err(ElevationFlaw::Forged),
            (Elevation::Foreign(_), Some(_)) => Err(ElevationFlaw::ForeignEnvironment),
            (Elevation::Token(_), Some(number)) => {
                let token = &self.elevations[number];
                self.flaw_of(token, session, scope).map_or(Ok(number), Err)
            }
            // Nothing was sent, or there is no token yet that could be.
            (Elevation::None | Elevation::Token(_) | Elevation::Foreign(_), _) => {
                return Err(Refusal::ElevationMissing { scope });
            }
        };
        found.map_err(|flaw| Refusal::ElevationUnusable { scope, flaw })
    }

    fn flaw_of(
        &self,
        token: &Elevated,
        session: usize,
        scope: TokenScope,
    ) -> Option<ElevationFlaw> {
        if token.user != self.session(session).user {
            Some(ElevationFlaw::ForeignUser)
        } else if self.policy.elevation.bound_to_session && token.session != session {
            Some(ElevationFlaw::ForeignSession)
        } else if self.now >= token.ends {
            Some(ElevationFlaw::Expired)
        } else if !token.scopes.contains(scope) {
            Some(ElevationFlaw::LacksScope)
        } else if token.single_use && token.spent {
            Some(ElevationFlaw::Spent)
        } else {
            None
        }
    }

    /// A token passed every check: spent now, or only when the call succeeds (rule U17).
    pub(crate) fn accept(&mut self, number: usize, scope: TokenScope, scene: &mut Scene) {
        scene.tested = Tested::Elevation(number, scope);
        if self.policy.elevation.spent_on == SpentOn::Acceptance {
            self.elevations[number].spent = true;
        }
    }

    /// The call succeeded.
    pub(crate) fn settle(&mut self, scene: &Scene) {
        if let Tested::Elevation(number, _) = scene.tested {
            self.elevations[number].spent = true;
        }
    }

    /// What proves the right to delete a device (rules U9, E22, U15).
    pub(crate) fn prove_deletion(
        &mut self,
        session: usize,
        proof: &Proof,
        scene: &mut Scene,
    ) -> Result<(), Refusal> {
        let scope = TokenScope::CredentialUnlink;
        let enforced = self.asks_for(scope);
        let refusal = match self.judge(session, scope, proof, scene) {
            Ok(number) => {
                self.accept(number, scope, scene);
                return Ok(());
            }
            Err(refusal) => refusal,
        };
        if enforced && self.policy.devices.delete_proof == DeleteProof::ElevatedOnly {
            return Err(refusal);
        }
        let sent_elevation = !matches!(refusal, Refusal::ElevationMissing { .. });
        match (proof.0, scene.mfa_token) {
            (Mfa::Token(_), Some(number)) => {
                let usable = self.is_usable(number, session);
                if !usable {
                    return Err(Refusal::MfaTokenUnusable);
                }
                self.mfa_tokens[number].spent = true;
                scene.tested = Tested::MfaToken(number);
                Ok(())
            }
            (Mfa::MadeUp, _) => Err(Refusal::MfaTokenUnusable),
            _ if enforced || sent_elevation => Err(refusal),
            _ => Err(Refusal::MfaTokenMissing),
        }
    }

    fn is_usable(&self, number: usize, session: usize) -> bool {
        let token = &self.mfa_tokens[number];
        token.session == session
            && !(token.single_use && token.spent)
            && token.ends.is_none_or(|ends| self.now < ends)
            && (self.policy.devices.recovery_code_deletes || !token.by_recovery)
    }

    /// Mints an elevated token (rules E5 to E7, K1).
    pub(crate) fn mint(&mut self, session: usize, scopes: &[TokenScope], pass: &mut Pass) {
        let policy = &self.policy;
        let single_use = super::is_single_use(policy, scopes);
        let by_behaviour = if single_use { 300 } else { 600 };
        let by_rule = |scope| policy.mfa.rule(action_of(scope)?)?.token_expiry_seconds;
        // A bundle lives as long as the scope of it that lives shortest.
        let lives = scopes.iter().map(|scope| by_rule(*scope).unwrap_or(by_behaviour));
        let life = lives.min().unwrap();
        let token = Elevated {
            user: self.session(session).user,
            session,
            scopes: scopes.iter().copied().collect(),
            single_use,
            ends: self.now + i64::from(life) * 1_000,
            spent: false,
        };
        pass.elevation = Some((token.scopes.to_string(), single_use, token.ends));
        self.elevations.push(token);
    }

    /// The answer of every verify-style call, which brings a new JWT (rule W6).
    pub(crate) fn pass(&self, session: usize) -> Pass {
        Pass {
            scopes: self.scopes(session),
            ends: self.session(session).ends,
            mfa_token: false,
            elevation: None,
            next: None,
        }
    }

    /// Hands the answer out.
    pub(crate) fn hand_out(&mut self, session: usize, pass: Pass) -> Verdict {
        let user = self.session(session).user;
        self.bearers.push(super::Bearer { session, user, ends: pass.ends });
        Ok(Seen::Session(pass))
    }

    /// Answers `stepUp/check` (rules E13, E16 to E18).
    pub(crate) fn check(&self, session: usize, scope: TokenScope) -> Verdict {
        let exempt = scope == TokenScope::CredentialLink && self.is_exempt(session);
        if !self.asks_for(scope) || exempt {
            return Ok(Seen::StepUp(false, vec![]));
        }
        let user = self.session(session).user;
        let with_mfa = self.policy.mfa.is_on() && self.has_verified(user);
        let credentials = match with_mfa {
            true => vec!["totp"],
            false => vec!["email"; self.user(user).addresses.len()],
        };
        Ok(Seen::StepUp(true, credentials))
    }
}
