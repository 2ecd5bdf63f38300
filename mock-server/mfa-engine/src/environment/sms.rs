//! Texts with a code: whether one is sent, and what the right code brings (rules S3, S4).

use jiff::Timestamp;
use rand::CryptoRng;

use super::Environment;
use super::verification::TypedCode;
use crate::credential::PhoneNumber;
use crate::id::SessionId;
use crate::outcome::Outcome;
use crate::refusal::Refusal;
use crate::sms::{SmsCommand, SmsRefusal, SmsRequest, SmsVerification};
use crate::verification::{Channel, Recipient};

impl Environment {
    pub(super) fn take_sms_command(
        &mut self,
        command: SmsCommand,
        now: Timestamp,
        rng: &mut dyn CryptoRng,
    ) -> Result<Outcome, Refusal> {
        match command {
            SmsCommand::Start { phone } => {
                self.admit_number(&phone)?;
                let recipient = Recipient::PhoneNumber(phone.clone());
                let id = self.open_verification(recipient, now, rng);
                Ok(Outcome::SmsVerification(SmsVerification { id, phone }))
            }
            SmsCommand::Retry { verification: id, phone } => {
                self.admit_number(&phone)?;
                let recipient = Recipient::PhoneNumber(phone.clone());
                self.renew_verification(id, &recipient, now, rng)?;
                Ok(Outcome::SmsVerification(SmsVerification { id, phone }))
            }
            SmsCommand::SignIn { verification, code, client, device, allow_new_mfa_linking } => {
                let typed = TypedCode { channel: Channel::Sms, verification, code, device };
                self.sign_in_with_code(&typed, client, allow_new_mfa_linking, now, rng)
            }
        }
    }

    pub(super) fn take_sms_request(
        &mut self,
        session: SessionId,
        request: SmsRequest,
        now: Timestamp,
        rng: &mut dyn CryptoRng,
    ) -> Result<Outcome, Refusal> {
        let SmsRequest::Verify { verification, code, device, scopes, proof } = request;
        let typed = TypedCode { channel: Channel::Sms, verification, code, device };
        self.verify_code(session, &typed, &scopes, &proof, now, rng)
    }

    /// Whether the environment sends texts to that number.
    ///
    /// Only sending is switched off: a code that is under way can still be typed.
    fn admit_number(&self, phone: &PhoneNumber) -> Result<(), SmsRefusal> {
        match self.policy.sms.reaches(phone) {
            _ if !self.policy.sms.enabled => Err(SmsRefusal::Disabled),
            true => Ok(()),
            false => {
                let iso_country_code = phone.iso_country_code.clone();
                Err(SmsRefusal::CountryDisabled { iso_country_code })
            }
        }
    }
}
