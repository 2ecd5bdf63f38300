//! The authenticator that the suite lends to every SDK: software passkeys, and a browser's part.
//!
//! ES256 only, attestation `none`. What a browser does around the authenticator (the client data
//! with its origin, the check that the relying party fits the origin) happens here too. Its habits
//! can be changed, so that a case can show an SDK a person who cancels, or a service a passkey
//! that was copied. Keys come from the case's name: a case can be played again to the byte.

mod answers;

use data_encoding::BASE64URL_NOPAD;
use driver_protocol::{Authenticator, Ceremony, Declined};
use p256::ecdsa::SigningKey;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::stage::ORIGIN;

/// COSE's number of ES256 (RFC 9053 section 2.1).
const ES256: i64 = -7;

/// What an authenticator and its person do when they are asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Habits {
    /// The origin in the client data.
    pub origin: String,
    /// The person does not do it, and the browser throws this.
    pub declines: Option<Declined>,
    /// Whether the person is verified, by a finger or a number.
    pub verifies_user: bool,
    /// Whether the signature counter grows; a copied passkey's stands still.
    pub counts: bool,
    /// Whether the browser looks that the relying party fits the origin.
    pub checks_rp: bool,
    /// Signs this challenge instead of the one in the options.
    pub challenge: Option<String>,
}

impl Default for Habits {
    fn default() -> Self {
        Self {
            origin: ORIGIN.to_owned(),
            declines: None,
            verifies_user: true,
            counts: true,
            checks_rp: true,
            challenge: None,
        }
    }
}

/// A software authenticator with the passkeys of one case.
#[derive(Clone)]
pub struct SoftwareAuthenticator {
    seed: [u8; 32],
    passkeys: Vec<Passkey>,
    /// What it does when it is asked.
    pub habits: Habits,
    performed: Vec<(Ceremony, Value)>,
}

/// One passkey.
#[derive(Clone)]
struct Passkey {
    id: Vec<u8>,
    rp_id: String,
    user_handle: String,
    key: SigningKey,
    counter: u32,
}

impl Default for SoftwareAuthenticator {
    fn default() -> Self {
        Self::for_case("")
    }
}

impl SoftwareAuthenticator {
    /// An authenticator without passkeys; those to come depend on the case's name.
    #[must_use]
    pub fn for_case(case: &str) -> Self {
        Self {
            seed: Sha256::digest(case.as_bytes()).into(),
            passkeys: Vec::new(),
            habits: Habits::default(),
            performed: Vec::new(),
        }
    }

    /// The ceremonies so far, with the options that the SDK handed over.
    #[must_use]
    pub fn performed(&self) -> &[(Ceremony, Value)] {
        &self.performed
    }

    /// The ids of its passkeys, as the API writes them.
    #[must_use]
    pub fn credential_ids(&self) -> Vec<String> {
        self.passkeys.iter().map(|passkey| BASE64URL_NOPAD.encode(&passkey.id)).collect()
    }

    /// Loses every passkey.
    pub fn forget(&mut self) {
        self.passkeys.clear();
    }

    fn create(&mut self, options: &Value) -> Result<Value, Declined> {
        let rp_id = self.rp_id(options.pointer("/rp/id"))?;
        let offered = options.get("pubKeyCredParams").and_then(Value::as_array);
        let is_offered = |entry: &Value| entry.get("alg").and_then(Value::as_i64) == Some(ES256);
        if !offered.into_iter().flatten().any(is_offered) {
            return Err(Declined::new("NotSupportedError", "pubKeyCredParams lacks ES256 (-7)"));
        }
        let excluded = listed(options, "excludeCredentials");
        if self.passkeys.iter().any(|passkey| excluded.contains(&passkey.id)) {
            let why = "one of excludeCredentials is here already";
            return Err(Declined::new("InvalidStateError", why));
        }
        let handle = text(options, "/user/id")?;
        let key = self.next_key()?;
        let id = Sha256::digest(key.to_bytes()).to_vec();
        let passkey = Passkey { id, rp_id, user_handle: handle, key, counter: 0 };
        let answer = answers::registration(&passkey, &self.habits, &self.challenge(options)?);
        self.passkeys.push(passkey);
        Ok(answer)
    }

    fn get(&mut self, options: &Value) -> Result<Value, Declined> {
        let rp_id = self.rp_id(options.get("rpId"))?;
        let challenge = self.challenge(options)?;
        let allowed = listed(options, "allowCredentials");
        let habits = self.habits.clone();
        let fits = |passkey: &&mut Passkey| {
            passkey.rp_id == rp_id && (allowed.is_empty() || allowed.contains(&passkey.id))
        };
        let Some(passkey) = self.passkeys.iter_mut().find(fits) else {
            return Err(Declined::new("NotAllowedError", "no passkey here fits the request"));
        };
        if habits.counts {
            passkey.counter = passkey.counter.saturating_add(1);
        }
        Ok(answers::assertion(passkey, &habits, &challenge))
    }

    /// The relying party's id, which must be the origin's host or a domain above it.
    fn rp_id(&self, asked: Option<&Value>) -> Result<String, Declined> {
        let origin = &self.habits.origin;
        let host = origin.split_once("://").map_or(origin.as_str(), |(_, rest)| rest);
        let host = host.split([':', '/']).next().unwrap_or_default();
        let id = asked.and_then(Value::as_str).unwrap_or(host);
        let fits = host == id || host.ends_with(&format!(".{id}"));
        if fits || !self.habits.checks_rp {
            return Ok(id.to_owned());
        }
        let why = format!("the relying party \"{id}\" does not fit the origin {origin}");
        Err(Declined::new("SecurityError", why))
    }

