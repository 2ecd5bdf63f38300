//! Second factors: the TOTP device, recovery codes, and what passing one brings.

use mfa_engine::policy::{DeleteDefault, Enrollment, MethodKind, Replay, UnverifiedDevice};
use mfa_engine::{Acknowledgement, GateRefusal, Refusal, TokenScope, UnknownScope};

use super::super::step::{Proof, Which, Wish};
use super::{Codes, Device, MfaToken, Scene, Seen, Verdict, World};

/// A scope that the API does not know.
pub(crate) const NO_SCOPE: &str = "wallet:fly";

/// A second factor that was passed.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Factor {
    Totp,
    Recovery,
    Mail,
    Passkey,
}

impl World {
    /// What cannot be granted is refused before it costs anything (rules E10, E11).
    pub(crate) fn admit_wish(&self, Wish(_, scopes, unknown): &Wish) -> Result<(), Refusal> {
        if *unknown {
            return Err(Refusal::UnknownScope(UnknownScope(NO_SCOPE.to_owned())));
        }
        self.admit_scopes(scopes)
    }

    pub(crate) fn admit_scopes(&self, scopes: &[TokenScope]) -> Result<(), Refusal> {
        let settings = &self.policy.elevation;
        let mut scopes = scopes.to_vec();
        scopes.sort_unstable();
        scopes.dedup();
        let mut ungranted = scopes.iter().filter(|it| !settings.grantable_scopes.contains(**it));
        let mut alone = scopes.iter().filter(|it| settings.alone_scopes.contains(**it));
        let refusal = match (ungranted.next(), alone.next()) {
            (Some(scope), _) => GateRefusal::ScopeNotGranted { scope: *scope },
            (None, Some(scope)) if scopes.len() > 1 => GateRefusal::ScopeNotAlone { scope: *scope },
            (None, _) => return Ok(()),
        };
        Err(refusal.into())
    }

    /// Rules T13 to T15, T20 to T22, U6.
    pub(crate) fn register(&mut self, session: usize, proof: &Proof, scene: &mut Scene) -> Verdict {
        if !self.mfa_is_on() || !self.allows(MethodKind::Totp) {
            return Err(Refusal::MfaDisabled);
        }
        if !self.user(scene.user).has_device() {
            self.refuse_enrolment_past_a_factor(session)?;
        }
        if !self.is_exempt(session) {
            self.pass_gate(session, TokenScope::CredentialLink, proof, scene)?;
        }
        let keeps = self.policy.totp.unverified_device == UnverifiedDevice::Keep;
        let device = &self.user(scene.user).device;
        match device.as_ref().map(|device| device.verified) {
            Some(true) => return Err(Refusal::SecondTotpDevice),
            Some(false) if keeps => {}
            Some(false) | None => {
                let number = self.devices;
                self.devices += 1;
                let user = self.user_mut(scene.user);
                if let Some(old) = &user.device {
                    user.former_device = Some(old.number);
                }
                user.device = Some(Device { number, verified: false, last: None });
            }
        }
        self.settle(scene);
        Ok(Seen::Registered)
    }

    /// Rules T9a, T10.
    pub(crate) fn confirm(&mut self, session: usize, scene: &Scene) -> Verdict {
        let pending = self.user(scene.user).device.as_ref().filter(|device| !device.verified);
        let device = pending.ok_or(Refusal::NoSuchTotpDevice)?.number;
        self.admit_guess(scene.user)?;
        self.refuse_enrolment_past_a_factor(session)?;
        let step = self.match_code(device, scene);
        self.judge_guess(scene.user, step.ok_or(Refusal::WrongTotpCode))?;
        self.activate(scene.user, step);
        Ok(Seen::Device(true))
    }

