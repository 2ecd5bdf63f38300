//! Authenticators with a browser around them: they make passkeys, sign, and bend either.

use ciborium::Value as Cbor;
use mfa_engine::passkey::{Assertion, Octets, Registration};
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{DerSignature, SigningKey};
use serde_json::json;
use sha2::Digest as _;

use super::reference::FOREIGN_ORIGIN;
use super::step::{Bend, Slip};

const ORIGIN: &str = "http://localhost:3000";
const RP_ID: &str = "localhost";
/// Flags: user present, user verified, eligible for backup, and a credential that follows.
const UP: u8 = 0x01;
const UV: u8 = 0x04;
const BE: u8 = 0x08;
const AT: u8 = 0x40;

/// The passkey of an authenticator, by its number.
pub(crate) struct Authenticator {
    key: SigningKey,
    credential_id: Vec<u8>,
}

impl Authenticator {
    /// Another number is another key and another credential.
    pub(crate) fn of(number: usize) -> Self {
        let number = u32::try_from(number).unwrap() + 1;
        let scalar = [[0; 28].as_slice(), &number.to_be_bytes()].concat();
        let credential_id = [b"passkey ".as_slice(), &number.to_be_bytes()].concat();
        Self { key: SigningKey::from_slice(&scalar).unwrap(), credential_id }
    }

    /// Answers the options of a registration.
    pub(crate) fn make(&self, challenge: &Octets, count: u32, slip: Slip) -> Registration {
        let kind = if slip == Slip::Kind { "webauthn.get" } else { "webauthn.create" };
        let origin = if slip == Slip::Origin { FOREIGN_ORIGIN } else { ORIGIN };
        let rp_id = if slip == Slip::RpId { "elsewhere" } else { RP_ID };
        let present = if slip == Slip::Absent { 0 } else { UP };
        let mut data = head(rp_id, present | UV | BE | AT, count);
        data.extend([0xaa; 16]);
        data.extend(u16::try_from(self.credential_id.len()).unwrap().to_be_bytes());
        data.extend(&self.credential_id);
        data.extend(encoded(&self.cose()));
        let object = Cbor::Map(vec![
            (Cbor::from("fmt"), Cbor::from("none")),
            (Cbor::from("attStmt"), Cbor::Map(Vec::new())),
            (Cbor::from("authData"), Cbor::Bytes(data)),
        ]);
        let mut credential_id = self.credential_id.clone();
        if slip == Slip::RawId {
            credential_id.push(0);
        }
        Registration {
            credential_id: Octets::new(credential_id),
            client_data: client_data(kind, challenge, origin),
            attestation_object: Octets::new(encoded(&object)),
            transports: Vec::new(),
        }
    }

    /// Answers the options of an assertion; the handle is that of the passkey's user.
    pub(crate) fn sign(
        &self,
        challenge: &Octets,
        count: u32,
        handle: Octets,
        bend: Bend,
    ) -> Assertion {
        let kind = if bend == Bend::Kind { "webauthn.create" } else { "webauthn.get" };
        let origin = if bend == Bend::Origin { FOREIGN_ORIGIN } else { ORIGIN };
        let rp_id = if bend == Bend::RpId { "elsewhere" } else { RP_ID };
        let present = if bend == Bend::Absent { 0 } else { UP };
        let eligible = if bend == Bend::Backup { 0 } else { BE };
        let client_data = client_data(kind, challenge, origin);
        let data = head(rp_id, present | UV | eligible, count);
        let message = [data.as_slice(), &sha256(client_data.as_slice())].concat();
        let stranger = Self::of(999_999);
        let key = if bend == Bend::Signature { &stranger.key } else { &self.key };
        let signature: DerSignature = key.sign(&message);
        Assertion {
            credential_id: Octets::new(self.credential_id.clone()),
            client_data,
            authenticator_data: Octets::new(data),
            signature: Octets::new(signature.as_bytes()),
            user_handle: match bend {
                Bend::NoHandle => None,
                Bend::OtherHandle => Some(Octets::new([0xff; 16])),
                _ => Some(handle),
            },
        }
    }

    /// The COSE key, its entries in canonical order.
    fn cose(&self) -> Cbor {
        let entry = |label: i32, value: Cbor| (Cbor::from(label), value);
        let point = self.key.verifying_key().to_sec1_point(false);
        let (x, y) = point.as_bytes()[1..].split_at(32);
        let (x, y) = (Cbor::Bytes(x.to_vec()), Cbor::Bytes(y.to_vec()));
        let (kind, algorithm) = (entry(1, Cbor::from(2)), entry(3, Cbor::from(-7)));
        let curve = entry(-1, Cbor::from(1));
        Cbor::Map(vec![kind, algorithm, curve, entry(-2, x), entry(-3, y)])
    }
}

fn client_data(kind: &str, challenge: &Octets, origin: &str) -> Octets {
    let challenge = challenge.to_string();
    let data = json!({ "type": kind, "challenge": challenge, "origin": origin });
    Octets::new(data.to_string().into_bytes())
}

fn head(rp_id: &str, flags: u8, count: u32) -> Vec<u8> {
    [sha256(rp_id.as_bytes()).as_slice(), &[flags], &count.to_be_bytes()].concat()
}

fn sha256(bytes: &[u8]) -> Vec<u8> {
    sha2::Sha256::digest(bytes).to_vec()
}

fn encoded(value: &Cbor) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).unwrap();
    bytes
}
