//! Calls of a signed-in user, the account itself, and opening sessions.

use mfa_engine::policy::Enrollment;
use mfa_engine::{Acknowledgement, Format, Refusal, TokenScope};

use super::super::step::{Act, Address, MAILBOXES, Nonce};
use super::{Credential, Device, Identity, Pass, Scene, Seen, Session, User, Verdict, World};

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
                let passkeys = self.passkey_methods_of(user);
                Ok(Seen::Methods(devices, passkeys, self.holds_method(session)))
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
                self.session_mut(session).ends = self.session_end();
                self.hand_out_pass(session)
            }
            Act::Revoke => {
                self.revoke(session);
                Ok(Seen::Done)
            }
            Act::Acknowledge => {
                self.user_mut(user).acknowledgement = Acknowledgement::Complete;
                self.hand_out_with(session, "done")
            }
            Act::AddEmail(address, proof) => {
                self.pass_gate(session, TokenScope::UserUpdate, proof, scene)?;
                self.add_email(session, *address, scene)
            }
            Act::Verify(_, typed, nonce, scopes, proof) => {
                self.spend_nonce(*nonce, scene)?;
                self.verify(session, *typed, scopes, proof, scene)
            }
            Act::MailFactor(_, typed, wish) => self.mail_factor(session, *typed, wish, scene),
            Act::Register(proof) => self.register(session, proof, scene),
            Act::Confirm(_) => self.confirm(session, scene),
            Act::Totp(_, which, wish) => self.totp(session, *which, wish, scene),
            Act::Delete(_, proof) => self.delete(session, proof, scene),
            Act::ReadCodes => self.read_codes(session, user),
            Act::RotateCodes => self.rotate_codes(session, user),
            Act::Recover(_, wish) => self.recover(session, wish, scene),
            Act::Unlink(_, proof) => self.unlink(session, proof, scene),
            Act::BeginKey => self.begin_key(session),
            Act::MakeKey(_, _, slip, token, proof) => {
                self.make_key(session, *slip, *token, proof, scene)
            }
            Act::BeginUse => self.begin_use(session),
            Act::UseKey(_, _, bend, wish) => self.use_key(session, *bend, wish, scene),
            Act::Keys => {
                Ok(Seen::Passkeys(self.user(user).passkeys.iter().map(|it| it.count).collect()))
            }
            Act::RenameKey(_, name, proof) => self.rename_key(session, *name, proof, scene),
            Act::DeleteKey(_, proof) => self.delete_key(session, proof, scene),
            Act::Check(scope) => self.check(session, *scope),
            Act::DeleteUser(proof) => {
                self.pass_gate(session, TokenScope::UserDelete, proof, scene)?;
                self.dismiss(user)?;
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

    /// Opens a session of whoever has proven an identity, and makes a user of a new one.
    pub(crate) fn open_session(&mut self, identity: Identity, link: bool) -> Verdict {
        let user = match self.owner(identity) {
            Some(user) => user,
            None => self.make_user(identity)?,
        };
        for session in &mut self.sessions {
            if session.as_ref().is_some_and(|it| it.user == user && self.now >= it.ends) {
                *session = None;
            }
        }
        let used = self.user(user).credentials.iter().find(|known| known.identity == identity);
        let credential = used.unwrap().number;
        self.sessions.push(Some(Session {
            user,
            ends: self.session_end(),
            passed_mfa: false,
            opened_by: credential,
            last_used: credential,
        }));
        let session = self.sessions.len() - 1;
        let mut pass = self.pass(session);
        // The model of the API: only where MFA is optional, and for a user without a method.
        let scope = TokenScope::CredentialLink;
        let may_link = self.policy.mfa.enrollment == Enrollment::None
            && self.policy.elevation.grantable_scopes.contains(scope)
            && !self.holds_method(session);
        if link && may_link {
            self.mint(session, &[scope], &mut pass);
        }
        self.hand_out(session, pass)
    }

    fn session_end(&self) -> i64 {
        self.now + i64::from(self.policy.session.life_seconds) * 1_000
    }

    fn make_user(&mut self, identity: Identity) -> Result<usize, Refusal> {
        let max = self.policy.limits.users_max;
        if self.users.iter().flatten().count() >= usize::try_from(max).unwrap() {
            return Err(Refusal::TooManyUsers { max });
        }
        let number = self.number_credential();
        self.users.push(Some(User {
            credentials: vec![Credential { number, identity, signs_in: true }],
            passkeys: Vec::new(),
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
        if self.owner_of_address(address).is_some() {
            let format = format_of(address);
            return Err(Refusal::CredentialTaken { format });
        }
        let user = self.make_user(Identity::At(address))?;
        let number = self.devices;
        self.devices += 1;
        self.draw_codes_if_none(user, false);
        let user = self.user_mut(user);
        user.device = Some(Device { number, verified: true, last: None });
        user.acknowledgement = Acknowledgement::Complete;
        Ok(())
    }

    pub(crate) fn hand_out_pass(&mut self, session: usize) -> Verdict {
        let pass = self.pass(session);
        self.hand_out(session, pass)
    }

    pub(crate) fn hand_out_with(&mut self, session: usize, next: &'static str) -> Verdict {
        let pass = self.pass(session);
        self.hand_out(session, Pass { next: Some(next), ..pass })
    }

    fn add_email(&mut self, session: usize, address: Address, scene: &Scene) -> Verdict {
        let next = match self.owner_of_address(address) {
            Some(owner) if owner != scene.user => {
                return Err(Refusal::CredentialTaken { format: Format::Email });
            }
            Some(_) => "done",
            None => {
                self.open_letter(address);
                "verify-email"
            }
        };
        self.settle(scene);
        self.hand_out_with(session, next)
    }

    /// Ends a session that an administrator or its user revokes, which is remembered.
    pub(crate) fn revoke(&mut self, session: usize) {
        if self.sessions[session].take().is_some() {
            self.revoked.push(session);
        }
    }
}

/// The kind of an address by the engine's name.
pub(crate) const fn format_of(address: Address) -> Format {
    if address < MAILBOXES { Format::Email } else { Format::PhoneNumber }
}
