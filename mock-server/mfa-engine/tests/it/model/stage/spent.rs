//! The ledger of what works once.

use mfa_engine::passkey::PasskeyCommand;
use mfa_engine::policy::Replay;
use mfa_engine::{Command, PresentedDevice, Request, SmsCommand, SmsRequest};

use super::super::reference::{Scene, Tested, World};
use super::super::step::{Act, Deed};
use super::Stage;

impl Stage {
    /// What a granted call used up.
    pub(super) fn one_time_things(
        &self,
        deed: &Deed,
        command: &Command,
        scene: &Scene,
        model: &World,
    ) -> Vec<String> {
        let mut things = Vec::new();
        match deed {
            Deed::SignIn(..) | Deed::As(_, Act::Verify(..) | Act::MailFactor(..)) => {
                things.push(format!("letter {}", self.letters[scene.letter].id));
            }
            Deed::KeySignIn(..) | Deed::As(_, Act::MakeKey(..) | Act::UseKey(..)) => {
                let challenge = &self.challenges[scene.challenge.unwrap()];
                things.push(format!("challenge {}", challenge.text));
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
        let proof = device_of(command).and_then(|device| device.proof.as_ref());
        things.extend(proof.map(|proof| format!("nonce {}", proof.nonce)));
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

/// How the device shows itself, in the calls in which it does.
fn device_of(command: &Command) -> Option<&PresentedDevice> {
    match command {
        Command::SignInWithEmail { device, .. }
        | Command::Sms(SmsCommand::SignIn { device, .. })
        | Command::Passkey(PasskeyCommand::SignIn { device, .. })
        | Command::As(
            _,
            Request::VerifyEmail { device, .. }
            | Request::Sms(SmsRequest::Verify { device, .. })
            | Request::Refresh { device },
        ) => Some(device),
        _ => None,
    }
}
