//! Recovery codes.

use driver_protocol::SdkError;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::transport::Call;
use super::{Client, Proof, error};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Codes {
    count: u64,
    recovery_codes: Vec<String>,
}

impl Client {
    pub(crate) fn recovery_codes(&mut self) -> Result<Value, SdkError> {
        self.codes(Call::get(PATH))
    }

    pub(crate) fn rotate_recovery_codes(&mut self) -> Result<Value, SdkError> {
        self.codes(Call::post(PATH))
    }

    pub(crate) fn authenticate_recovery(
        &mut self,
        proof: Proof,
    ) -> Result<Option<String>, SdkError> {
        self.authenticate("users/mfa/auth/recovery", proof)
    }

    /// Tells the service that the user kept the codes.
    pub(crate) fn acknowledge_recovery_codes(&mut self) -> Result<(), SdkError> {
        let mut fields = Map::new();
        fields.insert("mfaBackupCodeAcknowledgement".into(), json!("complete"));
        self.update_user(fields)
    }

    /// Is that acknowledgement owed? Sends nothing.
    pub(crate) fn recovery_ack_pending(&self) -> Result<bool, SdkError> {
        match self.storage.session.user {
            Some(_) => Ok(self.storage.session.owes_recovery_ack()),
            None => Err(error::missing("nobody is signed in")),
        }
    }

    fn codes(&mut self, call: Call) -> Result<Value, SdkError> {
        let codes: Codes = error::shaped(self.json(call)?)?;
        Ok(json!({ "count": codes.count, "codes": codes.recovery_codes }))
    }
}

const PATH: &str = "users/mfa/recovery";
