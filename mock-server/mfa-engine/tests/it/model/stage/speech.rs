//! From a step to a command: what people type, and what they present.

use mfa_engine::passkey::{Assertion, Octets, PasskeyCommand, PasskeyRequest, user_handle};
use mfa_engine::{
    AdminRequest, Administrator, Channel, Client, Command, CredentialId, KeyNumber, LinkingRequest,
    MfaTokenRequest, ProfileUpdate, Request, SmsCommand, SmsRequest, TokenScope, Wishes,
};

use super::super::authenticator::Authenticator;
use super::super::reference::{Identity, NO_SCOPE, Scene, World};
use super::super::step::{
    ADDRESSES, Act, Address, Bend, Deed, Nonce, Order, Proof, Slip, Typed, Wish, channel,
};
use super::{Stage, phone};

/// Two codes that should differ are equal, once in a million times.
pub(crate) struct Coincidence;

pub(super) const NOBODYS: &str = "ffffffff-ffff-4fff-8fff-ffffffffffff";

impl Stage {
    /// The command of a step; none if the step asks the service nothing.
    pub(crate) fn command(
        &self,
        deed: &Deed,
        scene: &Scene,
        model: &World,
    ) -> Option<Result<Command, Coincidence>> {
        Some(Ok(match deed {
            Deed::Mail(address) => start(*address),
            Deed::Renew(_, address) => self.retry(*address, scene),
            Deed::SignIn(_, typed, nonce, link) => {
                match self.sign_in(*typed, *nonce, *link, scene, model) {
                    Ok(command) => command,
                    Err(coincidence) => return Some(Err(coincidence)),
                }
            }
            Deed::Nonces(count) => Command::IssueNonces { count: *count },
            Deed::BeginKeySignIn => Command::Passkey(PasskeyCommand::BeginSignIn { rp_id: None }),
            Deed::KeySignIn(_, _, bend, nonce) => Command::Passkey(PasskeyCommand::SignIn {
                assertion: Box::new(self.assertion(*bend, scene, model)),
                client: Client::default(),
                device: self.device_with(*nonce, scene),
            }),
            Deed::As(_, act) => match self.request(act, scene, model) {
                Ok(request) => Command::As(self.callers[scene.bearer].clone(), request),
                Err(coincidence) => return Some(Err(coincidence)),
            },
            Deed::Office(order) => {
                Command::Admin(Administrator::Tester, self.order(order, scene, model))
            }
            Deed::Wait(_)
            | Deed::ToEdge(_)
            | Deed::ToEnd(..)
            | Deed::Until(_)
            | Deed::Rules(_)
            | Deed::Seed(_)
            | Deed::Remove(_)
            | Deed::RevokeAll(_) => return None,
        }))
    }

    fn retry(&self, address: Address, scene: &Scene) -> Command {
        let verification = self.letters[scene.letter].id;
        match channel(address) {
            Channel::Email => {
                let email = ADDRESSES[address].to_owned();
                Command::RetryEmailVerification { verification, email }
            }
            Channel::Sms => Command::Sms(SmsCommand::Retry { verification, phone: phone(address) }),
        }
    }

    fn sign_in(
        &self,
        typed: Typed,
        nonce: Nonce,
        allow_new_mfa_linking: bool,
        scene: &Scene,
        model: &World,
    ) -> Result<Command, Coincidence> {
        let letter = &self.letters[scene.letter];
        let (verification, client) = (letter.id, Client::default());
        let code = sent(&letter.codes, typed)?;
        let device = self.device_with(nonce, scene);
        Ok(match is_text(typed, scene, model) {
            false => Command::SignInWithEmail {
                verification,
                code,
                client,
                device,
                allow_new_mfa_linking,
            },
            true => Command::Sms(SmsCommand::SignIn {
                verification,
                code,
                client,
                device,
                allow_new_mfa_linking,
            }),
        })
    }

    fn order(&self, order: &Order, scene: &Scene, model: &World) -> AdminRequest {
        let user = || self.users[scene.user];
        match order {
            Order::ResetMfa(_) => AdminRequest::ResetMfa(user()),
            Order::Revoke(_) => {
                let mut bearers = model.bearers.iter();
                let bearer = bearers.position(|bearer| bearer.session == scene.session).unwrap();
                AdminRequest::RevokeSession(self.callers[bearer].session)
            }
            Order::RevokeOf(_) => AdminRequest::RevokeSessionsOf(user()),
            Order::RevokeEvery => AdminRequest::RevokeEverySession,
            Order::Dismiss(_) => AdminRequest::DeleteUser(user()),
            Order::Rotate => AdminRequest::RotateKeys,
            Order::Retire(key) => AdminRequest::RetireKey(KeyNumber::try_from(*key).unwrap()),
        }
    }

