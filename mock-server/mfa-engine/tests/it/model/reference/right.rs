//! Who may do a thing: sessions, MFA tokens, elevated tokens.

use mfa_engine::policy::{
    DeleteProof, Enrollment, FirstEnrolment, MethodKind, MfaAction, Policy, SpentOn, TokenBehavior,
};
use mfa_engine::{ElevationFlaw, GateRefusal, Refusal, TokenScope};

use super::super::step::{Act, Elevation, Mfa, Proof};
use super::setting::rule_of;
use super::{Elevated, Pass, Scene, Seen, Tested, Verdict, World};

/// What a session that still owes a second factor cannot do (rules J11, U27).
fn waits_for_mfa(act: &Act) -> bool {
    matches!(
        act,
        Act::Default(_)
            | Act::Delete(..)
            | Act::ReadCodes
            | Act::RotateCodes
            | Act::Unlink(..)
            | Act::RenameKey(..)
            | Act::DeleteKey(..)
            | Act::DeleteUser(_)
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
    let rule = action_of(scope).and_then(|action| rule_of(policy, action));
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

    /// Whether the settings protect what the scope stands for (rules D2, F4).
    fn is_protected(&self, scope: TokenScope) -> bool {
        let rule = action_of(scope).and_then(|action| rule_of(&self.policy, action));
        rule.is_some_and(|rule| rule.required)
    }

    /// Whether calls of that scope ask for an elevated token (rules E13, E20).
    pub(crate) fn asks_for(&self, scope: TokenScope) -> bool {
        let by_list = self.policy.elevation.required_scopes.contains(scope);
        self.enforces_step_up() && (self.is_protected(scope) || by_list)
    }

    /// Rules T22, U23.
    pub(crate) fn is_exempt(&self, session: usize) -> bool {
        self.policy.elevation.first_enrolment == FirstEnrolment::Exempt
            && self.owes_mfa(session)
            && !self.holds_method(session)
    }

    /// Whoever holds the first factor alone may not enrol or link anything beside what is there.
    pub(crate) fn refuse_enrolment_past_a_factor(&self, session: usize) -> Result<(), Refusal> {
        let always = self.policy.devices.further_needs_factor && self.mfa_is_on();
        let lacks = self.owes_mfa(session) || (always && !self.session(session).passed_mfa);
        let owes_what_there_is = lacks && self.holds_method(session);
        match owes_what_there_is && !self.policy.session.partial_reaches_everything {
            true => Err(Refusal::MfaPending),
            false => Ok(()),
        }
    }

    /// What a sensitive call must present (rules E8, E21, F5, M5, M6, U9, U24).
    pub(crate) fn pass_gate(
        &mut self,
        session: usize,
        scope: TokenScope,
        proof: &Proof,
        scene: &mut Scene,
    ) -> Result<(), Refusal> {
        let (is_protected, enforced) = (self.is_protected(scope), self.asks_for(scope));
        if !is_protected && !enforced {
            return Ok(());
        }
        let is_forced = self.policy.mfa.enrollment == Enrollment::Action;
        if is_protected && is_forced && !self.holds_method(session) {
            return Err(GateRefusal::EnrolmentOwed.into());
        }
        let refusal = match self.judge(session, scope, proof, scene) {
            Ok(number) => {
                self.accept(number, scope, scene);
                return Ok(());
            }
            Err(refusal) => refusal,
        };
        let takes_mfa_tokens =
            is_protected && (!enforced || self.policy.elevation.legacy_mfa_tokens);
        if takes_mfa_tokens && sends_mfa_token(proof, scene) {
            return self.take_mfa_token(session, true, proof, scene);
        }
        match refusal {
            Refusal::ElevationMissing { .. } if !enforced => Err(Refusal::MfaTokenMissing),
            refusal => Err(refusal),
        }
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
        if self.ring.retired.contains(&token.signed_by) {
            Some(ElevationFlaw::RetiredKey)
        } else if token.user != self.session(session).user {
            Some(ElevationFlaw::ForeignUser)
        } else if self.policy.elevation.bound_to_session && token.session != session {
            Some(ElevationFlaw::ForeignSession)
        } else if !self.is_live(token.session) {
            Some(ElevationFlaw::EndedSession)
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
        if sends_mfa_token(proof, scene) {
            let any_factor = self.policy.devices.recovery_code_deletes;
            return self.take_mfa_token(session, any_factor, proof, scene);
        }
        match refusal {
            Refusal::ElevationMissing { .. } if !enforced => Err(Refusal::MfaTokenMissing),
            refusal => Err(refusal),
        }
    }

    /// Takes the MFA token that came along, and spends it (rules M5 to M9, U15).
    fn take_mfa_token(
        &mut self,
        session: usize,
        any_factor: bool,
        proof: &Proof,
        scene: &mut Scene,
    ) -> Result<(), Refusal> {
        let sent = scene.mfa_token.filter(|_| proof.0 != Mfa::MadeUp);
        let token = sent.map(|number| &mut self.mfa_tokens[number]);
        let good = token.filter(|token| {
            token.session == session
                && !(token.single_use && token.spent)
                && token.ends.is_none_or(|ends| self.now < ends)
                && (any_factor || !token.by_recovery)
        });
        good.ok_or(Refusal::MfaTokenUnusable)?.spent = true;
        scene.tested = Tested::MfaToken(sent.unwrap());
        Ok(())
    }

    /// Mints an elevated token (rules E5 to E7, K1).
    pub(crate) fn mint(&mut self, session: usize, scopes: &[TokenScope], pass: &mut Pass) {
        let policy = &self.policy;
        let single_use = super::is_single_use(policy, scopes);
        let by_behaviour = if single_use { 300 } else { 600 };
        let by_rule = |scope| rule_of(policy, action_of(scope)?)?.token_expiry_seconds;
        // A bundle lives as long as the scope of it that lives shortest.
        let lives = scopes.iter().map(|scope| by_rule(*scope).unwrap_or(by_behaviour));
        let life = lives.min().unwrap();
        let token = Elevated {
            user: self.session(session).user,
            session,
            scopes: scopes.iter().copied().collect(),
            single_use,
            ends: self.told(self.now + i64::from(life) * 1_000),
            spent: false,
            signed_by: self.ring.newest,
        };
        pass.elevation = Some((token.scopes.to_string(), single_use, token.ends));
        self.elevations.push(token);
    }

    /// The answer of every verify-style call, which brings a new JWT (rule W6).
    pub(crate) fn pass(&self, session: usize) -> Pass {
        Pass {
            scopes: self.scopes(session),
            ends: self.told(self.session(session).ends),
            mfa_token: false,
            elevation: None,
            next: None,
            signed_by: self.ring.newest,
        }
    }

    /// Hands the answer out.
    pub(crate) fn hand_out(&mut self, session: usize, pass: Pass) -> Verdict {
        let user = self.session(session).user;
        let signed_by = pass.signed_by;
        self.bearers.push(super::Bearer { session, user, ends: pass.ends, signed_by });
        Ok(Seen::Session(pass))
    }

    /// Answers `stepUp/check` (rules E13, E16 to E18).
    pub(crate) fn check(&self, session: usize, scope: TokenScope) -> Verdict {
        let exempt = scope == TokenScope::CredentialLink && self.is_exempt(session);
        if !self.asks_for(scope) || exempt {
            return Ok(Seen::StepUp(false, vec![], None));
        }
        let opened_by = self.session(session).opened_by;
        let user = self.user(self.session(session).user);
        if self.mfa_is_on() && self.holds_method(session) {
            let passkeys = self.passkey_methods_of(self.session(session).user);
            let mut kinds = vec!["totp"; usize::from(user.has_device())];
            // The device is offered first, else the newest passkey, else an address.
            let newest = passkeys.checked_sub(1).filter(|_| kinds.is_empty());
            kinds.extend(vec!["passkey"; passkeys]);
            kinds.extend(vec!["email"; self.mail_factors(session).len()]);
            return Ok(Seen::StepUp(true, kinds, Some(newest.unwrap_or(0))));
        }
        let takes_passkeys = self.allows(MethodKind::Passkey);
        let usable = |known: &&super::Credential| {
            known.signs_in && (takes_passkeys || known.kind() != "passkey")
        };
        let usable: Vec<_> = user.credentials.iter().filter(usable).collect();
        let default = usable.iter().position(|known| known.number == opened_by);
        let default = default.or((!usable.is_empty()).then_some(0));
        Ok(Seen::StepUp(true, usable.iter().map(|known| known.kind()).collect(), default))
    }
}

/// Whether the header of MFA tokens is sent: only a token that exists, or a made-up one.
fn sends_mfa_token(proof: &Proof, scene: &Scene) -> bool {
    match proof.0 {
        Mfa::None => false,
        Mfa::Token(_) => scene.mfa_token.is_some(),
        Mfa::MadeUp => true,
    }
}
