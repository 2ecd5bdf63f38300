//! The payloads of the three kinds of JWT (rules J4 to J6, E6).

use jiff::Timestamp;
use mfa_engine::{ElevatedClaims, Grant, KeyNumber, ScopeSet, SessionScope};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use super::credential::{Hashes, VerifiedCredential};
use super::user::date;

/// The payload of a session's JWT: `MinifiedDynamicJwt`, or `DynamicJwt` where the last part of
/// the fields is filled in as well.
#[derive(Serialize)]
pub(crate) struct SessionPayload<'grant> {
    kid: &'grant str,
    aud: &'grant str,
    iss: String,
    sub: String,
    sid: String,
    exp: i64,
    iat: i64,
    environment_id: String,
    last_verified_credential_id: String,
    signin_credential_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_public_key: Option<&'grant str>,
    scope: String,
    #[serde(rename = "verifiedCredentialsHashes")]
    verified_credentials_hashes: Hashes,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'grant str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<&'grant str>,
    #[serde(rename = "sdkVersion", skip_serializing_if = "Option::is_none")]
    sdk_version: Option<&'grant str>,
    #[serde(rename = "deviceRegistrationId", skip_serializing_if = "Option::is_none")]
    device_registration_id: Option<String>,
    // Only in the long token, from here on.
    #[serde(skip_serializing_if = "Option::is_none")]
    alias: Option<&'grant str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    country: Option<&'grant str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    given_name: Option<&'grant str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    family_name: Option<&'grant str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    job_title: Option<&'grant str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lists: Option<[&'static str; 0]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    missing_fields: Option<[&'static str; 0]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    verified_credentials: Option<Vec<VerifiedCredential<'grant>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_visit: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_visit: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    new_user: Option<bool>,
}

/// The payload of an elevated access token.
#[derive(Serialize, Deserialize)]
pub(crate) struct Elevated {
    kid: String,
    iss: String,
    sub: String,
    sid: String,
    environment_id: String,
    jti: String,
    iat: i64,
    exp: i64,
    scope: String,
    #[serde(rename = "singleUse")]
    single_use: bool,
    // Neither written nor read; but a claim of RFC 7519 section 4.1 that comes twice makes a token
    // malformed.
    #[serde(rename = "aud", skip_serializing)]
    _audience: Option<IgnoredAny>,
    #[serde(rename = "nbf", skip_serializing)]
    _not_before: Option<IgnoredAny>,
}

impl<'grant> SessionPayload<'grant> {
    /// The short token: the bearer.
    pub(crate) fn minified(grant: &'grant Grant, kid: &'grant str) -> Self {
        let (claims, user) = (&grant.claims, &grant.user);
        Self {
            kid,
            aud: audience(grant),
            iss: issuer(&claims.issuer_host, claims.environment),
            sub: claims.user.to_string(),
            sid: claims.session.to_string(),
            exp: claims.expires_at.as_second(),
            iat: claims.issued_at.as_second(),
            environment_id: claims.environment.to_string(),
            last_verified_credential_id: claims.last_credential.to_string(),
            signin_credential_id: claims.signin_credential.to_string(),
            session_public_key: claims.client.session_public_key.as_deref(),
            scope: words(&claims.scopes),
            verified_credentials_hashes: Hashes::of(&user.credentials),
            email: user.email(),
            username: user.profile.username.as_deref(),
            sdk_version: claims.client.sdk_version.as_deref(),
            device_registration_id: claims.device_registration.map(|id| id.to_string()),
            alias: None,
            country: None,
            given_name: None,
            family_name: None,
            job_title: None,
            lists: None,
            missing_fields: None,
            verified_credentials: None,
            first_visit: None,
            last_visit: None,
            new_user: None,
        }
    }

    /// The long token: the same, and what it tells the client about the user.
    pub(crate) fn full(grant: &'grant Grant, kid: &'grant str) -> Self {
        let user = &grant.user;
        let profile = &user.profile;
        Self {
            alias: profile.alias.as_deref(),
            country: profile.country.as_deref(),
            given_name: profile.first_name.as_deref(),
            family_name: profile.last_name.as_deref(),
            job_title: profile.job_title.as_deref(),
            lists: Some([]),
            missing_fields: Some([]),
            verified_credentials: Some(VerifiedCredential::all_of(user)),
            first_visit: Some(date(user.first_visit)),
            last_visit: Some(date(user.last_visit)),
            new_user: Some(user.new_user),
            ..Self::minified(grant, kid)
        }
    }
}

impl Elevated {
    pub(crate) fn of(claims: &ElevatedClaims, issuer_host: &str, kid: &str) -> Self {
        Self {
            kid: kid.to_owned(),
            iss: issuer(issuer_host, claims.environment),
            sub: claims.user.to_string(),
            sid: claims.session.to_string(),
            environment_id: claims.environment.to_string(),
            jti: claims.id.to_string(),
            iat: claims.issued_at.as_second(),
            exp: claims.expires_at.as_second(),
            scope: claims.scopes.to_string(),
            single_use: claims.single_use,
            _audience: None,
            _not_before: None,
        }
    }

    /// The claims as the engine knows them; none if one does not parse.
    pub(crate) fn into_claims(self, key: KeyNumber) -> Option<ElevatedClaims> {
        Some(ElevatedClaims {
            id: self.jti.parse().ok()?,
            user: self.sub.parse().ok()?,
            session: self.sid.parse().ok()?,
            environment: self.environment_id.parse().ok()?,
            scopes: self.scope.parse::<ScopeSet>().ok()?,
            issued_at: Timestamp::from_second(self.iat).ok()?,
            expires_at: Timestamp::from_second(self.exp).ok()?,
            single_use: self.single_use,
            key,
        })
    }
}

/// Scopes as one space-separated string (rule J6).
pub(crate) fn words(scopes: &[SessionScope]) -> String {
    let words: Vec<&str> = scopes.iter().map(|scope| scope.as_str()).collect();
    words.join(" ")
}

/// `iss` is the host of the API and the environment (rules J4, U29).
fn issuer(host: &str, environment: mfa_engine::EnvironmentId) -> String {
    format!("{host}/{environment}")
}

/// `aud` is the origin of the site (rule J4); outside a browser there may be none.
fn audience(grant: &Grant) -> &str {
    grant.claims.client.origin.as_deref().unwrap_or("http://localhost")
}
