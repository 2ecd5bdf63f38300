//! What callers show beside the code of a message: devices, tokens, TOTP and recovery codes.

use mfa_engine::totp::{Code, TotpSecret, step_at};
use mfa_engine::{DeviceId, DeviceProof, PresentedDevice, PresentedElevation};

use super::super::device;
use super::super::reference::Scene;
use super::super::step::{Digits, Elevation, Mfa, Nonce, Proof, Word};
use super::speech::{Coincidence, NOBODYS};
use super::{Stage, timestamp};

const ELSEWHERE: &str = "11111111-1111-4111-8111-111111111111";

impl Stage {
    pub(super) fn device(&self, scene: &Scene) -> DeviceId {
        match scene.device {
            Some(number) => self.devices[number].0,
            None => NOBODYS.parse().unwrap(),
        }
    }

    fn nonce(&self, nonce: Nonce, scene: &Scene) -> Option<String> {
        match (nonce, scene.nonce) {
            (Nonce::MadeUp, _) => Some("00000000000000000123456789abcdef".to_owned()),
            (_, number) => number.map(|number| self.nonces[number].clone()),
        }
    }

    /// The only device of this world, with a signature over that nonce.
    pub(super) fn device_with(&self, nonce: Nonce, scene: &Scene) -> PresentedDevice {
        let proof = |nonce| DeviceProof { nonce, public_key: device::public_key() };
        PresentedDevice { proof: self.nonce(nonce, scene).map(proof), cookie: None }
    }

    pub(super) fn proof(&self, Proof(mfa, elevation): &Proof, scene: &Scene) -> mfa_engine::Proof {
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
    pub(super) fn digits(
        &self,
        digits: Digits,
        scene: &Scene,
        now: i64,
    ) -> Result<Code, Coincidence> {
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

    pub(super) fn word(&self, word: Word, scene: &Scene) -> String {
        let Some((set, index)) = scene.word else { return "NOTACODE".to_owned() };
        let code = &self.sets[set][index];
        match word {
            Word::Sloppy(_) => format!(" {}\t", code.to_lowercase()),
            _ => code.clone(),
        }
    }
}
