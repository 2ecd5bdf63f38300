//! For each gate a world in which nothing but the gate can refuse the call.

use mock_server::{UserSeed, WalletSeed};
use serde_json::{Value, json};

use super::matrix::{Proof, open_for, proofs};
use crate::access::table::row;
use crate::authenticator::Authenticator;
use crate::belongings::{Belongings, create_wallet};
use crate::client::{Client, MFA_TOKEN, text};
use crate::routes::ROUTES;
use crate::wallet_key::TestWallet;

/// A world in which the call of one gate would succeed, and what can be presented there.
pub(super) struct Scene {
    pub(super) client: Client,
    pub(super) request: (&'static str, String, String),
    pub(super) snapshot: Value,
    pub(super) proofs: Vec<Proof>,
}

pub(super) fn scene(operation: &str, scope: &str) -> Scene {
    let (method, path, name) =
        *ROUTES.iter().find(|(_, _, name)| *name == operation).expect("a gated route is served");
    let mut client = Client::authenticated(open_for(operation));
    let friend = client.elsewhere("friend@example.com").get("users").ok(200);
    let mut belongings = Belongings::of(&client, friend["id"].as_str().unwrap());
    let proofs = proofs(&mut client, scope);
    let mut body = row(name).2.to_owned();
    // What the call needs so that nothing but the gate can refuse it.
    match operation {
        "verifyEmailVerification" => {
            let (id, code) = client.mail("second@example.com");
            body = json!({ "verificationUUID": id, "verificationToken": code }).to_string();
        }
        "registerTotpMfaDevice" => {
            let token = client.mfa_token(true);
            let path = format!("users/mfa/{}", client.device());
            client.delete(&path, &[(MFA_TOKEN, &token)]).ok(204);
        }
        "updateSelf" => body = json!({ "alias": "Al" }).to_string(),
        "restoreEmbeddedWallet" => {
            let path = belongings.fill("users/embeddedWallets/{walletId}/softDelete");
            client.delete(&path, &[]).ok(204);
        }
        "sdkLinkBusinessAccountWallet" => {
            belongings = belongings.with("walletId", &text(&create_wallet(&client)["walletId"]));
        }
        "sdkAddBusinessAccountMember" => {
            let other = client.elsewhere("other@example.com").get("users").ok(200);
            belongings = belongings.with("userId", &text(&other["id"]));
        }
        "registerPasskey" => {
            body = Authenticator::new(50).make(&client.creation()).to_string();
        }
        "registerPasskeyMfaDeviceVerify" => {
            let begun = client.get("users/mfa/register/passkey").ok(200);
            let made = Authenticator::new(50).make(&begun["registration"]);
            body = json!({ "id": begun["id"], "attestation": made }).to_string();
        }
        "verifySmsVerification" => {
            let (id, code) = crate::sms::text_to(&client, crate::sms::DIGITS);
            body = crate::sms::typed(&id, &code).to_string();
        }
        "oauthVerify" => {
            body = crate::social::answer(&client, "google", "alice%40gmail.example").to_string();
        }
        "verifyLink" => body = TestWallet::numbered(1).signs_for(&client).to_string(),
        "verifyTransfer" | "mergeUsers" | "verifyMergeUsers" => {
            let wallet = TestWallet::numbered(1);
            give_to_carol(&client, &wallet);
            body = wallet.signs_for(&client).to_string();
            if operation != "verifyTransfer" {
                let offer = client.send("POST", "verify/link", &[], body);
                assert_eq!(offer.body["code"], json!("merge_accounts_confirmation"));
                body = "{}".to_owned();
            }
        }
        _ => {}
    }
    let request = (method, belongings.fill(path), belongings.fill(&body));
    let snapshot = client.world.snapshot();
    Scene { client, request, snapshot, proofs }
}

/// Another user who has a wallet.
fn give_to_carol(client: &Client, wallet: &TestWallet) {
    let wallets = vec![WalletSeed { address: wallet.address(), ..Default::default() }];
    let seed = UserSeed { email: "carol@example.com".into(), wallets, ..Default::default() };
    client.world.create_user(seed).unwrap();
}
