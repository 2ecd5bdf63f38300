//! The app's own issuer of JWTs, whose key the suite holds.

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::Value;

use crate::stage::{Halt, Stage};

/// Lets the environment trust the issuer.
pub(super) fn trust(stage: &mut Stage) -> Result<(), Halt> {
    let keys: Value = serde_json::from_str(fixtures::keys::ISSUER_JWKS_JSON)
        .map_err(|error| Halt::Harness(error.to_string()))?;
    stage.set("externalAuth.jwks", keys)?;
    stage.set("externalAuth.enabled", true)
}

/// Signs claims as the issuer does.
pub(super) fn signed(claims: &Value) -> Result<String, Halt> {
    let wrong = |error: jsonwebtoken::errors::Error| Halt::Harness(error.to_string());
    let key = EncodingKey::from_ec_pem(fixtures::keys::ISSUER_PEM.as_bytes()).map_err(wrong)?;
    let kid = Some(fixtures::keys::ISSUER_KEY_ID.to_owned());
    let header = Header { kid, ..Header::new(Algorithm::ES256) };
    jsonwebtoken::encode(&header, claims, &key).map_err(wrong)
}
