//! Tokens on the wire: claims to compact JWS and back (RFC 7515, RFC 7519), and the JWKS.
//!
//! RS256 only (rule J2). Signatures are judged here, times are not: the engine does that by its
//! own clock, so the library's look at the system's clock is switched off.
//!
//! | step | room |
//! |---|---|
//! | which key, and is the signature its own | [`key`] |
//! | was this very token found genuine before | [`seen`] |
//! | what do its claims say | here |

use std::borrow::Cow;
use std::sync::Arc;

use jiff::Timestamp;
use mfa_engine::{Caller, ElevatedClaims, Grant, KeyNumber, KeyRing, PresentedElevation};
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::body::claims::{Elevated, SessionPayload};
use crate::mock::MockError;

mod key;
mod seen;

pub(crate) use key::{Key, KeySet, bare};
use key::{Keys, UNDECODABLE};
use seen::Seen;

/// Elevated tokens that are remembered. They live for minutes, and most are good for one use.
const ELEVATIONS_MAX: usize = 256;

/// Signs claims, opens tokens, shows the public halves of keys: one for each service.
pub(crate) struct Sealer {
    keys: Arc<Keys>,
    bearers: Seen<Caller>,
    elevations: Seen<ElevatedClaims>,
}

/// The claims of a bearer token that decide who calls.
///
/// An elevated token lacks `last_verified_credential_id`, so it can never serve as a bearer.
#[derive(Deserialize)]
struct Bearer<'token> {
    #[serde(borrow)]
    sub: Cow<'token, str>,
    #[serde(borrow)]
    sid: Cow<'token, str>,
    #[serde(borrow)]
    environment_id: Cow<'token, str>,
    exp: i64,
    #[serde(borrow)]
    last_verified_credential_id: Cow<'token, str>,
    // Not read; but a claim of RFC 7519 section 4.1 that comes twice makes a token malformed.
    #[serde(rename = "iss")]
    _issuer: Option<IgnoredAny>,
    #[serde(rename = "aud")]
    _audience: Option<IgnoredAny>,
    #[serde(rename = "nbf")]
    _not_before: Option<IgnoredAny>,
}

impl Sealer {
    /// A sealer with the published test keys, which remembers that many genuine tokens.
    ///
    /// # Errors
    /// The published keys cannot be used.
    pub(crate) fn published(tokens_max: usize) -> Result<Self, MockError> {
        let elevations_max = tokens_max.min(ELEVATIONS_MAX);
        Ok(Self {
            keys: Keys::published()?,
            bearers: Seen::new(tokens_max),
            elevations: Seen::new(elevations_max),
        })
    }

    /// A key by its number.
    pub(crate) fn key(&self, number: KeyNumber) -> Option<&Key> {
        self.keys.key(number)
    }

    /// The JSON Web Key Set of an environment: every key whose tokens are good, and no other.
    pub(crate) fn jwks(&self, ring: &KeyRing) -> KeySet<'_> {
        self.keys.jwks(ring)
    }

    /// The short token: the bearer (rule J1).
    pub(crate) fn minified(&self, grant: &Grant) -> String {
        let key = self.keys.signing_key(grant.claims.key);
        key.seal(&SessionPayload::minified(grant, key.id()))
    }

    /// The long token: for the client's eyes.
    pub(crate) fn full(&self, grant: &Grant) -> String {
        let key = self.keys.signing_key(grant.claims.key);
        key.seal(&SessionPayload::full(grant, key.id()))
    }

    /// An elevated access token (rule E6).
    pub(crate) fn elevated(&self, claims: &ElevatedClaims, grant: &Grant) -> String {
        let key = self.keys.signing_key(claims.key);
        key.seal(&Elevated::of(claims, &grant.claims.issuer_host, key.id()))
    }

    /// Opens a bearer token; its signature is genuine if this succeeds.
    ///
    /// # Errors
    /// What is wrong with it, for the journal.
    pub(crate) fn open_bearer(&self, token: &str) -> Result<Caller, &'static str> {
        if let Some(caller) = self.bearers.find(token) {
            return Ok(caller);
        }
        let (claims, key) = self.keys.open(token)?;
        let caller = caller(&claims, key)?;
        self.bearers.keep(token, caller.clone());
        Ok(caller)
    }

    /// Opens what was presented as an elevated access token.
    pub(crate) fn open_elevated(&self, token: &str) -> PresentedElevation {
        if let Some(claims) = self.elevations.find(token) {
            return PresentedElevation::Genuine(claims);
        }
        let opened = self.keys.open(token).ok();
        let claims = opened.and_then(|(claims, key)| {
            serde_json::from_slice::<Elevated>(&claims).ok()?.into_claims(key)
        });
        match claims {
            Some(claims) => {
                self.elevations.keep(token, claims.clone());
                PresentedElevation::Genuine(claims)
            }
            None => PresentedElevation::Forged,
        }
    }
}

/// Who calls, by the claims of a genuine token.
fn caller(claims: &[u8], key: KeyNumber) -> Result<Caller, &'static str> {
    let bearer: Bearer<'_> = serde_json::from_slice(claims).map_err(|_| UNDECODABLE)?;
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
