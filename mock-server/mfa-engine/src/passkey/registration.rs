//! Registering a credential: the checks of WebAuthn Level 3, section 7.1, in its order.
//!
//! Absent on purpose: step 8 beyond the text of the challenge, and step 26. Which challenges are
//! open and which credentials are known is the environment's knowledge.

use serde::{Deserialize, Serialize};

use super::attestation::{AttestationObject, StatementFlaw};
use super::ceremony;
use super::client_data::ClientData;
use super::octets::Octets;
use super::public_key::PublicKey;
use super::refusal::Flaw;
use crate::policy;

/// Bytes of a credential id at most (step 25).
const CREDENTIAL_ID_MAX: usize = 1023;

/// What a client posts after `navigator.credentials.create()`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Registration {
    /// `rawId`, which `id` repeats.
    pub credential_id: Octets,
    /// `response.clientDataJSON`
    pub client_data: Octets,
    /// `response.attestationObject`
    pub attestation_object: Octets,
    /// `response.transports`, as far as the API knows them.
    pub transports: Vec<Transport>,
}

/// How a client reaches an authenticator (`PasskeyTransport`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Transport {
    /// `usb`
    Usb,
    /// `nfc`
    Nfc,
    /// `ble`
    Ble,
    /// `internal`
    Internal,
    /// `hybrid`
    Hybrid,
    /// `cable`
    Cable,
    /// `smart-card`
    SmartCard,
}

/// A credential that passed every check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewCredential {
    /// Its public key.
    pub public_key: PublicKey,
    /// The signature counter to begin with.
    pub sign_count: u32,
    /// The authenticator's model.
    pub aaguid: Octets,
    /// Whether it may be backed up.
    pub backup_eligible: bool,
    /// Whether it is backed up.
    pub backed_up: bool,
}

impl Registration {
    /// Reads the client data (steps 5 to 7).
    ///
    /// # Errors
    /// They are malformed, or those of another ceremony.
    pub fn open(&self) -> Result<ClientData, Flaw> {
        ceremony::open(self.client_data.as_slice(), "webauthn.create")
    }

    /// Verifies everything else (steps 9 to 25) for a relying party id.
    ///
    /// # Errors
    /// The first check that fails.
    pub fn verify(
        &self,
        client_data: &ClientData,
        rp_id: &str,
        settings: &policy::Passkey,
    ) -> Result<NewCredential, Flaw> {
        // Steps 9 to 11.
        ceremony::check_origin(client_data, settings)?;
        // Step 12.
        let hash = ceremony::digest(self.client_data.as_slice());
        // Step 13.
        let object = AttestationObject::parse(self.attestation_object.as_slice())
            .map_err(Flaw::AttestationObject)?;
        // Steps 14 to 17.
        ceremony::check_presence(&object.data, rp_id, settings)?;
        let attested = object.data.attested.as_ref().ok_or(Flaw::NoCredential)?;
        if attested.credential_id != self.credential_id.as_slice() {
            return Err(Flaw::CredentialId);
        }
        // Steps 18 and 19 leave the backup flags to the relying party, which has no use for them.
        // Step 20.
        if !settings.algorithms.contains(&attested.public_key.algorithm()) {
            return Err(Flaw::Algorithm);
        }
        // Steps 21 and 22; no format that is taken has trust anchors, so 23 and 24 fall away.
        object.verify(&attested.public_key, &hash, &settings.attestation_formats).map_err(
            |flaw| match flaw {
                StatementFlaw::Format => Flaw::AttestationFormat,
                StatementFlaw::Invalid => Flaw::AttestationStatement,
            },
        )?;
        // Step 25.
        if attested.credential_id.len() > CREDENTIAL_ID_MAX {
            return Err(Flaw::LongCredentialId);
        }
        Ok(NewCredential {
            public_key: attested.public_key.clone(),
            sign_count: object.data.sign_count,
            aaguid: Octets::new(attested.aaguid),
            backup_eligible: object.data.flags.backup_eligible(),
            backed_up: object.data.flags.backed_up(),
        })
    }
}
