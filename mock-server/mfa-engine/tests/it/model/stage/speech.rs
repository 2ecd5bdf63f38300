//! From a step to a command: what people type, and what they present.

use mfa_engine::policy::Replay;
use mfa_engine::totp::{Code, TotpSecret, step_at};
use mfa_engine::{
    Client, Command, DeviceId, DeviceProof, MfaTokenRequest, PresentedDevice, PresentedElevation,
    ProfileUpdate, Request, TokenScope, Wishes,
};

use super::super::reference::{NO_SCOPE, Scene, Tested, World};
use super::super::step::{
    ADDRESSES, Act, Deed, Digits, Elevation, Mfa, Nonce, Proof, Typed, Wish, Word,
};
use super::{Stage, timestamp};

/// Two codes that should differ are equal, once in a million times.
pub(crate) struct Coincidence;

const NOBODYS_DEVICE: &str = "ffffffff-ffff-4fff-8fff-ffffffffffff";
const ELSEWHERE: &str = "11111111-1111-4111-8111-111111111111";

impl Stage {
    /// The command of a step; none if the step asks the service nothing.
    pub(crate) fn command(
        &self,
        deed: &Deed,
        scene: &Scene,
        now: i64,
    ) -> Option<Result<Command, Coincidence>> {
        let letter = || &self.letters[scene.letter];
        Some(Ok(match deed {
            Deed::Mail(address) => {
                Command::StartEmailVerification { email: ADDRESSES[*address].to_uppercase() }
            }
            Deed::Renew(_, address) => Command::RetryEmailVerification {
                verification: letter().id,
                email: ADDRESSES[*address].to_owned(),
            },
            Deed::SignIn(_, typed, nonce, link) => match mailed(&letter().codes, *typed) {
                Ok(code) => Command::SignInWithEmail {
                    verification: letter().id,
                    code,
                    client: Client::default(),
                    device: self.device_with(*nonce, scene),
                    allow_new_mfa_linking: *link,
                },
                Err(coincidence) => return Some(Err(coincidence)),
            },
            Deed::Nonces(count) => Command::IssueNonces { count: *count },
            Deed::As(_, act) => match self.request(act, scene, now) {
                Ok(request) => Command::As(self.callers[scene.bearer].clone(), request),
                Err(coincidence) => return Some(Err(coincidence)),
            },
            _ => return None,
        }))
    }