    /// Rules T9b, T11, T12, T16 to T19, U2, U8.
    pub(crate) fn totp(
        &mut self,
        session: usize,
        which: Option<Which>,
        wish: &Wish,
        scene: &Scene,
    ) -> Verdict {
        self.admit_wish(wish)?;
        let known = self.user(scene.user).device.clone();
        let named = |device: &Device| which.is_none() || scene.device == Some(device.number);
        let device = known.filter(named).ok_or(Refusal::NoSuchTotpDevice)?;
        self.admit_guess(scene.user)?;
        if !device.verified && !self.policy.totp.authentication_confirms {
            return Err(Refusal::TotpDeviceUnverified);
        }
        if !device.verified {
            self.refuse_enrolment_past_a_factor(session)?;
        }
        let step = self.match_code(device.number, scene);
        let spent = self.policy.totp.replay == Replay::Refuse && device.last >= step;
        let judged = match step {
            None => Err(Refusal::WrongTotpCode),
            Some(_) if spent => Err(Refusal::ReplayedTotpCode),
            Some(step) => Ok(step),
        };
        self.judge_guess(scene.user, judged)?;
        self.activate(scene.user, step);
        self.pass_factor(session, wish, Factor::Totp)
    }

    /// Rules R1, R7, R8, R10.
    pub(crate) fn recover(&mut self, session: usize, wish: &Wish, scene: &Scene) -> Verdict {
        self.admit_wish(wish)?;
        let has_other = self.mfa_is_on() && self.holds_method(session);
        if !has_other && !self.policy.recovery.stands_alone {
            return Err(Refusal::RecoveryCodesAlone);
        }
        self.admit_guess(scene.user)?;
        let codes = self.user_mut(scene.user).codes.as_mut();
        let fitting = codes.zip(scene.word).filter(|(codes, (set, _))| codes.set == *set);
        let fresh = fitting.filter(|(codes, (_, index))| !codes.used[*index]);
        let judged = match fresh {
            Some((codes, (_, index))) => {
                codes.used[index] = true;
                Ok(())
            }
            None => Err(Refusal::WrongRecoveryCode),
        };
        self.judge_guess(scene.user, judged)?;
        self.pass_factor(session, wish, Factor::Recovery)
    }

    /// The step of the typed code, if the device shows it within the window (rule U1).
    fn match_code(&self, device: usize, scene: &Scene) -> Option<u64> {
        let window = u64::from(self.policy.totp.window_steps);
        let (of, step) = scene.code?;
        (of == device && step.abs_diff(self.step()) <= window).then_some(step)
    }

    /// Codes that were drawn before there was a method are void once there is one.
    pub(crate) fn drop_premature_codes(&mut self, user: usize) {
        let passkeys = self.passkey_methods_of(user);
        let stay = self.policy.recovery.stands_alone;
        let user = self.user_mut(user);
        if user.has_device() || passkeys > 0 || stay {
            return;
        }
        if let Some(codes) = user.codes.take_if(|codes| codes.premature) {
            user.former_set = Some(codes.set);
        }
    }

    fn activate(&mut self, user: usize, step: Option<u64>) {
        self.drop_premature_codes(user);
        let device = self.user_mut(user).device.as_mut().unwrap();
        device.verified = true;
        device.last = device.last.max(step);
    }

    /// Refuses while too many wrong codes are fresh (rules T17, U3).
    pub(crate) fn admit_guess(&self, user: usize) -> Result<(), Refusal> {
        let life = i64::from(self.policy.totp.failures_window_seconds) * 1_000;
        let max = usize::from(self.policy.totp.failures_max);
        let failures = &self.user(user).failures;
        let recent: Vec<i64> = failures.iter().copied().filter(|at| self.now - at < life).collect();
        let Some(surplus) = recent.len().checked_sub(max) else { return Ok(()) };
        // One more is welcome as soon as fewer than the limit are remembered.
        let milliseconds = u64::try_from(recent[surplus] + life - self.now).unwrap();
        Err(Refusal::TooManyMfaFailures { retry_after_seconds: milliseconds.div_ceil(1_000) })
    }

    /// Counts a wrong code, or forgets the earlier ones after a right one.
    pub(crate) fn judge_guess<T>(
        &mut self,
        user: usize,
        judged: Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        let now = self.now;
        let failures = &mut self.user_mut(user).failures;
        match judged {
            Ok(_) => failures.clear(),
            Err(_) => failures.push(now),
        }
        judged
    }

