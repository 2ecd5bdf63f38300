//! What bounds the stand-in, what makes it repeatable, and who is told of it.

use mock_server::engine::TokenScope;
use serde_json::json;

use super::{on, open, owner, reshare};
use crate::belongings::{create_wallet, credential};
use crate::client::{ALICE, Client, ELEVATED, Reply, keys, policy, text};

#[test]
fn wallets_are_bounded_and_go_with_their_user() {
    let client = Client::authenticated(open(|policy| policy.stand_ins.wallets_per_user_max = 2));
    let first = text(&create_wallet(&client)["walletId"]);
    create_wallet(&client);
    let more = json!({ "chain": "EVM", "clientKeygenIds": ["k"] });
    let full = |reply: &Reply| {
        let code = Some("too_many_embedded_wallets_for_user");
        reply.refused(422, code, "Too many embedded wallets");
    };
    let before = client.state();
    full(&client.post("waas/create", &more));
    client.stays(&before);
    // A deleted one can come back, so it counts.
    client.delete(&format!("users/embeddedWallets/{first}/softDelete"), &[]).ok(204);
    full(&client.post("waas/create", &more));
    // Another user's are their own.
    client.elsewhere("bob@example.com").post("waas/create", &more).ok(200);
    client.delete("users", &[]).ok(204);
    let left = client.world.snapshot()["environment"]["stand_ins"]["wallets"].clone();
    assert_eq!(left.as_object().unwrap().len(), 1);
}

#[test]
fn the_same_dice_give_the_same_wallets() {
    let run = || {
        let (client, wallet) = owner();
        let room = on(&client, &wallet, "signMessage", &json!({ "message": "hi" })).ok(200);
        (credential(&client, &wallet), room)
    };
    assert_eq!(run(), run());
}

#[test]
fn the_settings_show_wallets_if_that_is_set() {
    let settings = |shown: bool| {
        let policy = policy(|policy| policy.stand_ins.wallets_in_settings = shown);
        Client::new(policy).get("settings").ok(200)
    };
    let off = settings(false);
    assert_eq!(off["sdk"].get("waas"), None);
    let on = settings(true);
    assert_eq!(on["sdk"]["embeddedWallets"]["defaultWalletVersion"], json!("V3"));
    // Without this list the JavaScript SDK does not start.
    assert!(on["sdk"]["waas"]["backupOptions"].is_array());
    assert!(on["sdk"]["waas"]["passcodeRequired"].is_boolean());
    let on_sign_up = &on["sdk"]["waas"]["onSignUp"];
    assert_eq!(keys(on_sign_up), ["promptBackupOptions", "promptClientShareExport"]);
    assert_eq!(on["chains"][0]["name"], json!("EVM"));
    // All else is as it was.
    let mut on = on;
    for key in ["embeddedWallets", "waas"] {
        on["sdk"].as_object_mut().unwrap().remove(key).unwrap();
    }
    assert_eq!(on, off);
}

#[test]
fn the_journal_masks_what_the_real_service_would_keep_secret() {
    let (mut client, wallet) = owner();
    reshare(&client, &wallet, json!({ "delegateToProjectEnvironment": true }));
    let closed = policy(|policy| {
        policy.elevation.required_scopes = [TokenScope::WalletDelegate].into_iter().collect();
    });
    client.world.set_policy(closed).unwrap();
    let token = client.elevate(&["wallet:delegate"]);
    let share = json!({
        "encryptedDelegatedShare": { "alg": "a", "iv": "b", "ct": "sesame", "tag": "d", "ek": "e" },
    });
    let path = format!("waas/{wallet}/delegatedAccess/delivery");
    client.send("POST", &path, &[(ELEVATED, &token)], share.to_string()).ok(202);
    let masked = client.world.journal_after(0, false).pop().unwrap();
    assert_eq!(masked.request_body, json!({ "encryptedDelegatedShare": "‹masked›" }));
    assert!(client.world.user(ALICE).is_some());
}
