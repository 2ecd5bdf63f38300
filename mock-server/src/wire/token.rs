//! Tokens on the wire: claims to compact JWS and back (RFC 7515, RFC 7519), and the JWKS.
//!
//! RS256 only (rule J2). Signatures are judged here, times are not: the engine does that by its
//! own clock, so the library's look at the system's clock is switched off.

use std::sync::{Arc, OnceLock};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use data_encoding::{BASE64, BASE64URL_NOPAD};
use fixtures::keys::{PUBLISHED, PublishedKey};
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use mfa_engine::{Caller, ElevatedClaims, Grant, KeyNumber, KeyRing, PresentedElevation};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::body::claims::{Elevated, SessionPayload};
use crate::mock::MockError;

/// The published keys of the service: they sign claims, open tokens, show their public halves.
///
/// Which of them an environment uses is the engine's to say.
pub(crate) struct Sealer {
    keys: [Key; PUBLISHED.len()],
    validation: Validation,
}

/// One key, parsed once.
pub(crate) struct Key {
    number: KeyNumber,
    published: &'static PublishedKey,
    signing: RsaKeyPair,
    opening: DecodingKey,
    /// The first part of every token that it signs.
    header: String,
    jwk: serde_json::Value,
}

/// A JSON Web Key Set (RFC 7517 section 5).
#[derive(Serialize)]
pub(crate) struct KeySet<'sealer> {
    keys: Vec<&'sealer serde_json::Value>,
}

/// The claims of a bearer token that decide who calls.
///
/// An elevated token lacks `last_verified_credential_id`, so it can never serve as a bearer.
#[derive(Deserialize)]
struct Bearer {
    sub: String,
    sid: String,
    environment_id: String,
    exp: i64,
    last_verified_credential_id: String,
}

impl Sealer {
    /// The sealer of the published test keys, parsed once in a process: no token parses them
    /// again, and no service or environment either.
    pub(crate) fn published() -> Result<Arc<Self>, MockError> {
        static SHARED: OnceLock<Arc<Sealer>> = OnceLock::new();
        if let Some(sealer) = SHARED.get() {
            return Ok(Arc::clone(sealer));
        }
        let sealer = Arc::new(Self::parse()?);
        Ok(Arc::clone(SHARED.get_or_init(|| sealer)))
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
    pub(crate) fn key(&self, number: KeyNumber) -> Option<&Key> {
        self.keys.get(number.index())
    }

    /// A key by its `kid`.
    pub(crate) fn key_named(&self, id: &str) -> Option<&Key> {
        self.keys.iter().find(|key| key.id() == id)
    }

    /// The key that signs for somebody; the first one where there is no such key, which the
    /// engine's numbers rule out.
    fn signing_key(&self, number: KeyNumber) -> &Key {
        let [first, ..] = &self.keys;
        self.key(number).unwrap_or(first)
    }

    /// The JSON Web Key Set of an environment: every key whose tokens are good, and no other.
    pub(crate) fn jwks(&self, ring: &KeyRing) -> KeySet<'_> {
        let active = self.keys.iter().filter(|key| ring.is_active(key.number));
        KeySet { keys: active.map(|key| &key.jwk).collect() }
    }

    /// The short token: the bearer (rule J1).
    pub(crate) fn minified(&self, grant: &Grant) -> String {
        let key = self.signing_key(grant.claims.key);
        key.seal(&SessionPayload::minified(grant, key.id()))
    }

    /// The long token: for the client's eyes.
    pub(crate) fn full(&self, grant: &Grant) -> String {
        let key = self.signing_key(grant.claims.key);
        key.seal(&SessionPayload::full(grant, key.id()))
    }

    /// An elevated access token (rule E6).
    pub(crate) fn elevated(&self, claims: &ElevatedClaims, grant: &Grant) -> String {
        let key = self.signing_key(claims.key);
        key.seal(&Elevated::of(claims, &grant.claims.issuer_host, key.id()))
    }