    /// Rule R12: the first authentication brings recovery codes and asks for their
    /// acknowledgement, where the method brings them.
    fn bring_codes(&mut self, user: usize, factor: Factor) {
        let kind = match factor {
            Factor::Totp => MethodKind::Totp,
            Factor::Mail => MethodKind::Email,
            Factor::Passkey => MethodKind::Passkey,
            Factor::Recovery => return,
        };
        let brings = self.brings_codes(kind);
        if brings && self.user(user).acknowledgement == Acknowledgement::NotAsked {
            self.user_mut(user).acknowledgement = Acknowledgement::Pending;
            self.draw_codes_if_none(user, false);
        }
    }

    pub(crate) fn pass_factor(&mut self, session: usize, wish: &Wish, factor: Factor) -> Verdict {
        self.session_mut(session).passed_mfa = true;
        self.bring_codes(self.session(session).user, factor);
        let mut pass = self.pass(session);
        let Wish(token, scopes, _) = wish;
        if let Some(single_use) = *token {
            let life = self.policy.mfa_tokens.life_seconds;
            let ends = life.map(|seconds| self.now + i64::from(seconds) * 1_000);
            let by_recovery = factor == Factor::Recovery;
            let token = MfaToken { session, single_use, spent: false, by_recovery, ends };
            self.mfa_tokens.push(token);
            pass.mfa_token = true;
        }
        if !scopes.is_empty() {
            self.mint(session, scopes, &mut pass);
        }
        self.hand_out(session, pass)
    }

    /// Rules V3, U9, U10, U11.
    pub(crate) fn delete(&mut self, session: usize, proof: &Proof, scene: &mut Scene) -> Verdict {
        let mine = self.user(scene.user).device.clone();
        let device = mine.filter(|device| scene.device == Some(device.number));
        let device = device.ok_or(Refusal::NoSuchDevice)?;
        self.prove_deletion(session, proof, scene)?;
        let settings = &self.policy.devices;
        // The only device of a user is the default one.
        if device.verified && settings.delete_default == DeleteDefault::Never {
            return Err(Refusal::DefaultDevice);
        }
        let required = self.policy.mfa.enrollment == Enrollment::Signup;
        let is_last = self.passkey_methods_of(scene.user) == 0;
        if device.verified && required && is_last && !settings.delete_last_while_required {
            return Err(Refusal::LastDevice);
        }
        let user = self.user_mut(scene.user);
        user.device = None;
        user.former_device = Some(device.number);
        self.settle(scene);
        Ok(Seen::Done)
    }

    /// Rules R2, R4, U13.
    pub(crate) fn read_codes(&mut self, session: usize, user: usize) -> Verdict {
        self.admit_reader(session)?;
        let premature = !self.holds_method(session);
        self.draw_codes_if_none(user, premature);
        let used = &self.user(user).codes.as_ref().unwrap().used;
        let unused = used.iter().filter(|used| !**used).count();
        let shown = if self.policy.recovery.list_used { used.len() } else { unused };
        Ok(Seen::Codes(unused, shown))
    }

    /// Rule R3.
    pub(crate) fn rotate_codes(&mut self, session: usize, user: usize) -> Verdict {
        self.admit_reader(session)?;
        if self.user(user).codes.is_none() && !self.holds_method(session) {
            return Err(Refusal::NoRecoveryCodes);
        }
        if let Some(old) = self.user_mut(user).codes.take() {
            self.user_mut(user).former_set = Some(old.set);
        }
        let premature = !self.holds_method(session);
        self.draw_codes_if_none(user, premature);
        if self.policy.recovery.rotation_asks_acknowledgement {
            self.user_mut(user).acknowledgement = Acknowledgement::Pending;
        }
        let count = usize::from(self.policy.recovery.code_count);
        Ok(Seen::Codes(count, count))
    }

    fn admit_reader(&self, session: usize) -> Result<(), Refusal> {
        let lacks = !self.session(session).passed_mfa && self.holds_method(session);
        match self.policy.recovery.reading_needs_factor && lacks {
            true => Err(Refusal::MfaPending),
            false => Ok(()),
        }
    }

    pub(crate) fn draw_codes_if_none(&mut self, user: usize, premature: bool) {
        if self.user(user).codes.is_none() {
            let used = vec![false; usize::from(self.policy.recovery.code_count)];
            let set = self.sets;
            self.sets += 1;
            self.user_mut(user).codes = Some(Codes { set, used, premature });
        }
    }
}
