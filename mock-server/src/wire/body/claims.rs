//! The payloads of the three kinds of JWT (rules J4 to J6, E6).

use data_encoding::HEXLOWER;
use jiff::Timestamp;
use mfa_engine::{ElevatedClaims, Grant, ScopeSet, SessionScope};
use serde::{Deserialize, Serialize};
use sha2::Digest as _;

use super::user::{VerifiedCredential, date};

/// `MinifiedDynamicJwt`: the bearer.
#[derive(Serialize)]
pub(crate) struct Minified<'grant> {
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
}

/// `DynamicJwt`: for the client's eyes.
#[derive(Serialize)]
pub(crate) struct Full<'grant> {
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
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'grant str>,
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
    username: Option<&'grant str>,
    lists: [&'static str; 0],
    missing_fields: [&'static str; 0],
    verified_credentials: Vec<VerifiedCredential<'grant>>,
    first_visit: String,
    last_visit: String,
    new_user: bool,
    #[serde(rename = "verifiedCredentialsHashes")]
    verified_credentials_hashes: Hashes,
    #[serde(rename = "sdkVersion", skip_serializing_if = "Option::is_none")]
    sdk_version: Option<&'grant str>,
}

/// Digests of the credentials, by format. How the real service makes them is not published.
#[derive(Serialize)]
struct Hashes {
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
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
}

impl<'grant> Minified<'grant> {
    pub(crate) fn of(grant: &'grant Grant, kid: &'grant str) -> Self {
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
            verified_credentials_hashes: Hashes::of(grant),
            email: user.credentials.first().map(|credential| credential.email.as_str()),
            username: user.profile.username.as_deref(),
            sdk_version: claims.client.sdk_version.as_deref(),
        }
    }
}

impl<'grant> Full<'grant> {
    pub(crate) fn of(grant: &'grant Grant, kid: &'grant str) -> Self {
        let (claims, user) = (&grant.claims, &grant.user);
        let profile = &user.profile;
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
            email: user.credentials.first().map(|credential| credential.email.as_str()),
            alias: profile.alias.as_deref(),
            country: profile.country.as_deref(),
            given_name: profile.first_name.as_deref(),
            family_name: profile.last_name.as_deref(),
            job_title: profile.job_title.as_deref(),
            username: profile.username.as_deref(),
            lists: [],
            missing_fields: [],
            verified_credentials: user.credentials.iter().map(VerifiedCredential::of).collect(),
            first_visit: date(user.first_visit),
            last_visit: date(user.last_visit),
            new_user: user.new_user,
            verified_credentials_hashes: Hashes::of(grant),
            sdk_version: claims.client.sdk_version.as_deref(),
        }
    }
}

impl Hashes {
    fn of(grant: &Grant) -> Self {
        let emails: Vec<&str> =
            grant.user.credentials.iter().map(|credential| credential.email.as_str()).collect();
        let digest = || HEXLOWER.encode(&sha2::Sha256::digest(emails.join(",").as_bytes()));
        Self { email: (!emails.is_empty()).then(digest) }
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
        }
    }

    /// The claims as the engine knows them; none if one does not parse.
    pub(crate) fn into_claims(self) -> Option<ElevatedClaims> {
        Some(ElevatedClaims {
            id: self.jti.parse().ok()?,
            user: self.sub.parse().ok()?,
            session: self.sid.parse().ok()?,
            environment: self.environment_id.parse().ok()?,
            scopes: self.scope.parse::<ScopeSet>().ok()?,
            issued_at: Timestamp::from_second(self.iat).ok()?,
            expires_at: Timestamp::from_second(self.exp).ok()?,
            single_use: self.single_use,
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
