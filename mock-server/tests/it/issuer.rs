//! The app's own issuer: it signs JWTs with the published test key of the fixtures.

use fixtures::keys;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use mock_server::policy::{Jwks, Policy};
use serde_json::Value;

/// Lets a world take the issuer's JWTs.
pub(crate) fn trust(policy: &mut Policy) {
    policy.external_auth.enabled = true;
    policy.external_auth.jwks = key_set(keys::ISSUER_JWKS_JSON);
}

pub(crate) fn key_set(json: &str) -> Jwks {
    serde_json::from_str(json).unwrap()
}

/// Signs claims as the issuer does.
pub(crate) fn sign(claims: &Value) -> String {
    sign_with(&header(), claims)
}

/// Signs claims under a header of one's own.
pub(crate) fn sign_with(header: &Header, claims: &Value) -> String {
    let key = EncodingKey::from_ec_pem(keys::ISSUER_PEM.as_bytes()).unwrap();
    jsonwebtoken::encode(header, claims, &key).unwrap()
}

pub(crate) fn header() -> Header {
    Header { kid: Some(keys::ISSUER_KEY_ID.to_owned()), ..Header::new(Algorithm::ES256) }
}
