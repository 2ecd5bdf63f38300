//! Signing in, addresses, the account itself.

use mfa_engine::policy::{Enrollment, ReauthenticationWithMfa};
use mfa_engine::{Acknowledgement, Channel, Format, Refusal, TokenScope};

use super::super::step::{Act, Address, Nonce, Proof, Typed};
use super::{Device, Letter, Scene, Seen, Session, User, Verdict, World};

/// A nonce is good for a day.
pub(crate) const NONCE_LIFE: i64 = 86_400_000;

impl World {
    pub(crate) fn decide_as(&mut self, act: &Act, scene: &mut Scene) -> Verdict {
        let session = self.admit(scene.bearer, act)?;
        let user = scene.user;
        let mine = self.user(user).device.as_ref();
        let named = mine.filter(|device| scene.device == Some(device.number));
        match act {
            Act::ReadUser => Ok(Seen::User(self.scopes(session))),
            Act::Devices => {
                Ok(Seen::Devices(self.devices_of(user, self.policy.devices.list_unverified)))
            }
            Act::Methods(verified_only) => {
                let devices = self.devices_of(user, !verified_only);
                Ok(Seen::Methods(devices, self.has_verified(user)))
            }
            Act::ReadDevice(_) => {
                named.map(|device| Seen::Device(device.verified)).ok_or(Refusal::NoSuchDevice)
            }
            Act::Default(_) => match named.map(|device| device.verified) {
                Some(true) => Ok(Seen::Done),
                Some(false) => Err(Refusal::TotpDeviceUnverified),
                None => Err(Refusal::NoSuchDevice),
            },
            Act::Refresh(nonce) => {
                self.spend_nonce(*nonce, scene)?;
                self.refresh(session)
            }
            Act::Revoke => {
                self.sessions[session] = None;
                Ok(Seen::Done)
            }
            Act::Acknowledge => {
                self.user_mut(user).acknowledgement = Acknowledgement::Complete;
                self.hand_out_with(session, "done")
            }
            Act::AddEmail(address) => self.add_email(session, user, *address),
            Act::Verify(_, typed, nonce, scopes, proof) => {
                self.spend_nonce(*nonce, scene)?;
                self.verify(session, *typed, scopes, proof, scene)
            }
            Act::Register(proof) => self.register(session, proof, scene),
            Act::Confirm(_) => self.confirm(scene),
            Act::Totp(_, which, wish) => self.totp(session, *which, wish, scene),
            Act::Delete(_, proof) => self.delete(session, proof, scene),
            Act::ReadCodes => self.read_codes(user),
            Act::RotateCodes => self.rotate_codes(user),
            Act::Recover(_, wish) => self.recover(session, wish, scene),
            Act::Check(scope) => self.check(session, *scope),
            Act::DeleteUser => {
                self.remove(user);
                Ok(Seen::Done)
            }
        }
    }

    pub(crate) fn spend_nonce(&mut self, nonce: Nonce, scene: &Scene) -> Result<(), Refusal> {
        let good = match (nonce, scene.nonce) {
            // No nonce was issued yet that could be sent, so none is.
            (Nonce::None, _) | (Nonce::Issued(_), None) => true,
            (Nonce::MadeUp, _) => false,
            (Nonce::Issued(_), Some(number)) => {
                let nonce = &mut self.nonces[number];
                let good = nonce.open && self.now - nonce.at < NONCE_LIFE;
                nonce.open = false;
                good
            }
        };
        good.then_some(()).ok_or(Refusal::StaleNonce)
    }

    pub(crate) fn mail(&mut self, address: Address) -> Seen {
        let ends = self.letter_end();
        self.letters.push(Letter { address, ends, attempts: 0, open: true, renewed: false });
        Seen::Letter
    }

    fn letter_end(&self) -> i64 {
        self.now + i64::from(self.policy.email.code_life_seconds) * 1_000
    }

    pub(crate) fn renew(&mut self, letter: usize, address: Address) -> Verdict {
        let ends = self.letter_end();
        let letter = &mut self.letters[letter];
        if !letter.open || letter.address != address {
            return Err(Refusal::VerificationClosed { channel: Channel::Email });
        }
        *letter = Letter { ends, attempts: 0, renewed: true, ..letter.clone() };
        Ok(Seen::Letter)
    }

    /// Judges a mailed code (rules S1, S2); a right one stays good until the call succeeds.
    fn open_letter(&mut self, number: usize, typed: Typed) -> Result<Address, Refusal> {
        let right = self.is_right(number, typed);
        let letter = &mut self.letters[number];
        if !letter.open || self.now >= letter.ends {
            return Err(Refusal::VerificationClosed { channel: Channel::Email });
        }
        if letter.attempts >= self.policy.email.attempts_max {
            return Err(Refusal::TooManySentCodes { channel: Channel::Email });
        }
        if !right {
            letter.attempts += 1;
            return Err(Refusal::WrongSentCode { channel: Channel::Email });
        }
        Ok(letter.address)
    }

