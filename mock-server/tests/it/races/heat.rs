//! Tiny histories: something that works once is made, and then spent by many at once.
//!
//! A course makes one kind of prize after the other, cheaply, so that a soak can play a million of
//! them. What it hands out is a request; who sends it at once, and how, is up to the caller.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use data_encoding::HEXLOWER;
use mock_server::Mock;
use mock_server::policy::{MfaAction, Policy};
use serde_json::{Value, json};

use crate::authenticator::Authenticator;
use crate::client::{ALICE, Client, ELEVATED, MFA_TOKEN, legacy, policy, protect};

/// Heats after which a course is laid anew: nothing in it grows without end.
const LAP: u32 = 60;

/// What works once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Prize {
    TimeStep,
    RecoveryCode,
    MfaToken,
    ElevatedToken,
    Nonce,
    MailedCode,
    Challenge,
}

impl Prize {
    pub(crate) const ALL: [Self; 7] = [
        Self::TimeStep,
        Self::RecoveryCode,
        Self::MfaToken,
        Self::ElevatedToken,
        Self::Nonce,
        Self::MailedCode,
        Self::Challenge,
    ];

    /// The status of whoever comes too late.
    pub(crate) const fn loser(self) -> u16 {
        match self {
            Self::TimeStep | Self::RecoveryCode | Self::MailedCode | Self::Challenge => 422,
            Self::MfaToken | Self::Nonce => 401,
            Self::ElevatedToken => 403,
        }
    }

    fn policy(self) -> Policy {
        let patient = |policy: &mut Policy| policy.totp.failures_max = 1_000;
        match self {
            Self::ElevatedToken => policy(|policy| {
                policy.elevation.single_use_scopes = "credential:link".parse().unwrap();
            }),
            Self::MfaToken => legacy(|policy| {
                patient(policy);
                policy.mfa.actions.push(protect(MfaAction::UserUpdate));
            }),
            _ => legacy(patient),
        }
    }
}

/// One request that may be granted once.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) method: &'static str,
    pub(crate) path: String,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
}

/// Makes one kind of prize in one environment.
pub(crate) struct Course {
    pub(crate) client: Client,
    prize: Prize,
    heats: u32,
    recovery_codes: Vec<String>,
    nonces: Vec<String>,
    authenticator: Authenticator,
    device: EcdsaKeyPair,
}

