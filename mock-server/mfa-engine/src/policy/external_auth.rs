//! Settings of the app's own issuer of JWTs, its keys included.

use std::collections::BTreeSet;

use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};

use super::range::{PolicyError, within};

/// Keys that an issuer may have at once: enough for any rotation.
const KEYS_MAX: u64 = 16;

/// Rules E23 and E24, and `security.externalAuth` of the project settings.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ExternalAuth {
    /// Whether JWTs of the issuer are taken.
    pub enabled: bool,
    /// What `iss` must be; absent: anything.
    pub issuer: Option<String>,
    /// What `aud` must name; absent: anything.
    pub audience: Option<String>,
    /// The public keys of the issuer. The service fetches a key set from a URL, this one is told it.
    pub jwks: Jwks,
    /// Seconds by which the issuer's clock may be wrong, at most an hour.
    pub clock_skew_seconds: u32,
    /// The cookie that carries the JWT of a sign-in whose body has none.
    pub cookie_name: Option<String>,
    /// What becomes of words in `scope` that are no scopes of the API.
    pub unknown_scopes: UnknownScopes,
}

/// What becomes of words in an assertion's `scope` that are no scopes of the API.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnknownScopes {
    /// The assertion is refused.
    #[default]
    Refuse,
    /// They are not granted; the others are.
    Ignore,
}

/// A key set (RFC 7517, section 5).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Jwks {
    /// The keys.
    pub keys: Vec<Jwk>,
}

/// A public key (RFC 7517, section 4; RFC 7518, section 6; RFC 8037, section 2).
///
/// Members that are not known are ignored, as RFC 7517 demands; which members a kind of key needs
/// is checked with the other settings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Jwk {
    /// The name by which a JWT's header calls the key.
    pub kid: String,
    /// `RSA`, `EC` or `OKP`.
    pub kty: String,
    /// `RS256`, `ES256` or `EdDSA`; absent: the one that fits the kind of key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alg: Option<String>,
    /// `sig`, if it is said at all.
    #[serde(default, rename = "use", skip_serializing_if = "Option::is_none")]
    pub usage: Option<String>,
    /// `P-256` or `Ed25519`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crv: Option<String>,
    /// Modulus of an RSA key, base64url.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub n: Option<String>,
    /// Exponent of an RSA key, base64url.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub e: Option<String>,
    /// First coordinate of a point, or the whole public key, base64url.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub x: Option<String>,
    /// Second coordinate of a point, base64url.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub y: Option<String>,
    /// The private part, which must not be here; read so that it can be refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub d: Option<String>,
}

/// A public key whose members fit together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VerifyingKey<'key> {
    /// RS256: RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256 {
        /// The modulus, base64url.
        modulus: &'key str,
        /// The exponent, base64url.
        exponent: &'key str,
    },
    /// ES256: ECDSA on P-256 with SHA-256.
    Es256 {
        /// First coordinate, base64url.
        x: &'key str,
        /// Second coordinate, base64url.
        y: &'key str,
    },
    /// EdDSA on Ed25519.
    EdDsa {
        /// The public key, base64url.
        x: &'key str,
    },
}

impl Jwk {
    /// The key by its kind.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn verifying_key(&self) -> Result<VerifyingKey<'_>, &'static str> {
        if self.d.is_some() {
            return Err("it holds a private key; only the public half belongs here");
        }
        if self.usage.as_deref().is_some_and(|usage| usage != "sig") {
            return Err("its `use` is not `sig`");
        }
        let (key, alg) = match (self.kty.as_str(), self.crv.as_deref()) {
            ("RSA", _) => {
                let modulus =
                    member(&self.n, 256..=1_024, "`n` is no modulus of 2048 bits or more")?;
                let exponent = member(&self.e, 1..=8, "`e` is no exponent")?;
                (VerifyingKey::Rs256 { modulus, exponent }, "RS256")
            }
            ("EC", Some("P-256")) => {
                let x = member(&self.x, 32..=32, "`x` is no coordinate of 32 bytes")?;
                let y = member(&self.y, 32..=32, "`y` is no coordinate of 32 bytes")?;
                (VerifyingKey::Es256 { x, y }, "ES256")
            }
            ("OKP", Some("Ed25519")) => {
                let x = member(&self.x, 32..=32, "`x` is no key of 32 bytes")?;
                (VerifyingKey::EdDsa { x }, "EdDSA")
            }
            ("EC", _) => return Err("its `crv` is not P-256"),
            ("OKP", _) => return Err("its `crv` is not Ed25519"),
            _ => return Err("its `kty` is none of RSA, EC and OKP"),
        };
        match self.alg.as_deref().is_none_or(|said| said == alg) {
            true => Ok(key),
            false => Err("its `alg` is not the one for its kind: RS256, ES256 or EdDSA"),
        }
    }
}

