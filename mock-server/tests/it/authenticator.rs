//! A software authenticator with a browser around it: it makes credentials, signs assertions, and
//! bends any part of either.
//!
//! It shares nothing with the service: other cryptography (for ES256), another CBOR, its own idea
//! of every structure. Each part can be changed before it is signed, so that what is wrong is
//! wrong in one place only.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair};
use ciborium::Value as Cbor;
use data_encoding::{BASE64, BASE64URL_NOPAD};
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{DerSignature, SigningKey};
use serde_json::{Value, json};
use sha2::Digest as _;

pub(crate) const ORIGIN: &str = "http://localhost:3000";
/// Flags: user present, user verified, backup eligible, backed up, and the two that announce parts.
pub(crate) const UP: u8 = 0x01;
pub(crate) const UV: u8 = 0x04;
pub(crate) const BE: u8 = 0x08;
pub(crate) const BS: u8 = 0x10;
pub(crate) const AT: u8 = 0x40;
pub(crate) const ED: u8 = 0x80;

/// One credential in its authenticator.
pub(crate) struct Authenticator {
    key: Key,
    pub(crate) credential_id: Vec<u8>,
    pub(crate) counter: u32,
    /// What the authenticator keeps of the user, for a sign-in.
    pub(crate) user_handle: Option<Vec<u8>>,
}

enum Key {
    P256(SigningKey),
    Ed25519(Ed25519KeyPair),
    Rsa(RsaKeyPair),
}

/// A registration before it is put together.
pub(crate) struct Making {
    pub(crate) client_data: Value,
    /// Taken instead of `client_data` if it is there.
    pub(crate) client_data_text: Option<Vec<u8>>,
    pub(crate) rp_id: String,
    pub(crate) flags: u8,
    pub(crate) counter: u32,
    pub(crate) credential_id: Vec<u8>,
    pub(crate) cose: Cbor,
    /// Bytes after the key: extensions, or what should not be there.
    pub(crate) tail: Vec<u8>,
    pub(crate) format: String,
    /// None: self attestation, signed when everything else is done.
    pub(crate) statement: Option<Cbor>,
    /// Bytes after the whole object.
    pub(crate) object_tail: Vec<u8>,
}

/// An assertion before it is put together.
pub(crate) struct Using {
    pub(crate) client_data: Value,
    pub(crate) rp_id: String,
    pub(crate) flags: u8,
    pub(crate) counter: u32,
    /// Bytes after the counter.
    pub(crate) tail: Vec<u8>,
    pub(crate) user_handle: Option<Vec<u8>>,
    /// What is added to one byte of the signature.
    pub(crate) signature_error: u8,
}

impl Authenticator {
    /// An authenticator with an ES256 key; another number is another key and credential.
    pub(crate) fn new(number: u8) -> Self {
        Self::with(Key::P256(SigningKey::from_slice(&[number; 32]).unwrap()), number)
    }

    pub(crate) fn ed25519() -> Self {
        Self::with(Key::Ed25519(Ed25519KeyPair::from_seed_unchecked(&[9; 32]).unwrap()), 201)
    }

    /// The published test key of the fixtures serves as RSA key.
    pub(crate) fn rsa() -> Self {
        let lines = fixtures::keys::SIGNING_PEM.lines();
        let block = lines.skip_while(|line| !line.starts_with("-----BEGIN")).skip(1);
        let body: String = block.take_while(|line| !line.starts_with("-----END")).collect();
        let der = BASE64.decode(body.as_bytes()).unwrap();
        Self::with(Key::Rsa(RsaKeyPair::from_pkcs8(&der).unwrap()), 202)
    }

