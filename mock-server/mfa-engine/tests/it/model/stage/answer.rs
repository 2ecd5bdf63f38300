//! From an outcome to what can be compared, and to what people now hold in their hands.

use mfa_engine::passkey::{Octets, PasskeyOutcome, user_handle};
use mfa_engine::{
    AdminOutcome, Caller, CredentialId, ElevatedClaims, EmailVerification, Grant, Next, Outcome,
    SessionScope, StepUpCredential, VerificationId,
};

use super::super::reference::{Pass, Scopes, Seen, World};
use super::{Challenge, Letter, Stage, milliseconds};

impl Stage {
    /// Reads an outcome and keeps what its receiver would keep.
    pub(crate) fn read(&mut self, outcome: Outcome, caller: Option<&Caller>) -> Seen {
        match outcome {
            Outcome::Done => Seen::Done,
            Outcome::Nonces(nonces) => {
                let count = nonces.len();
                self.nonces.extend(nonces);
                Seen::Nonces(count)
            }
            Outcome::EmailVerification(verification) => {
                self.keep_mail(&verification);
                Seen::Letter
            }
            Outcome::SmsVerification(verification) => {
                self.keep_letter(verification.id, &verification.phone.e164());
                Seen::Letter
            }
            // No act of the model asks for one: social sign-in has its own tests.
            Outcome::Social(step) => panic!("nobody asked for {step:?}"),
            Outcome::Session(grant) => Seen::Session(self.read_grant(&grant, caller)),
            Outcome::User(view, environment) => {
                assert_eq!(environment, self.world.id());
                assert_eq!(Some(view.id), caller.map(|caller| caller.user));
                Seen::User(scopes(&view.scopes))
            }
            Outcome::Devices(devices) => {
                Seen::Devices(devices.iter().map(|device| device.verified).collect())
            }
            Outcome::Device(device) => {
                assert_eq!(device.verified, device.verified_at.is_some());
                assert_eq!(
                    device.verified, device.default,
                    "a verified only device is the default"
                );
                Seen::Device(device.verified)
            }
            Outcome::Methods { devices, passkeys, has_verified } => {
                let devices = devices.iter().map(|device| device.verified).collect();
                Seen::Methods(devices, passkeys.len(), has_verified)
            }
            Outcome::Passkey(about) => self.read_about_passkeys(about, caller),
            // The device itself is picked up from the world, see `learn`.
            Outcome::TotpRegistered { .. } => Seen::Registered,
            Outcome::Elevated(_) => panic!("the model has no issuer"),
            Outcome::RecoveryCodes { count, codes } => Seen::Codes(count, codes.len()),
            Outcome::StepUp { required, credentials, default } => {
                let is_default = |known: &StepUpCredential| Some(name(known)) == default;
                let offered = credentials.iter().position(is_default);
                assert_eq!(default.is_some(), offered.is_some(), "what is offered is listed");
                Seen::StepUp(required, credentials.iter().map(kind).collect(), offered)
            }
            Outcome::TrustedDevice(_) => panic!("no step of the model asks for that"),
            // No act of the model touches a stand-in.
            Outcome::Waas(_) | Outcome::Business(..) => panic!("nobody asked for {outcome:?}"),
            Outcome::Admin(AdminOutcome::Done) => Seen::Done,
            Outcome::Admin(AdminOutcome::Revoked(count)) => Seen::Revoked(count),
            Outcome::Admin(AdminOutcome::Session(record)) => {
                assert!(record.revoked_at.is_some(), "{record:?}");
                Seen::Revoked(1)
            }
            Outcome::Admin(AdminOutcome::Keys(ring)) => Seen::SignedBy(ring.signing().into()),
            Outcome::Admin(granted) => panic!("no administrator of the model asks for {granted:?}"),
        }
    }

    fn read_about_passkeys(&mut self, about: PasskeyOutcome, caller: Option<&Caller>) -> Seen {
        match about {
            PasskeyOutcome::Registration(options) => {
                let user = caller.map(|caller| user_handle(caller.user));
                assert_eq!(Some(options.user_handle), user, "somebody else's handle");
                self.keep_challenge(options.challenge, Some(options.id));
                Seen::Options(Some(options.exclude.len()))
            }
            PasskeyOutcome::Request(options) => {
                self.keep_challenge(options.challenge, None);
                Seen::Options(options.allow.map(|allowed| allowed.len()))
            }
            PasskeyOutcome::List(passkeys) => {
                Seen::Passkeys(passkeys.iter().map(|passkey| passkey.sign_count).collect())
            }
            PasskeyOutcome::One(passkey) => {
                Seen::Passkey(passkey.alias.map(|name| name.parse().unwrap()))
            }
        }
    }