impl ExternalAuth {
    pub(super) fn check(&self) -> Result<(), PolicyError> {
        within("externalAuth.clockSkewSeconds", self.clock_skew_seconds, 0, 3_600)?;
        // The project settings bound all three, and an empty one would be none.
        for (field, text) in [
            ("externalAuth.issuer", &self.issuer),
            ("externalAuth.audience", &self.audience),
            ("externalAuth.cookieName", &self.cookie_name),
        ] {
            within(field, text.as_ref().map_or(1, String::len) as u64, 1, 255)?;
        }
        let problem = |problem: String| Err(PolicyError { field: "externalAuth.jwks", problem });
        let mut names = BTreeSet::new();
        for (at, key) in self.jwks.keys.iter().enumerate() {
            if key.kid.is_empty() || key.kid.len() > 255 {
                return problem(format!("keys[{at}]: its `kid` is not 1 to 255 bytes long"));
            }
            if !names.insert(&key.kid) {
                return problem(format!("keys[{at}]: its `kid` is that of another key"));
            }
            if let Err(flaw) = key.verifying_key() {
                return problem(format!("keys[{at}]: {flaw}"));
            }
        }
        if self.enabled && names.is_empty() {
            return problem("there is no key, so no signature could be genuine".to_owned());
        }
        within("externalAuth.jwks", names.len() as u64, 0, KEYS_MAX)
    }

    /// The key of that name.
    pub fn key(&self, kid: &str) -> Option<&Jwk> {
        self.jwks.keys.iter().find(|key| key.kid == kid)
    }
}

/// A member of so many bytes, as text.
fn member<'key>(
    text: &'key Option<String>,
    bytes: core::ops::RangeInclusive<usize>,
    flaw: &'static str,
) -> Result<&'key str, &'static str> {
    let text = text.as_deref().ok_or(flaw)?;
    let decoded = BASE64URL_NOPAD.decode(text.as_bytes()).map_err(|_| flaw)?;
    bytes.contains(&decoded.len()).then_some(text).ok_or(flaw)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(json: &str) -> Jwk {
        serde_json::from_str(json).unwrap()
    }

    fn flaw(json: &str) -> &'static str {
        key(json).verifying_key().unwrap_err()
    }

    #[test]
    fn the_published_keys_are_keys() {
        for (text, alg) in
            [(fixtures::keys::JWKS_JSON, "RS256"), (fixtures::keys::ISSUER_JWKS_JSON, "ES256")]
        {
            let jwks: Jwks = serde_json::from_str(text).unwrap();
            let key = jwks.keys[0].verifying_key().unwrap();
            let is = match key {
                VerifyingKey::Rs256 { .. } => "RS256",
                VerifyingKey::Es256 { .. } => "ES256",
                VerifyingKey::EdDsa { .. } => "EdDSA",
            };
            assert_eq!(is, alg);
            let enabled = ExternalAuth { enabled: true, jwks, ..ExternalAuth::default() };
            assert_eq!(enabled.check(), Ok(()));
        }
        let x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
        let key = key(&format!(r#"{{"kid":"a","kty":"OKP","crv":"Ed25519","x":"{x}","x5t":"?"}}"#));
        assert_eq!(key.verifying_key(), Ok(VerifyingKey::EdDsa { x }));
    }

    #[test]
    fn a_key_that_cannot_verify_is_refused_by_its_flaw() {
        let x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
        let okp =
            |more: &str| format!(r#"{{"kid":"a","kty":"OKP","crv":"Ed25519","x":"{x}"{more}}}"#);
        assert_eq!(key(&okp("")).verifying_key(), Ok(VerifyingKey::EdDsa { x }));
        let private = okp(r#","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A""#);
        assert_eq!(flaw(&private), "it holds a private key; only the public half belongs here");
        assert_eq!(flaw(&okp(r#","use":"enc""#)), "its `use` is not `sig`");
        let other = "its `alg` is not the one for its kind: RS256, ES256 or EdDSA";
        for alg in ["RS256", "HS256", "none", "eddsa", ""] {
            assert_eq!(flaw(&okp(&format!(r#","alg":"{alg}""#))), other, "{alg}");
        }
        for (json, problem) in [
            (r#"{"kid":"a","kty":"oct","k":"AA"}"#, "its `kty` is none of RSA, EC and OKP"),
            (r#"{"kid":"a","kty":"EC","crv":"P-384"}"#, "its `crv` is not P-256"),
            (r#"{"kid":"a","kty":"OKP"}"#, "its `crv` is not Ed25519"),
            (r#"{"kid":"a","kty":"EC","crv":"P-256"}"#, "`x` is no coordinate of 32 bytes"),
            (r#"{"kid":"a","kty":"OKP","crv":"Ed25519","x":"AA=="}"#, "`x` is no key of 32 bytes"),
            (
                r#"{"kid":"a","kty":"RSA","n":"AQAB","e":"AQAB"}"#,
                "`n` is no modulus of 2048 bits or more",
            ),
        ] {
            assert_eq!(flaw(json), problem);
        }
    }
}
