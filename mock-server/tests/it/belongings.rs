//! Something of every kind that a user can have, and the ids by which calls name it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::authenticator::Authenticator;
use crate::client::{Client, text};
use crate::wallet_key::TestWallet;

/// Values for the placeholders of a path or a body, by their names.
#[derive(Clone, Debug, Default)]
pub(crate) struct Belongings(BTreeMap<&'static str, String>);

impl Belongings {
    /// Makes one of everything for a signed-in user with a TOTP device.
    ///
    /// The world must let this be done without elevated tokens; `friend` is the id of another user.
    pub(crate) fn of(client: &Client, friend: &str) -> Self {
        let wallet = text(&create_wallet(client)["walletId"]);
        let reshare = json!({
            "clientKeygenIds": ["k"], "oldThresholdSignatureScheme": "TWO_OF_TWO",
            "newThresholdSignatureScheme": "TWO_OF_TWO", "delegateToProjectEnvironment": true,
        });
        client.post(&format!("waas/{wallet}/reshare"), &reshare).ok(200);
        let shown = credential(client, &wallet);
        let account =
            text(&client.post("businessAccounts", &json!({ "name": "Acme" })).ok(201)["id"]);
        let link = json!({ "walletId": wallet, "businessAccountId": account });
        client.post("businessAccounts/linkWallet", &link).ok(200);
        let member = json!({ "role": "viewer", "userId": friend });
        client.post(&format!("businessAccounts/{account}/members"), &member).ok(201);
        let signer = json!({
            "signerType": "server", "clientKeygenIds": ["k"],
            "oldThresholdSignatureScheme": "TWO_OF_TWO", "newThresholdSignatureScheme": "TWO_OF_TWO",
        });
        let signers = format!("businessAccounts/{account}/wallets/{wallet}/signers");
        let signer = text(&client.post(&signers, &signer).ok(201)["id"]);
        let (linked, passkey) = (link_wallet(client), enrol_passkey(client));
        Self(BTreeMap::from([
            ("credentialId", linked),
            ("passkeyId", passkey),
            ("providerType", "google".to_owned()),
            ("mfaDeviceId", client.device()),
            ("walletId", wallet),
            ("walletAddress", text(&shown["address"])),
            ("shareSetId", text(&shown["wallet_properties"]["otherShareSets"][0]["shareSetId"])),
            ("activityId", "00000000-0000-4000-8000-000000000000".to_owned()),
            ("businessAccountId", account),
            ("userId", friend.to_owned()),
            ("signerId", signer),
        ]))
    }

    /// The same with another value in one place.
    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.0.insert(name, value.to_owned());
        self
    }

    /// A path or a body with every `{name}` replaced; a JSON brace is followed by a quote.
    #[track_caller]
    pub(crate) fn fill(&self, template: &str) -> String {
        let mut filled = template.to_owned();
        for (name, value) in &self.0 {
            filled = filled.replace(&format!("{{{name}}}"), value);
        }
        assert_eq!(
            placeholder(&filled),
            None,
            "`{template}` names something that nobody here has: add it to tests/it/belongings.rs"
        );
        filled
    }
}

/// The first `{name}` in a path or a body.
pub(crate) fn placeholder(template: &str) -> Option<&str> {
    template.split('{').skip(1).find_map(|rest| {
        let (name, _) = rest.split_once('}')?;
        let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphabetic());
        is_name.then_some(name)
    })
}

/// Links a wallet of the user's own; the id of its credential.
fn link_wallet(client: &Client) -> String {
    let wallet = TestWallet::numbered(77);
    let linked = client.post("verify/link", &wallet.signs_for(client)).ok(200);
    let credentials = linked["user"]["verifiedCredentials"].as_array().unwrap();
    let address = |credential: &&Value| {
        credential["address"]
            .as_str()
            .is_some_and(|found| found.eq_ignore_ascii_case(&wallet.address()))
    };
    text(&credentials.iter().find(address).expect("the wallet is linked")["id"])
}

/// Registers a passkey; its id.
fn enrol_passkey(client: &Client) -> String {
    let made = Authenticator::new(77).make(&client.creation());
    client.post("users/passkeys/register", &made).ok(200);
    text(&client.passkeys()[0]["id"])
}

/// Makes an embedded wallet.
pub(crate) fn create_wallet(client: &Client) -> Value {
    let body = json!({ "chain": "EVM", "clientKeygenIds": ["k1"] });
    client.post("waas/create", &body).ok(200)
}

/// The credential by which the user is shown a wallet.
pub(crate) fn credential(client: &Client, wallet: &str) -> Value {
    let user = client.get("users").ok(200);
    let credentials = user["verifiedCredentials"].as_array().unwrap();
    let found = credentials.iter().find(|credential| credential["id"] == json!(wallet));
    found.cloned().unwrap_or(Value::Null)
}