    pub(crate) fn sign_in(&mut self, letter: usize, typed: Typed, link: bool) -> Verdict {
        let address = self.open_letter(letter, typed)?;
        let user = match self.owner(address) {
            Some(user) => user,
            None => self.make_user(address)?,
        };
        self.letters[letter].open = false;
        let ends = self.session_end();
        self.sessions.push(Some(Session { user, ends, passed_mfa: false }));
        let session = self.sessions.len() - 1;
        let mut pass = self.pass(session);
        // The model of the API: only where MFA is optional, and for a user without a method.
        if link && self.policy.mfa.enrollment == Enrollment::None && !self.has_verified(user) {
            self.mint(session, &[TokenScope::CredentialLink], &mut pass);
        }
        self.hand_out(session, pass)
    }

    fn session_end(&self) -> i64 {
        self.now + i64::from(self.policy.session.life_seconds) * 1_000
    }

    fn make_user(&mut self, address: Address) -> Result<usize, Refusal> {
        let max = self.policy.limits.users_max;
        if self.users.iter().flatten().count() >= usize::try_from(max).unwrap() {
            return Err(Refusal::TooManyUsers { max });
        }
        self.users.push(Some(User {
            addresses: vec![address],
            device: None,
            former_device: None,
            codes: None,
            former_set: None,
            acknowledgement: Acknowledgement::NotAsked,
            failures: Vec::new(),
        }));
        Ok(self.users.len() - 1)
    }

    /// A user who is enrolled already, with recovery codes acknowledged.
    pub(crate) fn seed(&mut self, address: Address) -> Result<(), Refusal> {
        if self.owner(address).is_some() {
            return Err(Refusal::CredentialTaken { format: Format::Email });
        }
        let user = self.make_user(address)?;
        let number = self.devices;
        self.devices += 1;
        self.draw_codes_if_none(user);
        let user = self.user_mut(user);
        user.device = Some(Device { number, verified: true, last: None });
        user.acknowledgement = Acknowledgement::Complete;
        Ok(())
    }

    fn refresh(&mut self, session: usize) -> Verdict {
        let ends = self.session_end();
        self.sessions[session].as_mut().unwrap().ends = ends;
        let pass = self.pass(session);
        self.hand_out(session, pass)
    }

    fn hand_out_with(&mut self, session: usize, next: &'static str) -> Verdict {
        let pass = self.pass(session);
        self.hand_out(session, super::Pass { next: Some(next), ..pass })
    }

    fn add_email(&mut self, session: usize, user: usize, address: Address) -> Verdict {
        match self.owner(address) {
            Some(owner) if owner != user => Err(Refusal::CredentialTaken { format: Format::Email }),
            Some(_) => self.hand_out_with(session, "done"),
            None => {
                self.mail(address);
                self.hand_out_with(session, "verify-email")
            }
        }
    }

    /// Proves an address again, or links a new one (rules E1, E2, E26, U21).
    fn verify(
        &mut self,
        session: usize,
        typed: Typed,
        scopes: &[TokenScope],
        proof: &Proof,
        scene: &mut Scene,
    ) -> Verdict {
        let mode = self.policy.elevation.reauthentication_with_mfa;
        let has_mfa = self.policy.mfa.is_on() && self.has_verified(scene.user);
        if !scopes.is_empty() && has_mfa && mode == ReauthenticationWithMfa::Refuse {
            return Err(Refusal::ReauthenticationNotEnough);
        }
        let address = self.open_letter(scene.letter, typed)?;
        let known = match self.owner(address) {
            Some(owner) if owner != scene.user => {
                return Err(Refusal::CredentialTaken { format: Format::Email });
            }
            Some(_) => true,
            None => {
                let scope = TokenScope::CredentialLink;
                if self.asks_for(scope) {
                    let number = self.judge(session, scope, proof, scene)?;
                    self.accept(number, scope, scene);
                }
                self.user_mut(scene.user).addresses.push(address);
                self.settle(scene);
                false
            }
        };
        self.letters[scene.letter].open = false;
        let mut pass = super::Pass { next: Some("done"), ..self.pass(session) };
        let may_elevate = !has_mfa || mode == ReauthenticationWithMfa::Grant;
        if !scopes.is_empty() && known && may_elevate {
            self.mint(session, scopes, &mut pass);
        }
        self.hand_out(session, pass)
    }
}
