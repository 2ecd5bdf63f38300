//! The attestation object of a registration (WebAuthn section 6.5.4) and its statements (section 8).

use super::authenticator_data::{AuthenticatorData, AuthenticatorDataFlaw};
use super::cbor::{self, Value};
use super::public_key::PublicKey;
use crate::policy::AttestationFormat;

/// An attestation object, borrowed from its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttestationObject<'bytes> {
    /// `authData`, read.
    pub data: AuthenticatorData<'bytes>,
    /// `authData` as it was signed.
    pub signed: &'bytes [u8],
    /// `fmt`
    format: &'bytes str,
    /// `attStmt`
    statement: Value<'bytes>,
}

/// Why bytes are no attestation object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AttestationFlaw {
    /// They are no canonical CBOR.
    #[error("its CBOR is malformed: {0}")]
    Cbor(#[from] cbor::Flaw),
    /// They are no map of `fmt`, `attStmt` and `authData`, and nothing else.
    #[error("it is no map of fmt, attStmt and authData alone")]
    WrongShape,
    /// The authenticator data is malformed.
    #[error("its authenticator data is malformed: {0}")]
    Data(#[from] AuthenticatorDataFlaw),
}

/// Why a statement is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StatementFlaw {
    /// The format is unknown, or the settings do not take it.
    Format,
    /// It does not prove what its format promises.
    Invalid,
}

impl<'bytes> AttestationObject<'bytes> {
    /// Reads the bytes to their very end.
    ///
    /// # Errors
    /// See [`AttestationFlaw`].
    pub fn parse(bytes: &'bytes [u8]) -> Result<Self, AttestationFlaw> {
        let object = cbor::read(bytes)?;
        let shape = (object.at("fmt"), object.at("attStmt"), object.at("authData"), object.width());
        let (Some(Value::Text(format)), Some(statement), Some(Value::Bytes(signed)), Some(3)) =
            shape
        else {
            return Err(AttestationFlaw::WrongShape);
        };
        if statement.width().is_none() {
            return Err(AttestationFlaw::WrongShape);
        }
        let data = AuthenticatorData::parse(signed)?;
        Ok(Self { data, signed, format, statement: statement.clone() })
    }

    /// Verifies the statement (section 7.1, steps 21 and 22) of a credential with that key.
    pub(super) fn verify(
        &self,
        key: &PublicKey,
        client_data_hash: &[u8],
        taken: &[AttestationFormat],
    ) -> Result<(), StatementFlaw> {
        let is_proven = match self.format {
            "none" if taken.contains(&AttestationFormat::None) => self.statement.width() == Some(0),
            // With certificates it names a model, which nobody asked for and nobody here trusts.
            "packed"
                if taken.contains(&AttestationFormat::PackedSelf)
                    && self.statement.at("x5c").is_none() =>
            {
                self.is_signed_by(key, client_data_hash)
            }
            _ => return Err(StatementFlaw::Format),
        };
        if is_proven { Ok(()) } else { Err(StatementFlaw::Invalid) }
    }

    /// Self attestation (section 8.2): the credential's own key signed what it attests.
    fn is_signed_by(&self, key: &PublicKey, client_data_hash: &[u8]) -> bool {
        let algorithm = self.statement.at("alg").and_then(Value::integer);
        let Some(signature) = self.statement.at("sig").and_then(Value::bytes) else { return false };
        self.statement.width() == Some(2)
            && algorithm == Some(key.algorithm().cose().into())
            && key.verifies(&[self.signed, client_data_hash].concat(), signature)
    }
}