    fn challenge(&self, options: &Value) -> Result<String, Declined> {
        match &self.habits.challenge {
            Some(other) => Ok(other.clone()),
            None => text(options, "/challenge"),
        }
    }

    fn next_key(&self) -> Result<SigningKey, Declined> {
        let mut number = self.performed.len();
        // Zero and numbers beyond the order of the curve are no keys; the next digest will be.
        for _ in 0..8 {
            let digest =
                Sha256::new().chain_update(self.seed).chain_update(number.to_be_bytes()).finalize();
            if let Ok(key) = SigningKey::from_slice(&digest) {
                return Ok(key);
            }
            number += 1_000_000;
        }
        Err(Declined::new("UnknownError", "no key could be made"))
    }
}

impl Authenticator for SoftwareAuthenticator {
    fn perform(&mut self, ceremony: Ceremony, options: &Value) -> Result<Value, Declined> {
        self.performed.push((ceremony, options.clone()));
        if let Some(declined) = &self.habits.declines {
            return Err(declined.clone());
        }
        match ceremony {
            Ceremony::Create => self.create(options),
            Ceremony::Get => self.get(options),
        }
    }
}

/// A text that the options must have.
fn text(options: &Value, pointer: &str) -> Result<String, Declined> {
    let found = options.pointer(pointer).and_then(Value::as_str);
    found.map(str::to_owned).ok_or_else(|| {
        let why = format!("the options have no text at {pointer}");
        Declined::new("TypeError", why)
    })
}

/// The ids of a list of credential descriptors; what cannot be read fits no passkey.
fn listed(options: &Value, field: &str) -> Vec<Vec<u8>> {
    let entries = options.get(field).and_then(Value::as_array);
    let id = |entry: &Value| {
        BASE64URL_NOPAD.decode(entry.get("id")?.as_str()?.trim_end_matches('=').as_bytes()).ok()
    };
    entries.into_iter().flatten().map(|entry| id(entry).unwrap_or_default()).collect()
}

#[cfg(test)]
mod tests {
    use p256::ecdsa::signature::Verifier as _;
    use p256::ecdsa::{Signature, VerifyingKey};
    use serde_json::json;

    use super::*;

    fn create_options() -> Value {
        json!({
            "rp": { "id": "localhost", "name": "mock" },
            "user": { "id": "dXNlcg", "name": "alice", "displayName": "alice" },
            "challenge": "Y2hhbGxlbmdl",
            "pubKeyCredParams": [{ "type": "public-key", "alg": -7 }],
            "excludeCredentials": [],
        })
    }

    fn bytes(value: &Value, pointer: &str) -> Vec<u8> {
        BASE64URL_NOPAD
            .decode(value.pointer(pointer).unwrap().as_str().unwrap().as_bytes())
            .unwrap()
    }

    #[test]
    fn an_assertion_verifies_with_the_registered_key() {
        let mut device = SoftwareAuthenticator::for_case("a/case");
        let made = device.perform(Ceremony::Create, &create_options()).unwrap();
        let spki = bytes(&made, "/response/publicKey");
        let key = VerifyingKey::from_sec1_bytes(&spki[26..]).unwrap();

        let options = json!({ "challenge": "bmV4dA", "rpId": "localhost",
            "allowCredentials": [{ "id": made["id"], "type": "public-key" }] });
        let used = device.perform(Ceremony::Get, &options).unwrap();
        let client_data = bytes(&used, "/response/clientDataJSON");
        let said: Value = serde_json::from_slice(&client_data).unwrap();
        assert_eq!(said["challenge"], "bmV4dA");
        assert_eq!((&said["type"], &said["origin"]), (&json!("webauthn.get"), &json!(ORIGIN)));
        let mut signed = bytes(&used, "/response/authenticatorData");
        assert_eq!(signed.len(), 37);
        assert_eq!(signed[33..], [0, 0, 0, 1]);
        signed.extend(Sha256::digest(&client_data));
        let signature = Signature::from_der(&bytes(&used, "/response/signature")).unwrap();
        key.verify(&signed, &signature).unwrap();
        assert_eq!(used["response"]["userHandle"], "dXNlcg");
    }

    #[test]
    fn what_a_browser_would_refuse_is_declined_by_its_name() {
        let mut device = SoftwareAuthenticator::for_case("a/case");
        let name = |device: &mut SoftwareAuthenticator, ceremony, options: &Value| {
            device.perform(ceremony, options).unwrap_err().name
        };
        let mut other = create_options();
        other["rp"]["id"] = json!("example.org");
        assert_eq!(name(&mut device, Ceremony::Create, &other), "SecurityError");
        let mut rsa_only = create_options();
        rsa_only["pubKeyCredParams"][0]["alg"] = json!(-257);
        assert_eq!(name(&mut device, Ceremony::Create, &rsa_only), "NotSupportedError");
        let made = device.perform(Ceremony::Create, &create_options()).unwrap();
        let mut again = create_options();
        again["excludeCredentials"] = json!([{ "id": made["id"], "type": "public-key" }]);
        assert_eq!(name(&mut device, Ceremony::Create, &again), "InvalidStateError");
        let unknown = json!({ "challenge": "bmV4dA", "rpId": "localhost",
            "allowCredentials": [{ "id": "AAAA", "type": "public-key" }] });
        assert_eq!(name(&mut device, Ceremony::Get, &unknown), "NotAllowedError");
        device.habits.declines = Some(Declined::new("AbortError", "the person left"));
        assert_eq!(name(&mut device, Ceremony::Get, &unknown), "AbortError");
        assert_eq!(device.performed().len(), 6);
    }
}
