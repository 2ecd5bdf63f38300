//! A device that signs what it sends, without an SDK.

use data_encoding::HEXLOWER;
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use serde_json::Value;

use crate::stage::{Halt, RawAnswer, RawRequest, Stage};

use super::raw_session::{RawSession, email_proof, prepared, text};

/// Whose devices these are.
pub(super) const OWNER: &str = "alice@example.com";

/// A browser or a phone: the key with which it signs nonces.
pub(super) struct Device(SigningKey);

impl Device {
    pub(super) fn new(number: u8) -> Result<Self, Halt> {
        let key = SigningKey::from_slice(&[number; 32]);
        key.map(Self).map_err(|error| Halt::Harness(error.to_string()))
    }

    /// Adds this device's signature over a fresh nonce.
    pub(super) fn sign(&self, stage: &Stage, request: RawRequest) -> Result<RawRequest, Halt> {
        let nonce = text(&prepared(stage.raw("GET", "nonce"))?, "/nonce")?;
        let signature: Signature = self.0.sign(nonce.as_bytes());
        let point = self.0.verifying_key().to_sec1_point(true);
        Ok(request
            .header("x-dynamic-device-signed-nonce", &HEXLOWER.encode(&signature.to_bytes()))
            .header("x-dynamic-device-publickey", &HEXLOWER.encode(point.as_bytes()))
            .header("x-dynamic-device-nonce", &nonce))
    }

    /// Signs in at this device, in a session of its own.
    pub(super) fn sign_in(&self, stage: &mut Stage) -> Result<(RawSession, Value), Halt> {
        let typed = email_proof(stage, OWNER)?;
        let request = stage.raw("POST", "emailVerifications/signin").json(typed);
        let signed_in = prepared(self.sign(stage, request)?)?;
        let session = RawSession { bearer: text(&signed_in, "/minifiedJwt")? };
        Ok((session, signed_in.value("/user/scope")))
    }

    /// Answers the mail about this device with the token in it.
    pub(super) fn register(
        &self,
        stage: &mut Stage,
        session: &mut RawSession,
    ) -> Result<RawAnswer, Halt> {
        let token = stage.mail_code(OWNER)?;
        let request = session
            .request(stage, "POST", "deviceRegistration")
            .header("x-dynamic-device-registration-token", &token);
        let answer = self.sign(stage, request)?.send()?;
        if answer.status == 200 {
            session.bearer = text(&answer, "/minifiedJwt")?;
        }
        Ok(answer)
    }
}