impl Course {
    pub(crate) fn new(mock: &Mock, environment: &str, prize: Prize) -> Self {
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &chance());
        let document = document.unwrap();
        let device =
            EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, document.as_ref()).unwrap();
        Self {
            client: Client::of(mock, environment),
            prize,
            heats: 0,
            recovery_codes: Vec::new(),
            nonces: Vec::new(),
            authenticator: Authenticator::new(1),
            device,
        }
    }

    /// An empty world, and in it whoever may win.
    fn lay(&mut self) {
        let client = &mut self.client;
        client.world.reset().unwrap();
        client.world.set_policy(self.prize.policy()).unwrap();
        client.bearer = None;
        self.recovery_codes.clear();
        self.nonces.clear();
        match self.prize {
            Prize::TimeStep | Prize::MfaToken => {
                client.seed_alice();
                client.sign_in(ALICE);
            }
            Prize::RecoveryCode => {
                client.seed_alice();
                client.sign_in(ALICE);
                client.pass_totp(json!({}));
            }
            Prize::ElevatedToken | Prize::Nonce => drop(client.sign_in(ALICE)),
            Prize::MailedCode => {}
            Prize::Challenge => {
                client.sign_in(ALICE);
                self.authenticator = Authenticator::new(1);
                let options = client.get("users/passkeys/register").ok(200);
                let made = self.authenticator.make(&options);
                let reply = client.post("users/passkeys/register", &made);
                client.keep(reply).ok(200);
            }
        }
    }

    /// Makes the next prize, and the request that wins it.
    pub(crate) fn next(&mut self) -> Entry {
        if self.heats.is_multiple_of(LAP) {
            self.lay();
        }
        self.heats += 1;
        match self.prize {
            Prize::TimeStep => {
                self.client.advance(30);
                let code = self.client.code();
                self.entry("POST", "users/mfa/auth/totp", &json!({ "code": code }))
            }
            Prize::RecoveryCode => {
                let code = self.recovery_code();
                self.entry("POST", "users/mfa/auth/recovery", &json!({ "code": code }))
            }
            Prize::MfaToken => {
                let token = self.client.mfa_token(true);
                let body = json!({ "firstName": "Alice" });
                self.entry("PUT", "users", &body).with(MFA_TOKEN, token)
            }
            Prize::ElevatedToken => {
                let token = self.client.elevate_by_email(&["credential:link"]);
                let entry = self.entry("GET", "users/mfa/register/totp", &Value::Null);
                entry.with(ELEVATED, token)
            }
            Prize::Nonce => self.signed_nonce(),
            Prize::MailedCode => {
                let (id, code) = self.client.mail(ALICE);
                let body = json!({ "verificationUUID": id, "verificationToken": code });
                self.entry("POST", "emailVerifications/signin", &body)
            }
            Prize::Challenge => {
                let options = self.client.get("users/passkeys/authenticate").ok(200);
                let body = self.authenticator.sign_in(&options);
                self.entry("POST", "users/mfa/auth/passkey", &body)
            }
        }
    }

    fn entry(&self, method: &'static str, path: &str, body: &Value) -> Entry {
        let mut headers = vec![("content-type", "application/json".to_owned())];
        let bearer = self.client.bearer.as_ref();
        headers.extend(bearer.map(|bearer| ("authorization", format!("Bearer {bearer}"))));
        let body = if body.is_null() { String::new() } else { body.to_string() };
        Entry { method, path: self.client.path(path), headers, body }
    }

    fn recovery_code(&mut self) -> String {
        if self.recovery_codes.is_empty() {
            let drawn = self.client.post("users/mfa/recovery", &json!({})).ok(200);
            self.recovery_codes = serde_json::from_value(drawn["recoveryCodes"].clone()).unwrap();
        }
        self.recovery_codes.pop().unwrap()
    }

    /// A refresh with the device's signature over a nonce (rule W2).
    fn signed_nonce(&mut self) -> Entry {
        if self.nonces.is_empty() {
            let issued = self.client.get("nonces?count=5").ok(200);
            self.nonces = serde_json::from_value(issued["nonces"].clone()).unwrap();
        }
        let nonce = self.nonces.pop().unwrap();
        let signature = self.device.sign(&chance(), nonce.as_bytes()).unwrap();
        let key = HEXLOWER.encode(self.device.public_key().as_ref());
        self.entry("POST", "refresh", &Value::Null)
            .with("x-dynamic-device-nonce", nonce)
            .with("x-dynamic-device-publickey", key)
            .with("x-dynamic-device-signed-nonce", HEXLOWER.encode(signature.as_ref()))
    }
}

/// Keys and signatures of the device; nothing that the service decides depends on them.
fn chance() -> SystemRandom {
    SystemRandom::new()
}

impl Entry {
    fn with(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
    }

    /// Sends it straight to the service.
    pub(crate) fn send(&self, mock: &Mock) -> u16 {
        let headers: Vec<_> =
            self.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        crate::client::send(mock, self.method, &self.path, &headers, self.body.clone()).status
    }
}

/// What is wrong with the end of a heat; nothing, if exactly one has won.
pub(crate) fn foul(prize: Prize, statuses: &[u16]) -> Option<String> {
    let winners = statuses.iter().filter(|status| (200..300).contains(*status)).count();
    let losers = statuses.iter().filter(|status| **status == prize.loser()).count();
    let is_fair = winners == 1 && losers == statuses.len() - 1;
    (!is_fair).then(|| format!("{prize:?}: {statuses:?}"))
}