    fn request(&self, act: &Act, scene: &Scene, model: &World) -> Result<Request, Coincidence> {
        let device = self.device(scene);
        let now = model.now;
        Ok(match act {
            Act::ReadUser => Request::ReadUser,
            Act::Devices => Request::ListDevices,
            Act::Methods(verified_only) => Request::ListMethods { verified_only: *verified_only },
            Act::ReadDevice(_) => Request::ReadDevice(device),
            Act::Default(_) => Request::UpdateDevice { device, default: true },
            Act::Refresh(nonce) => Request::Refresh { device: self.device_with(*nonce, scene) },
            Act::Revoke => Request::Revoke,
            Act::Acknowledge => update(None, true, mfa_engine::Proof::default()),
            Act::AddEmail(address, proof) => {
                update(Some(ADDRESSES[*address].to_owned()), false, self.proof(proof, scene))
            }
            Act::Verify(_, typed, nonce, scopes, proof) => {
                self.verify((*typed, *nonce), scopes, proof, scene, model)?
            }
            Act::MailFactor(_, typed, wish) => Request::AuthenticateEmail {
                verification: self.letters[scene.letter].id,
                code: sent(&self.letters[scene.letter].codes, *typed)?,
                wishes: wishes(wish),
            },
            Act::Register(proof) => Request::RegisterTotp { proof: self.proof(proof, scene) },
            Act::Confirm(digits) => {
                Request::ConfirmTotp { code: self.digits(*digits, scene, now)? }
            }
            Act::Totp(digits, which, wish) => Request::AuthenticateTotp {
                code: self.digits(*digits, scene, now)?,
                device: which.map(|_| device),
                wishes: wishes(wish),
            },
            Act::Delete(_, proof) => {
                Request::DeleteDevice { device, proof: self.proof(proof, scene) }
            }
            Act::ReadCodes => Request::ReadRecoveryCodes,
            Act::RotateCodes => Request::RotateRecoveryCodes,
            Act::Recover(word, wish) => Request::AuthenticateRecoveryCode {
                code: self.word(*word, scene),
                wishes: wishes(wish),
            },
            Act::Unlink(_, proof) => Request::Linking(LinkingRequest::Unlink {
                credential: Some(self.credential(scene)),
                primary: None,
                proof: self.proof(proof, scene),
            }),
            Act::BeginKey
            | Act::MakeKey(..)
            | Act::BeginUse
            | Act::UseKey(..)
            | Act::Keys
            | Act::RenameKey(..)
            | Act::DeleteKey(..) => Request::Passkey(self.about_passkeys(act, scene, model)),
            Act::Check(scope) => Request::CheckStepUp { scope: *scope },
            Act::DeleteUser(proof) => Request::DeleteUser { proof: self.proof(proof, scene) },
        })
    }

    fn verify(
        &self,
        (typed, nonce): (Typed, Nonce),
        scopes: &[TokenScope],
        proof: &Proof,
        scene: &Scene,
        model: &World,
    ) -> Result<Request, Coincidence> {
        let letter = &self.letters[scene.letter];
        let (verification, code) = (letter.id, sent(&letter.codes, typed)?);
        let (device, scopes) = (self.device_with(nonce, scene), words(scopes));
        let proof = self.proof(proof, scene);
        Ok(match is_text(typed, scene, model) {
            false => Request::VerifyEmail { verification, code, device, scopes, proof },
            true => Request::Sms(SmsRequest::Verify { verification, code, device, scopes, proof }),
        })
    }

