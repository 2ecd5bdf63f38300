//! The published keys: each parsed once, for signing, for verifying, and for showing.

use std::sync::{Arc, OnceLock};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    KeyPair as _, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair,
};
use data_encoding::{BASE64, BASE64URL_NOPAD};
use fixtures::keys::{PUBLISHED, PublishedKey};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use mfa_engine::{KeyNumber, KeyRing};
use serde::Serialize;
use serde::de::IgnoredAny;

use crate::mock::MockError;
use crate::sync::thread;

/// The published keys of the service.
///
/// Which of them an environment uses is the engine's to say.
pub(super) struct Keys {
    keys: [Key; PUBLISHED.len()],
    validation: Validation,
}

/// One key, parsed once.
pub(crate) struct Key {
    number: KeyNumber,
    published: &'static PublishedKey,
    signing: RsaKeyPair,
    verifying: ParsedPublicKey,
    /// The same public half for the library that reads the headers of others.
    opening: DecodingKey,
    /// The first part of every token that it signs.
    header: String,
    jwk: serde_json::Value,
}

/// A JSON Web Key Set (RFC 7517 section 5).
#[derive(Serialize)]
pub(crate) struct KeySet<'keys> {
    keys: Vec<&'keys serde_json::Value>,
}

/// What is wrong with a token that has no three parts.
const NOT_THREE_PARTS: &str = "it is no JWT of three parts";
/// What is wrong with a token whose signature is not by the key that it names.
const WRONG_SIGNATURE: &str = "its signature is wrong";
/// What is wrong with a token whose parts are not what they should be.
pub(super) const UNDECODABLE: &str = "it does not decode";

impl Keys {
    /// The published test keys, parsed once in a process: no token parses them again, and no
    /// service or environment either.
    pub(super) fn published() -> Result<Arc<Self>, MockError> {
        static SHARED: OnceLock<Arc<Keys>> = OnceLock::new();
        if let Some(keys) = SHARED.get() {
            return Ok(Arc::clone(keys));
        }
        let keys = Arc::new(Self::parse()?);
        Ok(Arc::clone(SHARED.get_or_init(|| keys)))
    }

    fn parse() -> Result<Self, MockError> {
        // Another crate of the program may have switched on jsonwebtoken's other backend; with
        // both on, the first use panics unless one was chosen. A second choice is not an error.
        let _ = jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER.install_default();
        let mut validation = Validation::new(Algorithm::RS256);
        validation.validate_exp = false;
        validation.validate_nbf = false;
        validation.validate_aud = false;
        validation.required_spec_claims.clear();
        let keys: Result<Vec<Key>, MockError> =
            KeyNumber::all().zip(&PUBLISHED).map(|(number, key)| Key::parse(number, key)).collect();
        let keys = keys?.try_into().map_err(|_| MockError::Key("their number is not fixed"))?;
        Ok(Self { keys, validation })
    }

    /// A key by its number.
    pub(super) fn key(&self, number: KeyNumber) -> Option<&Key> {
        self.keys.get(number.index())
    }

    /// A key by its `kid`.
    fn key_named(&self, id: &str) -> Option<&Key> {
        self.keys.iter().find(|key| key.id() == id)
    }

    /// The key that signs for somebody; the first one where there is no such key, which the
    /// engine's numbers rule out.
    pub(super) fn signing_key(&self, number: KeyNumber) -> &Key {
        let [first, ..] = &self.keys;
        self.key(number).unwrap_or(first)
    }

    /// The JSON Web Key Set of an environment: every key whose tokens are good, and no other.
    pub(super) fn jwks(&self, ring: &KeyRing) -> KeySet<'_> {
        let active = self.keys.iter().filter(|key| ring.is_active(key.number));
        KeySet { keys: active.map(|key| &key.jwk).collect() }
    }

    /// Opens a token with the key that it names, and yields the JSON of its claims; one that names
    /// none is tried with each, so that a test may sign claims without a thought for the header.
    ///
    /// # Errors
    /// What is wrong with it, for the journal.
    pub(super) fn open(&self, token: &str) -> Result<(Vec<u8>, KeyNumber), &'static str> {
        let head = token.split('.').next().unwrap_or_default();
        // The headers of this service are known letter by letter; only others need to be read.
        if let Some(key) = self.keys.iter().find(|key| key.header == head) {
            return key.open_own(token);
        }
        match jsonwebtoken::decode_header(token).ok().and_then(|header| header.kid) {
            Some(id) => match self.key_named(&id) {
                Some(key) => key.open_foreign(token, &self.validation),
                None => Err("it names a key that is none of this service's"),
            },
            None => {
                let open = |key: &Key| key.open_foreign(token, &self.validation);
                let [first, others @ ..] = &self.keys;
                others.iter().fold(open(first), |opened, key| {
                    opened.or_else(|problem| open(key).map_err(|_| problem))
                })
            }
        }
    }
}