    /// Opens a bearer token; its signature is genuine if this succeeds.
    ///
    /// # Errors
    /// What is wrong with it, for the journal.
    pub(crate) fn open_bearer(&self, token: &str) -> Result<Caller, &'static str> {
        let (bearer, key): (Bearer, _) = self.open(token)?;
        let malformed = "its claims are not those of a session";
        if bearer.last_verified_credential_id.is_empty() {
            return Err(malformed);
        }
        Ok(Caller {
            user: bearer.sub.parse().map_err(|_| malformed)?,
            session: bearer.sid.parse().map_err(|_| malformed)?,
            environment: bearer.environment_id.parse().map_err(|_| malformed)?,
            expires_at: Timestamp::from_second(bearer.exp).map_err(|_| malformed)?,
            key,
        })
    }

    /// Opens what was presented as an elevated access token.
    pub(crate) fn open_elevated(&self, token: &str) -> PresentedElevation {
        let opened = self.open::<Elevated>(token).ok();
        let claims = opened.and_then(|(claims, key)| claims.into_claims(key));
        claims.map_or(PresentedElevation::Forged, PresentedElevation::Genuine)
    }

    /// Opens a token with the key that it names; one that names none is tried with each, so that
    /// a test may sign claims without a thought for the header.
    fn open<T: DeserializeOwned>(&self, token: &str) -> Result<(T, KeyNumber), &'static str> {
        let head = token.split('.').next().unwrap_or_default();
        // The headers of this service are known letter by letter; only others need to be read.
        if let Some(key) = self.keys.iter().find(|key| key.header == head) {
            return key.open(token, &self.validation);
        }
        match jsonwebtoken::decode_header(token).ok().and_then(|header| header.kid) {
            Some(id) => match self.key_named(&id) {
                Some(key) => key.open(token, &self.validation),
                None => Err("it names a key that is none of this service's"),
            },
            None => {
                let [first, others @ ..] = &self.keys;
                others.iter().fold(first.open(token, &self.validation), |opened, key| {
                    opened.or_else(|problem| key.open(token, &self.validation).map_err(|_| problem))
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
        let opening = DecodingKey::from_rsa_pem(published.public_pem.as_bytes())
            .map_err(|_| MockError::Key("its public half is not PEM"))?;
        let mut jwks: serde_json::Value = serde_json::from_str(published.jwks_json)
            .map_err(|_| MockError::Key("its JWKS is not JSON"))?;
        let jwk = jwks.pointer_mut("/keys/0").map(serde_json::Value::take);
        let jwk = jwk.ok_or(MockError::Key("its JWKS holds no key"))?;
        let header = serde_json::json!({ "alg": "RS256", "kid": published.id, "typ": "JWT" });
        let header = BASE64URL_NOPAD.encode(header.to_string().as_bytes());
        Ok(Self { number, published, signing, opening, header, jwk })
    }

    /// The `kid`.
    pub(crate) fn id(&self) -> &'static str {
        self.published.id
    }

    /// The public half as a PEM block, without the comment before it.
    pub(crate) fn public_pem(&self) -> &'static str {
        bare(self.published.public_pem)
    }

    fn seal(&self, claims: &impl Serialize) -> String {
        // Serialising our own structs cannot fail: they have string keys and finite numbers.
        let payload = serde_json::to_vec(claims).unwrap_or_default();
        let mut token = format!("{}.{}", self.header, BASE64URL_NOPAD.encode(&payload));
        let mut signature = vec![0; self.signing.public_modulus_len()];
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

    fn open<T: DeserializeOwned>(
        &self,
        token: &str,
        validation: &Validation,
    ) -> Result<(T, KeyNumber), &'static str> {
        use jsonwebtoken::errors::ErrorKind;
        match jsonwebtoken::decode::<T>(token, &self.opening, validation) {
            Ok(opened) => Ok((opened.claims, self.number)),
            Err(error) => Err(match error.kind() {
                ErrorKind::InvalidSignature => "its signature is wrong",
                ErrorKind::InvalidAlgorithm | ErrorKind::InvalidAlgorithmName => {
                    "its algorithm is not RS256"
                }
                ErrorKind::InvalidToken => "it is no JWT of three parts",
                _ => "it does not decode",
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
