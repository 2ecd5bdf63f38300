//! Passkeys: two ceremonies, and what is kept of them (rules P1 to P9, E14; WebAuthn section 7).

use mfa_engine::passkey::{Flaw, PasskeyRefusal};
use mfa_engine::policy::{CounterRule, Enrollment, MethodKind};
use mfa_engine::{Refusal, TokenScope};

use super::super::step::{Act, Authenticator, Bend, Deed, Nonce, Proof, Slip, Wish};
use super::factor::Factor;
use super::{Challenge, Credential, Identity, Key, Passkey, Purpose, Scene, Seen, Verdict, World};

/// A page that belongs to nobody here.
pub(crate) const FOREIGN_ORIGIN: &str = "https://evil.example";

impl World {
    /// What the authenticator does before anybody is asked: it makes a key, and it counts.
    pub(crate) fn take_authenticator(&mut self, deed: &Deed, scene: &mut Scene) {
        if let Deed::As(_, Act::MakeKey(_, Authenticator::New(counts), ..)) = deed {
            self.keys.push(Key { counts: *counts, counter: u32::from(*counts) });
            scene.key = Some(self.keys.len() - 1);
        }
        let Some(key) = scene.key.map(|number| &mut self.keys[number]) else { return };
        let bend = match deed {
            Deed::KeySignIn(_, _, bend, _) | Deed::As(_, Act::UseKey(_, _, bend, _)) => *bend,
            _ => Bend::OldCount,
        };
        scene.count = match bend {
            Bend::OldCount => key.counter,
            Bend::NoCount => 0,
            _ if key.counts => {
                key.counter += 1;
                key.counter
            }
            _ => 0,
        };
    }

    /// Whether passkeys are a second factor here (rules T20, D1).
    fn has_key_mfa(&self) -> bool {
        self.mfa_is_on() && self.allows(MethodKind::Passkey)
    }

    fn admit_keys(&self) -> Result<(), Refusal> {
        match self.has_key_mfa() || self.policy.passkey.sign_in {
            true => Ok(()),
            false => Err(PasskeyRefusal::Disabled.into()),
        }
    }

    /// The oldest open challenge gives way at the bound.
    fn challenge(&mut self, purpose: Purpose) {
        self.challenges.push(Challenge { purpose, at: self.now, open: true });
        let max = usize::try_from(self.policy.limits.passkey_challenges_max).unwrap();
        while self.challenges.iter().filter(|it| it.open).count() > max {
            let oldest = self.challenges.iter_mut().find(|it| it.open);
            oldest.unwrap().open = false;
        }
    }

    /// Judges a challenge. It stays open until the ceremony succeeds, unless the settings say no.
    fn take_challenge(&mut self, number: Option<usize>, wanted: Purpose) -> Result<(), Flaw> {
        let (life, now) = (self.challenge_life(), self.now);
        let open = number.map(|number| &mut self.challenges[number]).filter(|it| it.open);
        let challenge = open.ok_or(Flaw::UnknownChallenge)?;
        match (challenge.purpose, wanted) {
            (issued, wanted) if issued == wanted => {}
            (Purpose::Making(_), Purpose::Making(_)) | (Purpose::Using(_), Purpose::Using(_)) => {
                return Err(Flaw::ForeignChallenge);
            }
            _ => return Err(Flaw::MisusedChallenge),
        }
        if now - challenge.at >= life {
            return Err(Flaw::ExpiredChallenge);
        }
        challenge.open = self.policy.passkey.challenge_survives_refusal;
        Ok(())
    }

    fn close_challenge(&mut self, scene: &Scene) {
        self.challenges[scene.challenge.unwrap()].open = false;
    }

    pub(crate) fn begin_key(&mut self, session: usize) -> Verdict {
        self.admit_keys()?;
        self.refuse_enrolment_past_a_factor(session)?;
        self.challenge(Purpose::Making(session));
        let user = self.session(session).user;
        Ok(Seen::Options(Some(self.user(user).passkeys.len())))
    }

    pub(crate) fn begin_use(&mut self, session: usize) -> Verdict {
        self.challenge(Purpose::Using(session));
        let user = self.session(session).user;
        Ok(Seen::Options(Some(self.user(user).passkeys.len())))
    }

