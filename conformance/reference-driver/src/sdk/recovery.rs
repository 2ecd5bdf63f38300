//! Recovery codes.

use driver_protocol::SdkError;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::transport::Call;
use super::{Client, Proof, error};
use crate::sabotage::{Deed, HeldOut};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Codes {
    count: u64,
    recovery_codes: Vec<String>,
}

impl Client {
    pub(crate) fn recovery_codes(&mut self) -> Result<Value, SdkError> {
        if let Some(shown) = &self.memory.recovery_codes
            && self.sins(Deed::CacheRecoveryCodes)
        {
            return Ok(shown.clone());
        }
        let shown = self.codes(Call::get(PATH))?;
        self.memory.recovery_codes = Some(shown.clone());
        if self.storage.session.owes_recovery_ack() && self.sins(Deed::ListingAcknowledges) {
            self.storage.session.acknowledge();
        }
        Ok(shown)
    }

    pub(crate) fn rotate_recovery_codes(&mut self) -> Result<Value, SdkError> {
        if self.sins(Deed::RotateReadsOnly) {
            return self.codes(Call::get(PATH));
        }
        let old = match self.sins(Deed::RotateShowsOldCodes) {
            true => Some(self.codes(Call::get(PATH))?),
            false => None,
        };
        let new = self.codes(Call::post(PATH))?;
        Ok(old.unwrap_or(new))
    }

    pub(crate) fn authenticate_recovery(
        &mut self,
        mut proof: Proof,
    ) -> Result<Option<String>, SdkError> {
        let lowered = proof.code.to_lowercase();
        if lowered != proof.code && self.sins(Deed::LowerCaseRecovery) {
            proof.code = lowered;
        }
        if proof.code.chars().count() > SAMPLE_LENGTH && self.sins(Deed::CutRecoveryCode) {
            proof.code = proof.code.chars().take(SAMPLE_LENGTH).collect();
        }
        self.authenticate("users/mfa/auth/recovery", proof)
    }

    /// Tells the service that the user kept the codes.
    pub(crate) fn acknowledge_recovery_codes(&mut self) -> Result<(), SdkError> {
        if self.sins(Deed::PretendToAcknowledge) {
            return Ok(());
        }
        if self.sins(Deed::AcknowledgeLocally) {
            self.storage.session.acknowledge();
            return Ok(());
        }
        let mut fields = Map::new();
        fields.insert("mfaBackupCodeAcknowledgement".into(), json!("complete"));
        let updated = self.update_user(fields);
        if updated.is_err() && self.sins(HeldOut::AcknowledgesOptimistically) {
            self.storage.session.acknowledge();
        }
        updated
    }

    /// Is that acknowledgement owed? Sends nothing.
    pub(crate) fn recovery_ack_pending(&self) -> Result<bool, SdkError> {
        match self.storage.session.user {
            Some(_) => {
                let owes = self.storage.session.owes_recovery_ack();
                Ok(owes && !self.sins(Deed::IgnorePendingCodes))
            }
            None => Err(error::missing("nobody is signed in")),
        }
    }

    fn codes(&mut self, call: Call) -> Result<Value, SdkError> {
        let mut codes: Codes = error::shaped(self.json(call)?)?;
        if self.sins(Deed::DropLastRecoveryCode) {
            codes.recovery_codes.pop();
        }
        Ok(json!({ "count": codes.count, "codes": codes.recovery_codes }))
    }
}

/// What a careless reader of other services' samples expects of a code.
const SAMPLE_LENGTH: usize = 8;
const PATH: &str = "users/mfa/recovery";
