//! Authenticating with a credential: the checks of WebAuthn Level 3, section 7.2, in its order.
//!
//! Absent on purpose: step 5, the finding of step 6, and step 11 beyond the text of the
//! challenge. Whose credential it is and which challenges are open is the environment's knowledge.

use serde::{Deserialize, Serialize};

use super::Passkey;
use super::authenticator_data::AuthenticatorData;
use super::ceremony;
use super::client_data::ClientData;
use super::octets::Octets;
use super::refusal::Flaw;
use crate::policy::{self, CounterRule};

/// What a client posts after `navigator.credentials.get()`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assertion {
    /// `rawId`, which `id` repeats.
    pub credential_id: Octets,
    /// `response.clientDataJSON`
    pub client_data: Octets,
    /// `response.authenticatorData`
    pub authenticator_data: Octets,
    /// `response.signature`
    pub signature: Octets,
    /// `response.userHandle`
    pub user_handle: Option<Octets>,
}

/// What a good assertion tells of its credential (step 23).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Used {
    /// The signature counter to keep.
    pub sign_count: u32,
    /// Whether it is backed up now.
    pub backed_up: bool,
}

impl Assertion {
    /// Reads the client data (steps 8 to 10).
    ///
    /// # Errors
    /// They are malformed, or those of another ceremony.
    pub fn open(&self) -> Result<ClientData, Flaw> {
        ceremony::open(self.client_data.as_slice(), "webauthn.get")
    }

    /// Checks that the user handle is that of the passkey's user (step 6).
    ///
    /// # Errors
    /// It is another one, or is missing where only it names the user.
    pub fn check_user(&self, expected: &[u8], must_be_there: bool) -> Result<(), Flaw> {
        match &self.user_handle {
            Some(handle) if handle.as_slice() == expected => Ok(()),
            Some(_) => Err(Flaw::UserHandle),
            None if must_be_there => Err(Flaw::NoUserHandle),
            None => Ok(()),
        }
    }

    /// Verifies everything else (steps 7 and 12 to 22) against the passkey, for a relying party id.
    ///
    /// # Errors
    /// The first check that fails.
    pub fn verify(
        &self,
        client_data: &ClientData,
        passkey: &Passkey,
        rp_id: &str,
        settings: &policy::Passkey,
    ) -> Result<Used, Flaw> {
        // Step 7.
        let signed = self.authenticator_data.as_slice();
        let data = AuthenticatorData::parse(signed).map_err(Flaw::AuthenticatorData)?;
        // Steps 12 to 14.
        ceremony::check_origin(client_data, settings)?;
        // Steps 15 to 18.
        ceremony::check_presence(&data, rp_id, settings)?;
        // Step 19.
        if data.flags.backup_eligible() != passkey.backup_eligible {
            return Err(Flaw::BackupEligibility);
        }
        // Steps 20 and 21.
        let hash = ceremony::digest(self.client_data.as_slice());
        let message = [signed, &hash].concat();
        if !passkey.public_key.verifies(&message, self.signature.as_slice()) {
            return Err(Flaw::Signature);
        }
        // Step 22: two zeros come from an authenticator that does not count.
        let (known, received) = (passkey.sign_count, data.sign_count);
        let grows = received > known || (received == 0 && known == 0);
        if !grows && settings.counter == CounterRule::Refuse {
            return Err(Flaw::Counter { known, received });
        }
        Ok(Used { sign_count: known.max(received), backed_up: data.flags.backed_up() })
    }
}
