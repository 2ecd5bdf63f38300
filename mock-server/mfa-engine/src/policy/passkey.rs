//! Settings of passkeys: the relying party of WebAuthn, and how strict it is.

use serde::{Deserialize, Serialize};

use super::range::{PolicyError, within};

/// Rules P1 to P9 and U33; the words are those of WebAuthn Level 3.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Passkey {
    /// The relying party's id: a host, never an IP address (WebAuthn section 5.1.2).
    pub rp_id: String,
    /// The relying party's name, shown by authenticators.
    pub rp_name: String,
    /// Other relying party ids that `relatedOriginRpId` may ask for (P6).
    pub related_rp_ids: Vec<String>,
    /// Origins that ceremonies may come from; one `*` stands for a part of a host, or for a port.
    pub allowed_origins: Vec<String>,
    /// Whether a ceremony may run in a frame of another site (WebAuthn section 13.4.9).
    pub cross_origin: bool,
    /// Whether the authenticator must have verified its user.
    pub user_verification: UserVerification,
    /// Whether the authenticator shall make a credential that it can find by itself.
    pub resident_key: ResidentKey,
    /// Key types offered to authenticators, the best one first.
    pub algorithms: Vec<PasskeyAlgorithm>,
    /// Attestation statements that are taken; `none` is always what is asked for.
    pub attestation_formats: Vec<AttestationFormat>,
    /// What a signature counter that did not grow leads to (WebAuthn section 6.1.1).
    pub counter: CounterRule,
    /// Life of a challenge in seconds.
    pub challenge_life_seconds: u32,
    /// Whether a challenge outlives a ceremony that was refused.
    pub challenge_survives_refusal: bool,
    /// How long the authenticator may take, in milliseconds; a hint to the client.
    pub timeout_milliseconds: u32,
    /// Passkeys that a user may hold (`max_passkeys_per_user`; P7, no number is published).
    pub max_per_user: u16,
    /// Whether passkeys open sessions (P2).
    pub sign_in: bool,
    /// Whether signing in with a passkey passes the second factor as well (P1).
    pub sign_in_passes_mfa: bool,
}

/// `UserVerificationRequirement` (WebAuthn section 5.8.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UserVerification {
    /// Refused without it.
    Required,
    /// Asked for, and taken without it.
    Preferred,
    /// Not asked for.
    Discouraged,
}

/// `ResidentKeyRequirement` (WebAuthn section 5.4.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResidentKey {
    /// The authenticator can find the credential by itself, or none is made.
    Required,
    /// It can if it is able to.
    Preferred,
    /// It need not.
    Discouraged,
}

/// A signature algorithm by its JOSE name (IANA COSE Algorithms).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum PasskeyAlgorithm {
    /// ECDSA on P-256 with SHA-256, COSE -7.
    #[serde(rename = "ES256")]
    Es256,
    /// EdDSA on Ed25519, COSE -8.
    #[serde(rename = "EdDSA")]
    EdDsa,
    /// RSASSA-PKCS1-v1_5 with SHA-256, COSE -257.
    #[serde(rename = "RS256")]
    Rs256,
}

/// An attestation statement format (WebAuthn section 8).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttestationFormat {
    /// `none`: the statement is empty.
    None,
    /// `packed` signed with the credential's own key. Clients leave such a statement in place
    /// even when `none` was asked for (WebAuthn section 5.1.3).
    PackedSelf,
}

/// What a signature counter that did not grow leads to (WebAuthn section 6.1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CounterRule {
    /// The ceremony is refused: the authenticator may have been cloned.
    Refuse,
    /// Nothing; the higher number is kept.
    Ignore,
}

impl PasskeyAlgorithm {
    /// The number that COSE gives it.
    pub const fn cose(self) -> i32 {
        match self {
            Self::Es256 => -7,
            Self::EdDsa => -8,
            Self::Rs256 => -257,
        }
    }
}