    /// The published passkey of the fixtures, as a virtual authenticator would hold it.
    pub(crate) fn published(credential_id: &str, user_handle: &str) -> Self {
        let lines = fixtures::keys::PASSKEY_PEM.lines();
        let block = lines.skip_while(|line| !line.starts_with("-----BEGIN")).skip(1);
        let body: String = block.take_while(|line| !line.starts_with("-----END")).collect();
        let der = BASE64.decode(body.as_bytes()).unwrap();
        // The scalar is the first octet string of 32 bytes in the PKCS#8 (RFC 5915).
        let at = der.windows(2).position(|two| two == [0x04, 0x20]).unwrap() + 2;
        let key = SigningKey::from_slice(&der[at..at + 32]).unwrap();
        let octets = |text: &str| BASE64URL_NOPAD.decode(text.as_bytes()).unwrap();
        let mut held = Self::with(Key::P256(key), 0);
        held.credential_id = octets(credential_id);
        held.user_handle = Some(octets(user_handle));
        held
    }

    fn with(key: Key, number: u8) -> Self {
        Self { key, credential_id: vec![number; 20], counter: 0, user_handle: None }
    }

    /// `id` and `rawId`.
    pub(crate) fn id(&self) -> String {
        BASE64URL_NOPAD.encode(&self.credential_id)
    }

    /// Answers creation options, as the JavaScript SDK posts it.
    pub(crate) fn make(&mut self, options: &Value) -> Value {
        self.make_bent(options, |_| {})
    }

    /// The same, with one thing changed.
    pub(crate) fn make_bent(&mut self, options: &Value, bend: impl FnOnce(&mut Making)) -> Value {
        let handle = options["user"]["id"].as_str().unwrap();
        self.user_handle = Some(BASE64URL_NOPAD.decode(handle.as_bytes()).unwrap());
        let mut making = Making {
            client_data: client_data("webauthn.create", options),
            client_data_text: None,
            rp_id: options["rp"]["id"].as_str().unwrap().to_owned(),
            flags: UP | UV | BE | BS | AT,
            counter: self.counter,
            credential_id: self.credential_id.clone(),
            cose: self.cose(),
            tail: Vec::new(),
            format: "none".to_owned(),
            statement: Some(Cbor::Map(Vec::new())),
            object_tail: Vec::new(),
        };
        bend(&mut making);
        let text = making.client_data.to_string().into_bytes();
        let client_data = making.client_data_text.take().unwrap_or(text);
        let object = self.object(&making, &client_data);
        json!({
            "id": self.id(), "rawId": self.id(), "type": "public-key",
            "authenticatorAttachment": "platform", "clientExtensionResults": {},
            "response": {
                "clientDataJson": BASE64URL_NOPAD.encode(&client_data),
                "attestationObject": BASE64URL_NOPAD.encode(&object),
                "transports": ["internal", "hybrid"], "publicKey": "unread",
            },
        })
    }

    fn object(&self, making: &Making, client_data: &[u8]) -> Vec<u8> {
        let mut data = head(&making.rp_id, making.flags, making.counter);
        if making.flags & AT != 0 {
            data.extend([0xaa; 16]);
            data.extend(u16::try_from(making.credential_id.len()).unwrap().to_be_bytes());
            data.extend(&making.credential_id);
            data.extend(encoded(&making.cose));
        }
        data.extend(&making.tail);
        let signed = || self.sign(&[&data, sha256(client_data).as_slice()].concat());
        let statement = making.statement.clone().unwrap_or_else(|| {
            Cbor::Map(vec![
                (Cbor::from("alg"), Cbor::from(self.algorithm())),
                (Cbor::from("sig"), Cbor::Bytes(signed())),
            ])
        });
        let mut object = encoded(&Cbor::Map(vec![
            (Cbor::from("fmt"), Cbor::from(making.format.clone())),
            (Cbor::from("attStmt"), statement),
            (Cbor::from("authData"), Cbor::Bytes(data.clone())),
        ]));
        object.extend(&making.object_tail);
        object
    }

    /// Answers request options, as the JavaScript SDK posts it.
    pub(crate) fn sign_in(&mut self, options: &Value) -> Value {
        self.sign_in_bent(options, |_| {})
    }

