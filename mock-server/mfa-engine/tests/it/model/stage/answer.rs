//! From an outcome to what can be compared, and to what people now hold in their hands.

use mfa_engine::{Caller, EmailVerification, Grant, Next, Outcome, SessionScope, StepUpCredential};

use super::super::reference::{Pass, Scopes, Seen, World};
use super::{Letter, Stage, milliseconds};

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
                self.keep_letter(&verification);
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
                assert!(passkeys.is_empty(), "the model registers no passkey");
                Seen::Methods(devices.iter().map(|device| device.verified).collect(), has_verified)
            }
            Outcome::Passkey(_) => panic!("the model asks for no passkey"),
            // The device itself is picked up from the world, see `learn`.
            Outcome::TotpRegistered { .. } => Seen::Registered,
            Outcome::SmsVerification(_) | Outcome::Elevated(_) => {
                panic!("the model asks for no texts and has no issuer")
            }
            Outcome::RecoveryCodes { count, codes } => Seen::Codes(count, codes.len()),
            Outcome::StepUp { required, credentials, default } => {
                assert_eq!(required, default.is_some());
                assert_eq!(required, !credentials.is_empty());
                Seen::StepUp(required, credentials.iter().map(kind).collect())
            }
            Outcome::TrustedDevice(_) => panic!("no step of the model asks for that"),
            // No act of the model touches a stand-in.
            Outcome::Waas(_) | Outcome::Business(..) => panic!("nobody asked for {outcome:?}"),
            Outcome::Admin(granted) => panic!("the model administers nothing: {granted:?}"),
        }
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
            expires_at: claims.expires_at,
            key: claims.key,
        });
        self.mfa_tokens.extend(mfa_token.iter().map(|token| token.reveal().to_owned()));
        if let Some(elevated) = elevated {
            assert_eq!((elevated.user, elevated.session), (claims.user, claims.session));
            self.elevations.push(elevated.clone());
        }
        if let Some(Next::VerifyEmail(verification)) = next {
            self.keep_letter(verification);
        }
        Pass {
            scopes: scopes(&claims.scopes),
            ends: milliseconds(claims.expires_at),
            mfa_token: mfa_token.is_some(),
            elevation: elevated.as_ref().map(|token| {
                (token.scopes.to_string(), token.single_use, milliseconds(token.expires_at))
            }),
            next: next.as_ref().map(|next| match next {
                Next::Done => "done",
                Next::VerifyEmail(_) => "verify-email",
            }),
        }
    }

    fn keep_letter(&mut self, verification: &EmailVerification) {
        let mail = self.world.messages(Some(&verification.email), 0).last().unwrap();
        let code = mail.code.reveal().to_owned();
        match self.letters.iter_mut().find(|letter| letter.id == verification.id) {
            Some(letter) => letter.codes.push(code),
            None => self.letters.push(Letter { id: verification.id, codes: vec![code] }),
        }
    }

    /// Picks up new devices and recovery codes where the model says that there are some.
    pub(crate) fn learn(&mut self, model: &World) {
        for (number, user) in model.users.iter().enumerate() {
            let Some(user) = user else { continue };
            let found = self.world.find_user(&self.users[number].to_string()).unwrap();
            if user.device.as_ref().is_some_and(|device| device.number == self.devices.len()) {
                let device = found.totp.as_ref().unwrap();
                self.devices.push((device.id(), device.secret().clone()));
            }
            if user.codes.as_ref().is_some_and(|codes| codes.set == self.sets.len()) {
                self.sets.push(found.recovery.as_ref().unwrap().reveal(true));
            }
        }
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

fn kind(credential: &StepUpCredential) -> &'static str {
    match credential {
        StepUpCredential::Totp { .. } => "totp",
        StepUpCredential::EmailFactor(known) | StepUpCredential::Credential(known) => {
            known.identity.format().as_str()
        }
        StepUpCredential::Passkey { .. } => "passkey",
    }
}