impl Passkey {
    pub(super) fn check(&self) -> Result<(), PolicyError> {
        let bad = |field, problem: &str| Err(PolicyError { field, problem: problem.to_owned() });
        if self.rp_id.is_empty() || self.related_rp_ids.iter().any(String::is_empty) {
            return bad("passkey.rpId", "a relying party id is a host and not empty");
        }
        if self.rp_name.is_empty() {
            return bad("passkey.rpName", "a name is not empty");
        }
        if self.allowed_origins.iter().any(|pattern| pattern.matches('*').count() > 1) {
            return bad("passkey.allowedOrigins", "a pattern has at most one `*`");
        }
        if self.algorithms.is_empty() {
            return bad("passkey.algorithms", "no authenticator can serve an empty list");
        }
        within("passkey.challengeLifeSeconds", self.challenge_life_seconds, 1, 86_400)?;
        within("passkey.timeoutMilliseconds", self.timeout_milliseconds, 1, 86_400_000)?;
        within("passkey.maxPerUser", self.max_per_user, 1, 1_000)
    }

    /// Whether a ceremony may come from an origin (WebAuthn section 13.4.9).
    pub fn allows_origin(&self, origin: &str) -> bool {
        self.allowed_origins.iter().any(|pattern| fits(pattern, origin))
    }
}

/// Whether an origin fits a pattern.
///
/// A `*` behind a colon stands for a port, any other for labels of a host: it never reaches
/// across a `/`, `:` or `@`, so a pattern cannot be widened by what an origin hides behind them.
fn fits(pattern: &str, origin: &str) -> bool {
    let Some((head, tail)) = pattern.split_once('*') else { return pattern == origin };
    let Some(middle) = origin.strip_prefix(head).and_then(|rest| rest.strip_suffix(tail)) else {
        return false;
    };
    let is_part: fn(u8) -> bool = match head.ends_with(':') {
        true => |byte| byte.is_ascii_digit(),
        false => |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_'),
    };
    !middle.is_empty() && middle.bytes().all(is_part)
}

impl Default for Passkey {
    fn default() -> Self {
        let localhost = ["http://localhost", "http://localhost:*"];
        let secure = ["https://localhost", "https://localhost:*"];
        Self {
            rp_id: "localhost".to_owned(),
            rp_name: "Dynamic mock".to_owned(),
            related_rp_ids: Vec::new(),
            allowed_origins: localhost.into_iter().chain(secure).map(str::to_owned).collect(),
            cross_origin: false,
            user_verification: UserVerification::Preferred,
            resident_key: ResidentKey::Preferred,
            algorithms: vec![
                PasskeyAlgorithm::Es256,
                PasskeyAlgorithm::EdDsa,
                PasskeyAlgorithm::Rs256,
            ],
            attestation_formats: vec![AttestationFormat::None, AttestationFormat::PackedSelf],
            counter: CounterRule::Refuse,
            challenge_life_seconds: 300,
            challenge_survives_refusal: true,
            timeout_milliseconds: 60_000,
            max_per_user: 10,
            sign_in: true,
            sign_in_passes_mfa: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_fit_whole_or_in_one_part() {
        let local = Passkey::default();
        for origin in ["http://localhost", "http://localhost:3000", "https://localhost:1"] {
            assert!(local.allows_origin(origin), "{origin}");
        }
        for origin in [
            "http://localhost:",
            "http://localhost:3000.evil.example",
            "http://localhost:80@evil.example",
            "http://localhost.evil.example",
            "http://127.0.0.1:3000",
            "HTTP://localhost",
            "null",
            "",
        ] {
            assert!(!local.allows_origin(origin), "{origin}");
        }
        let allowed_origins = vec!["https://*.example.com".to_owned()];
        let site = Passkey { allowed_origins, ..Passkey::default() };
        assert!(site.allows_origin("https://a.b.example.com"));
        for origin in ["https://.example.com/", "https://example.com", "https://a/b.example.com"] {
            assert!(!site.allows_origin(origin), "{origin}");
        }
    }

    #[test]
    fn every_range_is_checked() {
        let broken: [fn(&mut Passkey); 8] = [
            |passkey| passkey.rp_id.clear(),
            |passkey| passkey.related_rp_ids.push(String::new()),
            |passkey| passkey.rp_name.clear(),
            |passkey| passkey.allowed_origins.push("https://*.*".to_owned()),
            |passkey| passkey.algorithms.clear(),
            |passkey| passkey.challenge_life_seconds = 0,
            |passkey| passkey.timeout_milliseconds = 0,
            |passkey| passkey.max_per_user = 1_001,
        ];
        assert_eq!(Passkey::default().check(), Ok(()));
        for breaking in broken {
            let mut passkey = Passkey::default();
            breaking(&mut passkey);
            assert!(passkey.check().is_err(), "{passkey:?}");
        }
    }
}