    pub(crate) fn begin_key_sign_in(&mut self) -> Verdict {
        if !self.policy.passkey.sign_in {
            return Err(PasskeyRefusal::SignInDisabled.into());
        }
        self.challenge(Purpose::SignIn);
        Ok(Seen::Options(None))
    }

    /// Registers a passkey (WebAuthn section 7.1), which passes the second factor as well.
    pub(crate) fn make_key(
        &mut self,
        session: usize,
        slip: Slip,
        token: Option<bool>,
        proof: &Proof,
        scene: &mut Scene,
    ) -> Verdict {
        self.admit_keys()?;
        self.refuse_enrolment_past_a_factor(session)?;
        let key = scene.key.unwrap();
        self.judge_making(session, slip, scene)
            .map_err(|flaw| Refusal::Passkey(PasskeyRefusal::Registration(flaw)))?;
        let max = self.policy.passkey.max_per_user;
        if self.user(scene.user).passkeys.len() >= usize::from(max) {
            return Err(PasskeyRefusal::TooMany { max }.into());
        }
        self.admit_one_more_credential(scene.user)?;
        if !self.is_exempt(session) {
            self.pass_gate(session, TokenScope::CredentialLink, proof, scene)?;
        }
        self.close_challenge(scene);
        if self.mfa_is_on() && self.allows(MethodKind::Passkey) {
            self.drop_premature_codes(scene.user);
        }
        let number = self.number_credential();
        let signs_in = self.policy.passkey.sign_in;
        let count = scene.count;
        let user = self.user_mut(scene.user);
        user.passkeys.push(Passkey { credential: number, key, count, name: None });
        user.credentials.push(Credential { number, identity: Identity::Key(key), signs_in });
        self.settle(scene);
        self.session_mut(session).last_used = number;
        self.pass_factor(session, &Wish(token, Vec::new(), false), Factor::Passkey)
    }

    fn judge_making(&mut self, session: usize, slip: Slip, scene: &Scene) -> Result<(), Flaw> {
        if slip == Slip::Kind {
            return Err(Flaw::Type);
        }
        let challenge = scene.challenge.filter(|_| slip != Slip::Challenge);
        self.take_challenge(challenge, Purpose::Making(session))?;
        match slip {
            Slip::OtherId => return Err(Flaw::RegistrationId),
            Slip::Origin => return Err(Flaw::Origin { origin: FOREIGN_ORIGIN.to_owned() }),
            Slip::RpId => return Err(Flaw::RpId { rp_id: self.policy.passkey.rp_id.clone() }),
            Slip::Absent => return Err(Flaw::UserNotPresent),
            Slip::RawId => return Err(Flaw::CredentialId),
            Slip::None | Slip::RightId | Slip::Kind | Slip::Challenge => {}
        }
        match self.owner(Identity::Key(scene.key.unwrap())) {
            Some(_) => Err(Flaw::KnownCredential),
            None => Ok(()),
        }
    }

    /// Passes the second factor with a passkey (rules P3, M1, E5).
    pub(crate) fn use_key(
        &mut self,
        session: usize,
        bend: Bend,
        wish: &Wish,
        scene: &Scene,
    ) -> Verdict {
        if !self.allows(MethodKind::Passkey) {
            return Err(PasskeyRefusal::Disabled.into());
        }
        self.admit_wish(wish)?;
        let wanted = Purpose::Using(session);
        let (_, credential) = self
            .judge_use(wanted, bend, scene)
            .map_err(|flaw| Refusal::Passkey(PasskeyRefusal::Authentication(flaw)))?;
        self.session_mut(session).last_used = credential;
        self.pass_factor(session, wish, Factor::Passkey)
    }

    /// Opens a session with a passkey (rules P1, P2).
    pub(crate) fn key_sign_in(&mut self, bend: Bend, nonce: Nonce, scene: &Scene) -> Verdict {
        if !self.policy.passkey.sign_in {
            return Err(PasskeyRefusal::SignInDisabled.into());
        }
        self.spend_nonce(nonce, scene)?;
        self.judge_use(Purpose::SignIn, bend, scene)
            .map_err(|flaw| Refusal::Passkey(PasskeyRefusal::SignIn(flaw)))?;
        let seen = self.open_session(Identity::Key(scene.key.unwrap()), false)?;
        if !self.policy.passkey.sign_in_passes_mfa {
            return Ok(seen);
        }
        let session = self.sessions.len() - 1;
        self.session_mut(session).passed_mfa = true;
        self.bearers.pop();
        self.hand_out_pass(session)
    }