    fn keep_challenge(&mut self, text: Octets, passkey: Option<CredentialId>) {
        self.challenges.push(Challenge { text, passkey });
    }

    fn read_grant(&mut self, grant: &Grant, caller: Option<&Caller>) -> Pass {
        let Grant { user, claims, mfa_token, elevated, next, device_cookie } = grant;
        assert_eq!(*device_cookie, None, "no world of the model keeps sessions in cookies");
        assert_eq!((user.id, user.session), (claims.user, claims.session));
        assert_eq!(user.scopes, claims.scopes, "user and token must tell the same scopes");
        if let Some(caller) = caller {
            assert_eq!((caller.user, caller.session), (claims.user, claims.session));
        }
        if !self.users.contains(&claims.user) {
            self.users.push(claims.user);
        }
        self.callers.push(Caller {
            user: claims.user,
            session: claims.session,
            environment: claims.environment,
            expires_at: self.told(claims.expires_at),
            key: claims.key,
        });
        self.mfa_tokens.extend(mfa_token.iter().map(|token| token.reveal().to_owned()));
        if let Some(elevated) = elevated {
            assert_eq!((elevated.user, elevated.session), (claims.user, claims.session));
            self.elevations.push(ElevatedClaims {
                issued_at: self.told(elevated.issued_at),
                expires_at: self.told(elevated.expires_at),
                ..elevated.clone()
            });
        }
        if let Some(Next::VerifyEmail(verification)) = next {
            self.keep_mail(verification);
        }
        Pass {
            scopes: scopes(&claims.scopes),
            ends: milliseconds(self.told(claims.expires_at)),
            mfa_token: mfa_token.is_some(),
            elevation: elevated.as_ref().map(|token| {
                let ends = milliseconds(self.told(token.expires_at));
                (token.scopes.to_string(), token.single_use, ends)
            }),
            next: next.as_ref().map(|next| match next {
                Next::Done => "done",
                Next::VerifyEmail(_) => "verify-email",
            }),
            signed_by: claims.key.into(),
        }
    }

    fn keep_mail(&mut self, verification: &EmailVerification) {
        self.keep_letter(verification.id, &verification.email);
    }

    fn keep_letter(&mut self, id: VerificationId, to: &str) {
        let message = self.world.messages(Some(to), 0).last().unwrap();
        let code = message.code.reveal().to_owned();
        match self.letters.iter_mut().find(|letter| letter.id == id) {
            Some(letter) => letter.codes.push(code),
            None => self.letters.push(Letter { id, codes: vec![code] }),
        }
    }

    /// Picks up new credentials, devices and recovery codes where the model says that there are some.
    pub(crate) fn learn(&mut self, model: &World) {
        for (number, user) in model.users.iter().enumerate() {
            let Some(user) = user else { continue };
            let found = self.world.find_user(&self.users[number].to_string()).unwrap();
            for (known, own) in user.credentials.iter().zip(&found.credentials) {
                if known.number == self.credentials.len() {
                    self.credentials.push(own.id);
                }
            }
            if user.device.as_ref().is_some_and(|device| device.number == self.devices.len()) {
                let device = found.totp.as_ref().unwrap();
                self.devices.push((device.id(), device.secret().clone()));
            }
            if user.codes.as_ref().is_some_and(|codes| codes.set == self.sets.len()) {
                self.sets.push(found.recovery.as_ref().unwrap().reveal(true));
            }
        }
        assert_eq!(self.credentials.len(), model.credentials);
        assert_eq!(self.devices.len(), model.devices);
        assert_eq!(self.sets.len(), model.sets);
    }
}

fn scopes(scopes: &[SessionScope]) -> Scopes {
    Scopes {
        requires_additional_auth: scopes.contains(&SessionScope::RequiresAdditionalAuth),
        basic: scopes.contains(&SessionScope::Basic),
    }
}

fn name(credential: &StepUpCredential) -> String {
    match credential {
        StepUpCredential::Totp { id, .. } => id.to_string(),
        StepUpCredential::EmailFactor(known) | StepUpCredential::Credential(known) => {
            known.id.to_string()
        }
        StepUpCredential::Passkey { id, .. } => id.to_string(),
    }
}

fn kind(credential: &StepUpCredential) -> &'static str {
    match credential {
        StepUpCredential::Totp { .. } => "totp",
        StepUpCredential::EmailFactor(known) | StepUpCredential::Credential(known) => {
            known.identity.format().as_str()
        }
        StepUpCredential::Passkey { .. } => "passkey",
    }
}