    fn about_passkeys(&self, act: &Act, scene: &Scene, model: &World) -> PasskeyRequest {
        let id = self.credential(scene);
        match act {
            Act::BeginKey => PasskeyRequest::BeginRegistration,
            Act::BeginUse => PasskeyRequest::BeginAuthentication { rp_id: None },
            Act::MakeKey(_, _, slip, token, proof) => {
                let authenticator = Authenticator::of(scene.key.unwrap());
                let challenge = self.challenge(scene, *slip == Slip::Challenge);
                let begun = scene.challenge.and_then(|number| self.challenges[number].passkey);
                PasskeyRequest::Register {
                    id: match slip {
                        Slip::RightId => begun,
                        Slip::OtherId => Some(NOBODYS.parse().unwrap()),
                        _ => None,
                    },
                    registration: Box::new(authenticator.make(&challenge, scene.count, *slip)),
                    user_agent: None,
                    mfa_token: token.map(|single_use| MfaTokenRequest { single_use }),
                    proof: self.proof(proof, scene),
                }
            }
            Act::UseKey(_, _, bend, wish) => PasskeyRequest::Authenticate {
                assertion: Box::new(self.assertion(*bend, scene, model)),
                wishes: wishes(wish),
            },
            Act::RenameKey(_, name, proof) => PasskeyRequest::Rename {
                id,
                alias: name.map(|name| name.to_string()),
                proof: self.proof(proof, scene),
            },
            Act::DeleteKey(_, proof) => {
                PasskeyRequest::Delete { id, proof: self.proof(proof, scene) }
            }
            _ => PasskeyRequest::List,
        }
    }

    fn challenge(&self, scene: &Scene, is_made_up: bool) -> Octets {
        match scene.challenge {
            Some(number) if !is_made_up => self.challenges[number].text.clone(),
            _ => Octets::new([0xcc; 32]),
        }
    }

    fn assertion(&self, bend: Bend, scene: &Scene, model: &World) -> Assertion {
        // One that nobody has made a passkey with is as unknown as the service can see.
        let authenticator = Authenticator::of(scene.key.unwrap_or(888_888));
        let owner = scene.key.and_then(|key| model.owner(Identity::Key(key)));
        let handle = owner.map_or(Octets::new([0xee; 16]), |user| user_handle(self.users[user]));
        let challenge = self.challenge(scene, bend == Bend::Challenge);
        authenticator.sign(&challenge, scene.count, handle, bend)
    }

    fn credential(&self, scene: &Scene) -> CredentialId {
        match scene.credential {
            Some(number) => self.credentials[number],
            None => NOBODYS.parse().unwrap(),
        }
    }
}

fn words(scopes: &[TokenScope]) -> Vec<String> {
    scopes.iter().map(|scope| scope.as_str().to_owned()).collect()
}

fn wishes(Wish(token, scopes, unknown): &Wish) -> Wishes {
    let mut scopes = words(scopes);
    if *unknown {
        scopes.push(NO_SCOPE.to_owned());
    }
    Wishes { mfa_token: token.map(|single_use| MfaTokenRequest { single_use }), scopes }
}

fn update(
    email: Option<String>,
    acknowledge_recovery_codes: bool,
    proof: mfa_engine::Proof,
) -> Request {
    let update = Box::new(ProfileUpdate::default());
    Request::UpdateUser { update, email, acknowledge_recovery_codes, proof }
}

fn start(address: Address) -> Command {
    match channel(address) {
        Channel::Email => {
            Command::StartEmailVerification { email: ADDRESSES[address].to_uppercase() }
        }
        Channel::Sms => Command::Sms(SmsCommand::Start { phone: phone(address) }),
    }
}

/// Whether a code is typed in a call about texts.
fn is_text(typed: Typed, scene: &Scene, model: &World) -> bool {
    let is_sent_as_text = channel(model.letters[scene.letter].address) == Channel::Sms;
    is_sent_as_text != (typed == Typed::Misplaced)
}

/// A sent code as it is typed, given every code that it had.
fn sent(codes: &[String], typed: Typed) -> Result<String, Coincidence> {
    let current = codes.last().unwrap();
    // An address for tests has the same code in every letter; that is no coincidence.
    let is_static = *current == mfa_engine::policy::Email::default().static_code;
    let wrong = if current == "000000" { "000001" } else { "000000" };
    match (typed, codes) {
        (Typed::Right | Typed::Misplaced, _) => Ok(current.clone()),
        (Typed::Replaced, [.., replaced, _]) if replaced == current && !is_static => {
            Err(Coincidence)
        }
        (Typed::Replaced, [.., replaced, _]) => Ok(replaced.clone()),
        (Typed::Wrong | Typed::Replaced, _) => Ok(wrong.to_owned()),
    }
}