    /// Judges an assertion (WebAuthn section 7.2); yields its user and credential.
    fn judge_use(
        &mut self,
        wanted: Purpose,
        bend: Bend,
        scene: &Scene,
    ) -> Result<(usize, usize), Flaw> {
        let owner = scene.key.and_then(|key| self.owner(Identity::Key(key)));
        let owner = owner.ok_or(Flaw::UnknownCredential)?;
        let is_sign_in = wanted == Purpose::SignIn;
        if !is_sign_in && owner != scene.user {
            return Err(Flaw::ForeignCredential);
        }
        match bend {
            Bend::OtherHandle => return Err(Flaw::UserHandle),
            Bend::NoHandle if is_sign_in => return Err(Flaw::NoUserHandle),
            Bend::Kind => return Err(Flaw::Type),
            _ => {}
        }
        let challenge = scene.challenge.filter(|_| bend != Bend::Challenge);
        self.take_challenge(challenge, wanted)?;
        let counts_matter = self.policy.passkey.counter == CounterRule::Refuse;
        let rp_id = self.policy.passkey.rp_id.clone();
        let user = self.user_mut(owner);
        let passkey = user.passkeys.iter_mut().find(|it| Some(it.key) == scene.key).unwrap();
        let mut credentials = user.credentials.iter();
        let signs_in = credentials.any(|it| it.number == passkey.credential && it.signs_in);
        if is_sign_in && !signs_in {
            return Err(Flaw::CredentialNotForSignIn);
        }
        match bend {
            Bend::Origin => return Err(Flaw::Origin { origin: FOREIGN_ORIGIN.to_owned() }),
            Bend::RpId => return Err(Flaw::RpId { rp_id }),
            Bend::Absent => return Err(Flaw::UserNotPresent),
            Bend::Backup => return Err(Flaw::BackupEligibility),
            Bend::Signature => return Err(Flaw::Signature),
            _ => {}
        }
        let (known, received) = (passkey.count, scene.count);
        let has_grown = received > known || (received, known) == (0, 0);
        if counts_matter && !has_grown {
            return Err(Flaw::Counter { known, received });
        }
        passkey.count = known.max(received);
        let credential = passkey.credential;
        self.close_challenge(scene);
        Ok((owner, credential))
    }

    pub(crate) fn rename_key(
        &mut self,
        session: usize,
        name: Option<u8>,
        proof: &Proof,
        scene: &mut Scene,
    ) -> Verdict {
        let is_it = |it: &Passkey| scene.credential == Some(it.credential);
        let at = self.user(scene.user).passkeys.iter().position(is_it);
        let at = at.ok_or(PasskeyRefusal::NoneToRename)?;
        self.pass_gate(session, TokenScope::CredentialUpdate, proof, scene)?;
        let passkey = &mut self.user_mut(scene.user).passkeys[at];
        passkey.name = name.or(passkey.name);
        let renamed = passkey.name;
        self.settle(scene);
        Ok(Seen::Passkey(renamed))
    }

    /// Deletes a passkey (rules P9, E14, U9, U11). A mistake comes before the proof.
    pub(crate) fn delete_key(
        &mut self,
        session: usize,
        proof: &Proof,
        scene: &mut Scene,
    ) -> Verdict {
        let user = self.user(scene.user);
        let mut passkeys = user.passkeys.iter();
        let passkey = passkeys.find(|it| scene.credential == Some(it.credential));
        let credential = passkey.ok_or(PasskeyRefusal::NoneToDelete)?.credential;
        if !user.can_do_without(credential) {
            return Err(PasskeyRefusal::LastCredential.into());
        }
        let is_last = !user.has_device() && user.passkeys.len() == 1;
        let is_required = self.policy.mfa.enrollment == Enrollment::Signup;
        let may_go = self.policy.devices.delete_last_while_required;
        if self.has_key_mfa() && is_last && is_required && !may_go {
            return Err(PasskeyRefusal::LastMethod.into());
        }
        match self.has_key_mfa() {
            true => self.prove_deletion(session, proof, scene)?,
            false => self.pass_gate(session, TokenScope::CredentialUnlink, proof, scene)?,
        }
        self.user_mut(scene.user).passkeys.retain(|it| it.credential != credential);
        self.detach(scene.user, credential, Some(session));
        self.settle(scene);
        Ok(Seen::Done)
    }
}
