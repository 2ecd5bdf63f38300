//! Tokens on the wire: claims to compact JWS and back (RFC 7515, RFC 7519), and the JWKS.
//!
//! RS256 only (rule J2). Signatures are judged here, times are not: the engine does that by its
//! own clock, so the library's look at the system's clock is switched off.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use data_encoding::{BASE64, BASE64URL_NOPAD};
use fixtures::keys;
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use mfa_engine::{Caller, ElevatedClaims, Grant, PresentedElevation};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::body::claims::{Elevated, SessionPayload};
use crate::mock::MockError;

/// The key of the service: signs claims, opens tokens, shows its public half.
pub(crate) struct Sealer {
    signing: RsaKeyPair,
    opening: DecodingKey,
    validation: Validation,
    header: String,
    jwks: serde_json::Value,
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
    /// The sealer of the published test key, parsed once: no token parses it again.
    ///
    /// Every environment shares it, because making an RSA key takes longer than everything else
    /// at the start together, and because a test may then pin the public half.
    pub(crate) fn published() -> Result<Self, MockError> {
        // Another crate of the program may have switched on jsonwebtoken's other backend; with
        // both on, the first use panics unless one was chosen. A second choice is not an error.
        let _ = jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER.install_default();
        let der = der_of(keys::SIGNING_PEM).ok_or(MockError::Key("it is not PEM"))?;
        let signing = RsaKeyPair::from_pkcs8(&der)
            .map_err(|_| MockError::Key("it is not an RSA key in PKCS #8"))?;
        let opening = DecodingKey::from_rsa_pem(keys::SIGNING_PUBLIC_PEM.as_bytes())
            .map_err(|_| MockError::Key("its public half is not PEM"))?;
        let jwks = serde_json::from_str(keys::JWKS_JSON)
            .map_err(|_| MockError::Key("its JWKS is not JSON"))?;
        let mut validation = Validation::new(Algorithm::RS256);
        validation.validate_exp = false;
        validation.validate_nbf = false;
        validation.validate_aud = false;
        validation.required_spec_claims.clear();
        let header = serde_json::json!({ "alg": "RS256", "kid": keys::KEY_ID, "typ": "JWT" });
        let header = BASE64URL_NOPAD.encode(header.to_string().as_bytes());
        Ok(Self { signing, opening, validation, header, jwks })
    }

    /// The JSON Web Key Set: exactly one key, since servers ask for it without naming a `kid`.
    pub(crate) fn jwks(&self) -> &serde_json::Value {
        &self.jwks
    }

    /// The short token: the bearer (rule J1).
    pub(crate) fn minified(&self, grant: &Grant) -> String {
        self.seal(&SessionPayload::minified(grant, keys::KEY_ID))
    }

    /// The long token: for the client's eyes.
    pub(crate) fn full(&self, grant: &Grant) -> String {
        self.seal(&SessionPayload::full(grant, keys::KEY_ID))
    }

    /// An elevated access token (rule E6).
    pub(crate) fn elevated(&self, claims: &ElevatedClaims, grant: &Grant) -> String {
        self.seal(&Elevated::of(claims, &grant.claims.issuer_host, keys::KEY_ID))
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

    /// Opens a bearer token; its signature is genuine if this succeeds.
    ///
    /// # Errors
    /// What is wrong with it, for the journal.
    pub(crate) fn open_bearer(&self, token: &str) -> Result<Caller, &'static str> {
        let bearer: Bearer = self.open(token)?;
        let malformed = "its claims are not those of a session";
        if bearer.last_verified_credential_id.is_empty() {
            return Err(malformed);
        }
        Ok(Caller {
            user: bearer.sub.parse().map_err(|_| malformed)?,
            session: bearer.sid.parse().map_err(|_| malformed)?,
            environment: bearer.environment_id.parse().map_err(|_| malformed)?,
            expires_at: Timestamp::from_second(bearer.exp).map_err(|_| malformed)?,
        })
    }

    /// Opens what was presented as an elevated access token.
    pub(crate) fn open_elevated(&self, token: &str) -> PresentedElevation {
        let claims = self.open::<Elevated>(token).ok().and_then(|claims| claims.into_claims());
        claims.map_or(PresentedElevation::Forged, PresentedElevation::Genuine)
    }

    fn open<T: DeserializeOwned>(&self, token: &str) -> Result<T, &'static str> {
        use jsonwebtoken::errors::ErrorKind;
        match jsonwebtoken::decode::<T>(token, &self.opening, &self.validation) {
            Ok(opened) => Ok(opened.claims),
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