impl Key {
    fn parse(number: KeyNumber, published: &'static PublishedKey) -> Result<Self, MockError> {
        let der = der_of(published.signing_pem).ok_or(MockError::Key("it is not PEM"))?;
        let signing = RsaKeyPair::from_pkcs8(&der)
            .map_err(|_| MockError::Key("it is not an RSA key in PKCS #8"))?;
        let public = signing.public_key().as_ref();
        let verifying = ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, public)
            .map_err(|_| MockError::Key("its public half cannot be used"))?;
        let opening = DecodingKey::from_rsa_pem(published.public_pem.as_bytes())
            .map_err(|_| MockError::Key("its public half is not PEM"))?;
        let mut jwks: serde_json::Value = serde_json::from_str(published.jwks_json)
            .map_err(|_| MockError::Key("its JWKS is not JSON"))?;
        let jwk = jwks.pointer_mut("/keys/0").map(serde_json::Value::take);
        let jwk = jwk.ok_or(MockError::Key("its JWKS holds no key"))?;
        let header = serde_json::json!({ "alg": "RS256", "kid": published.id, "typ": "JWT" });
        let header = BASE64URL_NOPAD.encode(header.to_string().as_bytes());
        Ok(Self { number, published, signing, verifying, opening, header, jwk })
    }

    /// The `kid`.
    pub(crate) fn id(&self) -> &'static str {
        self.published.id
    }

    /// The public half as a PEM block, without the comment before it.
    pub(crate) fn public_pem(&self) -> &'static str {
        bare(self.published.public_pem)
    }

    /// Signs claims.
    pub(super) fn seal(&self, claims: &impl Serialize) -> String {
        // Serialising our own structs cannot fail: they have string keys and finite numbers.
        let payload = serde_json::to_vec(claims).unwrap_or_default();
        let mut signature = vec![0; self.signing.public_modulus_len()];
        let lengths =
            [payload.len(), signature.len()].map(|bytes| BASE64URL_NOPAD.encode_len(bytes));
        let room = self.header.len() + lengths.iter().sum::<usize>() + 2;
        let mut token = String::with_capacity(room);
        token.push_str(&self.header);
        token.push('.');
        BASE64URL_NOPAD.encode_append(&payload, &mut token);
        // A signature holds a core for hundreds of microseconds, and one follows on the other. Whoever
        // waits for the core with something short, a read for instance, goes first.
        thread::yield_now();
        let dice = SystemRandom::new();
        // PKCS #1 v1.5 has no chance in it; the dice blind the computation. Signing fails only
        // for a key too short for the digest, and the key's length is fixed.
        if self.signing.sign(&RSA_PKCS1_SHA256, &dice, token.as_bytes(), &mut signature).is_err() {
            signature.clear();
        }
        token.push('.');
        BASE64URL_NOPAD.encode_append(&signature, &mut token);
        token
    }

    /// Opens a token whose header is this key's own: the algorithm is known, and the key is parsed.
    fn open_own(&self, token: &str) -> Result<(Vec<u8>, KeyNumber), &'static str> {
        let (message, signature) = token.rsplit_once('.').ok_or(NOT_THREE_PARTS)?;
        let (header, payload) = message.rsplit_once('.').ok_or(NOT_THREE_PARTS)?;
        // More than three parts: then the header is a text with a dot in it, which is not base64.
        if header != self.header {
            return Err(UNDECODABLE);
        }
        let decode = |part: &str| BASE64URL_NOPAD.decode(part.as_bytes()).map_err(|_| UNDECODABLE);
        let verified = self.verifying.verify_sig(message.as_bytes(), &decode(signature)?);
        verified.map_err(|_| WRONG_SIGNATURE)?;
        Ok((decode(payload)?, self.number))
    }

    /// Opens a token with another header, which a library reads that is strict about headers.
    fn open_foreign(
        &self,
        token: &str,
        validation: &Validation,
    ) -> Result<(Vec<u8>, KeyNumber), &'static str> {
        use jsonwebtoken::errors::ErrorKind;
        match jsonwebtoken::decode::<IgnoredAny>(token, &self.opening, validation) {
            Ok(_) => {
                let payload = token.split('.').nth(1).unwrap_or_default();
                let claims = BASE64URL_NOPAD.decode(payload.as_bytes());
                claims.map(|claims| (claims, self.number)).map_err(|_| UNDECODABLE)
            }
            Err(error) => Err(match error.kind() {
                ErrorKind::InvalidSignature => WRONG_SIGNATURE,
                ErrorKind::InvalidAlgorithm | ErrorKind::InvalidAlgorithmName => {
                    "its algorithm is not RS256"
                }
                ErrorKind::InvalidToken => NOT_THREE_PARTS,
                _ => UNDECODABLE,
            }),
        }
    }
}

/// A PEM block without the comment before it.
pub(crate) fn bare(pem: &str) -> &str {
    pem.find("-----BEGIN").and_then(|start| pem.get(start..)).unwrap_or(pem)
}

/// The bytes between the two lines of a PEM block (RFC 7468).
fn der_of(pem: &str) -> Option<Vec<u8>> {
    let body: String = pem
        .lines()
        .skip_while(|line| !line.starts_with("-----BEGIN"))
        .skip(1)
        .take_while(|line| !line.starts_with("-----END"))
        .collect();
    BASE64.decode(body.as_bytes()).ok().filter(|der| !der.is_empty())
}