    fn request(&self, act: &Act, scene: &Scene, now: i64) -> Result<Request, Coincidence> {
        let device = self.device(scene);
        Ok(match act {
            Act::ReadUser => Request::ReadUser,
            Act::Devices => Request::ListDevices,
            Act::Methods(verified_only) => Request::ListMethods { verified_only: *verified_only },
            Act::ReadDevice(_) => Request::ReadDevice(device),
            Act::Default(_) => Request::UpdateDevice { device, default: true },
            Act::Refresh(nonce) => Request::Refresh { device: self.device_with(*nonce, scene) },
            Act::Revoke => Request::Revoke,
            Act::Acknowledge => update(None, true),
            Act::AddEmail(address) => update(Some(ADDRESSES[*address].to_owned()), false),
            Act::Verify(_, typed, nonce, scopes, proof) => Request::VerifyEmail {
                verification: self.letters[scene.letter].id,
                code: mailed(&self.letters[scene.letter].codes, *typed)?,
                device: self.device_with(*nonce, scene),
                scopes: words(scopes),
                proof: self.proof(proof, scene),
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
            Act::Check(scope) => Request::CheckStepUp { scope: *scope },
            Act::DeleteUser => Request::DeleteUser { proof: mfa_engine::Proof::default() },
        })
    }

    fn device(&self, scene: &Scene) -> DeviceId {
        match scene.device {
            Some(number) => self.devices[number].0,
            None => NOBODYS_DEVICE.parse().unwrap(),
        }
    }

    fn nonce(&self, nonce: Nonce, scene: &Scene) -> Option<String> {
        match (nonce, scene.nonce) {
            (Nonce::MadeUp, _) => Some("00000000000000000123456789abcdef".to_owned()),
            (_, number) => number.map(|number| self.nonces[number].clone()),
        }
    }

    /// The only device of this world, with a signature over that nonce.
    fn device_with(&self, nonce: Nonce, scene: &Scene) -> PresentedDevice {
        let proof = |nonce| DeviceProof { nonce, public_key: format!("02{:064}", 0) };
        PresentedDevice { proof: self.nonce(nonce, scene).map(proof), cookie: None }
    }

    fn proof(&self, Proof(mfa, elevation): &Proof, scene: &Scene) -> mfa_engine::Proof {
        let token = scene.elevation.map(|number| self.elevations[number].clone());
        let elevation = match (elevation, token) {
            (Elevation::Forged, _) => Some(PresentedElevation::Forged),
            (Elevation::Foreign(_), Some(mut token)) => {
                token.environment = ELSEWHERE.parse().unwrap();
                Some(PresentedElevation::Genuine(token))
            }
            (_, token) => token.map(PresentedElevation::Genuine),
        };
        let mfa_token = match (mfa, scene.mfa_token) {
            (Mfa::MadeUp, _) => Some("made up".to_owned()),
            (_, number) => number.map(|number| self.mfa_tokens[number].clone()),
        };
        mfa_engine::Proof { mfa_token, elevation }
    }

    /// The typed TOTP code, made sure to match just the step that the model has in mind.
    fn digits(&self, digits: Digits, scene: &Scene, now: i64) -> Result<Code, Coincidence> {
        if digits == Digits::Junk {
            return Ok("12345".into());
        }
        let settings = &self.world.policy().totp;
        let shown = |secret: &TotpSecret, step: u64| {
            secret.code_at(settings, timestamp(i64::try_from(step).unwrap() * 30_000))
        };
        let user = self.world.find_user(&self.users[scene.user].to_string());
        let mine = user.and_then(|user| user.totp.as_ref());
        let current = step_at(timestamp(now));
        let reach = u64::from(settings.window_steps);
        let window = current.saturating_sub(reach)..=current + reach;
        let codes: Vec<(u64, String)> = match mine {
            Some(device) => window.map(|step| (step, shown(device.secret(), step))).collect(),
            None => Vec::new(),
        };
        let Some((number, step)) = scene.code else {
            let is_wrong = |text: &String| codes.iter().all(|(_, code)| code != text);
            let wrong = (0..100).map(|code| format!("{code:06}")).find(is_wrong).unwrap();
            return Ok(wrong.as_str().into());
        };
        let (id, secret) = &self.devices[number];
        let text = shown(secret, step);
        let is_mine = mine.is_some_and(|device| device.id() == *id);
        let as_intended = |(of, code): &(u64, String)| (*code == text) == (is_mine && *of == step);
        match codes.iter().all(as_intended) {
            true => Ok(text.as_str().into()),
            false => Err(Coincidence),
        }
    }

    fn word(&self, word: Word, scene: &Scene) -> String {
        let Some((set, index)) = scene.word else { return "NOTACODE".to_owned() };
        let code = &self.sets[set][index];
        match word {
            Word::Sloppy(_) => format!(" {}\t", code.to_lowercase()),
            _ => code.clone(),
        }
    }

    /// What a granted call used up.
    pub(crate) fn one_time_things(
        &self,
        deed: &Deed,
        command: &Command,
        scene: &Scene,
        model: &World,
    ) -> Vec<String> {
        let mut things = Vec::new();
        match deed {
            Deed::SignIn(..) | Deed::As(_, Act::Verify(..)) => {
                things.push(format!("letter {}", self.letters[scene.letter].id));
            }
            Deed::As(_, Act::Confirm(_) | Act::Totp(..))
                if model.policy.totp.replay == Replay::Refuse =>
            {
                let (device, step) = scene.code.unwrap();
                things.push(format!("step {step} of device {}", self.devices[device].0));
            }
            Deed::As(_, Act::Recover(..)) => {
                let (set, index) = scene.word.unwrap();
                things.push(format!("recovery code {index} of set {set}"));
            }
            _ => {}
        }
        let nonce = match command {
            Command::SignInWithEmail { device, .. }
            | Command::As(_, Request::VerifyEmail { device, .. })
            | Command::As(_, Request::Refresh { device }) => {
                device.proof.as_ref().map(|proof| &proof.nonce)
            }
            _ => None,
        };
        things.extend(nonce.map(|nonce| format!("nonce {nonce}")));
        match scene.tested {
            Tested::MfaToken(number) if model.mfa_tokens[number].single_use => {
                things.push(format!("MFA token {number}"));
            }
            Tested::Elevation(number, _) if self.elevations[number].single_use => {
                things.push(format!("elevated token {}", self.elevations[number].id));
            }
            Tested::Nothing | Tested::MfaToken(_) | Tested::Elevation(..) => {}
        }
        things
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

fn update(email: Option<String>, acknowledge_recovery_codes: bool) -> Request {
    let update = Box::new(ProfileUpdate::default());
    Request::UpdateUser {
        update,
        email,
        acknowledge_recovery_codes,
        proof: mfa_engine::Proof::default(),
    }
}

/// The typed code of a letter, given every code that it had.
fn mailed(codes: &[String], typed: Typed) -> Result<String, Coincidence> {
    let current = codes.last().unwrap();
    // An address for tests has the same code in every letter; that is no coincidence.
    let is_static = *current == mfa_engine::policy::Email::default().static_code;
    let wrong = if current == "000000" { "000001" } else { "000000" };
    match (typed, codes) {
        (Typed::Right, _) => Ok(current.clone()),
        (Typed::Replaced, [.., replaced, _]) if replaced == current && !is_static => {
            Err(Coincidence)
        }
        (Typed::Replaced, [.., replaced, _]) => Ok(replaced.clone()),
        (Typed::Wrong | Typed::Replaced, _) => Ok(wrong.to_owned()),
    }
}