    /// The same, with one thing changed.
    pub(crate) fn sign_in_bent(&mut self, options: &Value, bend: impl FnOnce(&mut Using)) -> Value {
        if self.counter > 0 {
            self.counter += 1;
        }
        let mut using = Using {
            client_data: client_data("webauthn.get", options),
            rp_id: options["rpId"].as_str().unwrap().to_owned(),
            flags: UP | UV | BE | BS,
            counter: self.counter,
            tail: Vec::new(),
            user_handle: self.user_handle.clone(),
            signature_error: 0,
        };
        bend(&mut using);
        let client_data = using.client_data.to_string().into_bytes();
        let mut data = head(&using.rp_id, using.flags, using.counter);
        data.extend(&using.tail);
        let mut signature = self.sign(&[&data, sha256(&client_data).as_slice()].concat());
        let last = signature.len() - 1;
        signature[last] = signature[last].wrapping_add(using.signature_error);
        let mut response = json!({
            "clientDataJSON": BASE64URL_NOPAD.encode(&client_data),
            "authenticatorData": BASE64URL_NOPAD.encode(&data),
            "signature": BASE64URL_NOPAD.encode(&signature),
        });
        if let Some(handle) = using.user_handle {
            response["userHandle"] = json!(BASE64URL_NOPAD.encode(&handle));
        }
        json!({
            "id": self.id(), "rawId": self.id(), "type": "public-key",
            "authenticatorAttachment": "platform", "clientExtensionResults": {},
            "response": response,
        })
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        match &self.key {
            Key::P256(key) => {
                let signature: DerSignature = key.sign(message);
                signature.as_bytes().to_vec()
            }
            Key::Ed25519(key) => key.sign(message).as_ref().to_vec(),
            Key::Rsa(key) => {
                let mut signature = vec![0; key.public_modulus_len()];
                let dice = SystemRandom::new();
                key.sign(&RSA_PKCS1_SHA256, &dice, message, &mut signature).unwrap();
                signature
            }
        }
    }

    fn algorithm(&self) -> i32 {
        match self.key {
            Key::P256(_) => -7,
            Key::Ed25519(_) => -8,
            Key::Rsa(_) => -257,
        }
    }

    /// The COSE key, its entries in canonical order.
    fn cose(&self) -> Cbor {
        let entry = |label: i32, value: Cbor| (Cbor::from(label), value);
        let algorithm = entry(3, Cbor::from(self.algorithm()));
        Cbor::Map(match &self.key {
            Key::P256(key) => {
                let point = key.verifying_key().to_sec1_point(false);
                let (x, y) = point.as_bytes()[1..].split_at(32);
                let (x, y) = (Cbor::Bytes(x.to_vec()), Cbor::Bytes(y.to_vec()));
                let (kind, curve) = (entry(1, Cbor::from(2)), entry(-1, Cbor::from(1)));
                vec![kind, algorithm, curve, entry(-2, x), entry(-3, y)]
            }
            Key::Ed25519(key) => {
                let x = Cbor::Bytes(key.public_key().as_ref().to_vec());
                let (kind, curve) = (entry(1, Cbor::from(1)), entry(-1, Cbor::from(6)));
                vec![kind, algorithm, curve, entry(-2, x)]
            }
            Key::Rsa(_) => {
                let jwks: Value = serde_json::from_str(fixtures::keys::JWKS_JSON).unwrap();
                let part = |name: &str| {
                    let text = jwks["keys"][0][name].as_str().unwrap();
                    Cbor::Bytes(BASE64URL_NOPAD.decode(text.as_bytes()).unwrap())
                };
                let kind = entry(1, Cbor::from(3));
                vec![kind, algorithm, entry(-1, part("n")), entry(-2, part("e"))]
            }
        })
    }
}

fn client_data(kind: &str, options: &Value) -> Value {
    json!({
        "type": kind, "challenge": options["challenge"], "origin": ORIGIN, "crossOrigin": false,
    })
}

fn head(rp_id: &str, flags: u8, counter: u32) -> Vec<u8> {
    [sha256(rp_id.as_bytes()).as_slice(), &[flags], &counter.to_be_bytes()].concat()
}

fn sha256(bytes: &[u8]) -> Vec<u8> {
    sha2::Sha256::digest(bytes).to_vec()
}

pub(crate) fn encoded(value: &Cbor) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).unwrap();
    bytes
}
