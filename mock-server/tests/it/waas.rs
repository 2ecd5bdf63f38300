//! Embedded wallets: the small stand-in behind the wallet gates.

use std::collections::BTreeSet;

use mock_server::policy::Policy;
use serde_json::{Value, json};

use crate::belongings::{create_wallet, credential};
use crate::client::{Client, Reply, keys, policy, text};

mod bounds;
mod shape;

/// A world in which no gate is closed.
fn open(change: impl FnOnce(&mut Policy)) -> Policy {
    policy(|policy| {
        policy.elevation.required_scopes = [].into_iter().collect();
        change(policy);
    })
}

/// Alice with a wallet.
fn owner() -> (Client, String) {
    let client = Client::authenticated(open(|_| {}));
    let wallet = text(&create_wallet(&client)["walletId"]);
    (client, wallet)
}

fn on(client: &Client, wallet: &str, rest: &str, body: &Value) -> Reply {
    client.post(&format!("waas/{wallet}/{rest}"), body)
}

fn reshare(client: &Client, wallet: &str, more: Value) -> Value {
    let mut body = json!({
        "clientKeygenIds": ["k1"], "oldThresholdSignatureScheme": "TWO_OF_TWO",
        "newThresholdSignatureScheme": "TWO_OF_THREE",
    });
    let Value::Object(more) = more else { panic!("{more}") };
    body.as_object_mut().unwrap().extend(more);
    on(client, wallet, "reshare", &body).ok(200)
}

/// Ids of the wallets that the user is shown.
fn shown(client: &Client) -> BTreeSet<String> {
    let user = client.get("users").ok(200);
    let credentials = user["verifiedCredentials"].as_array().unwrap().clone();
    let wallets = credentials.iter().filter(|it| it["wallet_provider"] == json!("embeddedWallet"));
    wallets.map(|wallet| text(&wallet["id"])).collect()
}

/// Checks that a text says of itself that it is no real thing.
fn is_mock(value: &Value) {
    assert!(text(value).starts_with("mock-"), "{value}");
}

#[test]
fn a_wallet_is_made_and_shown_among_the_credentials() {
    let client = Client::authenticated(open(|_| {}));
    let made = create_wallet(&client);
    assert_eq!(keys(&made), ["roomId", "serverKeygenIds", "walletId"]);
    is_mock(&made["roomId"]);
    is_mock(&made["serverKeygenIds"][0]);
    let wallet = credential(&client, made["walletId"].as_str().unwrap());
    let address = text(&wallet["address"]);
    assert!(address.len() == 42 && address.starts_with("0x"), "{address}");
    assert!(address[2..].bytes().all(|byte| byte.is_ascii_hexdigit()), "{address}");
    for (key, value) in [
        ("format", json!("blockchain")),
        ("chain", json!("eip155")),
        ("wallet_name", json!("dynamicwaas")),
        ("wallet_provider", json!("embeddedWallet")),
        ("public_identifier", json!(address)),
        // It opens no session, so it can satisfy no step-up either (rule E4).
        ("signInEnabled", json!(false)),
    ] {
        assert_eq!(wallet[key], value, "{key}");
    }
    let properties = &wallet["wallet_properties"];
    assert_eq!(properties["version"], json!("V3"));
    assert_eq!(properties["thresholdSignatureScheme"], json!("TWO_OF_TWO"));
    assert_eq!(properties["shareSetType"], json!("rootUser"));
    assert_eq!(properties["keyShares"], json!([]));
    assert_eq!(properties["otherShareSets"], json!([]));
    // The long token tells the same as the user's record.
    let body = client.post("refresh", &json!({})).ok(200);
    let credentials = &crate::client::claims(body["jwt"].as_str().unwrap())["verified_credentials"];
    assert_eq!(credentials[1], wallet);
    assert_eq!(body["user"]["verifiedCredentials"][1], wallet);
}

#[test]
fn an_embedded_wallet_satisfies_no_step_up() {
    let mut client = Client::signed_in(policy(|_| {}));
    create_wallet(&client);
    let body = client.post("stepUp/check", &json!({ "scope": "wallet:export" })).ok(200);
    assert_eq!(body["credentials"].as_array().unwrap().len(), 1);
    assert_eq!(body["credentials"][0]["format"], json!("email"));
    // The one that is listed does, and the wallet changes nothing about that.
    client.elevate_by_email(&["wallet:export"]);
}

#[test]
fn each_chain_has_its_name_and_addresses_are_never_shared() {
    let client = Client::authenticated(open(|_| {}));
    let mut addresses = BTreeSet::new();
    let names = [
        ("EVM", "eip155"),
        ("SVM", "solana"),
        ("BTC", "bip122"),
        ("SUI", "sui"),
        ("TON", "ton"),
        ("STELLAR", "stellar"),
        ("TEMPO", "tempo"),
        ("ALEO", "aleo"),
        ("TRON", "tron"),
        ("MIDNIGHT", "midnight"),
    ];
    for (chain, name) in names {
        let body = json!({
            "chain": chain, "clientKeygenIds": ["k"], "thresholdSignatureScheme": "THREE_OF_FIVE",
        });
        let id = text(&client.post("waas/privateKey/import", &body).ok(200)["walletId"]);
        let wallet = credential(&client, &id);
        assert_eq!(wallet["chain"], json!(name));
        let scheme = &wallet["wallet_properties"]["thresholdSignatureScheme"];
        assert_eq!(*scheme, json!("THREE_OF_FIVE"));
        assert!(addresses.insert(text(&wallet["address"])));
    }
    assert_eq!(shown(&client).len(), names.len());
}

#[test]
fn a_wallet_is_found_by_its_address_and_alone() {
    let (client, wallet) = owner();
    create_wallet(&client);
    let address = text(&credential(&client, &wallet)["address"]);
    for asked in [address.clone(), address.to_uppercase().replace("0X", "0x")] {
        let user = client.get(&format!("waas/byWalletAddress/{asked}")).ok(200);
        let credentials = user["verifiedCredentials"].as_array().unwrap();
        let ids: Vec<_> = credentials.iter().map(|it| it["format"].clone()).collect();
        assert_eq!(ids, [json!("email"), json!("blockchain")]);
        assert_eq!(credentials[1]["id"], json!(wallet));
    }
    client.get("waas/byWalletAddress/0x00").not_found();
}

#[test]
fn signing_and_exporting_open_a_room_and_reveal_nothing() {
    let (client, wallet) = owner();
    let before = client.state();
    for (rest, body) in [
        ("signMessage", json!({ "message": "hi", "isFormatted": true, "context": { "x": [1] } })),
        ("privateKey/export", json!({ "exportId": "k" })),
    ] {
        let room = on(&client, &wallet, rest, &body).ok(200);
        assert_eq!(keys(&room), ["roomId", "serverKeygenIds", "walletId"], "{rest}");
        is_mock(&room["roomId"]);
        assert_eq!(room["walletId"], json!(wallet));
    }
    client.stays(&before);
}

#[test]
fn refreshing_and_resharing_replace_the_servers_shares() {
    let (client, wallet) = owner();
    let room = client.send("POST", &format!("waas/{wallet}/refresh"), &[], "").ok(200);
    let five = ["newServerKeygenIds", "roomId", "serverKeygenIds", "shareSetId", "walletId"];
    assert_eq!(keys(&room), five);
    let properties = credential(&client, &wallet)["wallet_properties"].clone();
    assert_eq!(room["shareSetId"], properties["shareSetId"]);
    let room = reshare(&client, &wallet, json!({}));
    assert_eq!(keys(&room), ["newServerKeygenIds", "roomId", "serverKeygenIds", "walletId"]);
    let properties = credential(&client, &wallet)["wallet_properties"].clone();
    assert_eq!(properties["thresholdSignatureScheme"], json!("TWO_OF_THREE"));
    assert_eq!(properties["otherShareSets"], json!([]));
}

#[test]
fn a_wallet_is_delegated_and_taken_back() {
    let (client, wallet) = owner();
    let share = json!({
        "encryptedDelegatedShare": { "alg": "a", "iv": "b", "ct": "c", "tag": "d", "ek": "e" },
    });
    let deliver = || on(&client, &wallet, "delegatedAccess/delivery", &share);
    let before = client.state();
    deliver().refused(422, None, "Wallet is not delegated");
    client.stays(&before);
    let settings = |denies: bool| {
        let body = json!({ "hasDeniedDelegatedAccess": denies });
        client.put(&format!("waas/{wallet}/settings"), &body).ok(200)
    };
    let answered = settings(true);
    assert_eq!(answered["walletId"], json!(wallet));
    assert_eq!(answered["settings"], json!({ "hasDeniedDelegatedAccess": true }));

    reshare(&client, &wallet, json!({ "delegateToProjectEnvironment": true }));
    let delivered = deliver().ok(202);
    assert_eq!(keys(&delivered), ["delegatedShareDeliveryId", "status"]);
    assert_eq!(delivered["status"], json!("accepted"));
    is_mock(&delivered["delegatedShareDeliveryId"]);
    // The world is put away and taken out again in the middle.
    let snapshot = client.world.snapshot();
    client.world.reset().unwrap();
    client.world.restore(snapshot).unwrap();
    let properties = credential(&client, &wallet)["wallet_properties"].clone();
    assert_eq!(properties["settings"], json!({ "hasDeniedDelegatedAccess": false }));
    let set = &properties["otherShareSets"][0];
    assert_eq!(keys(set), ["createdAt", "shareSetId", "shareSetType", "thresholdSignatureScheme"]);
    assert_eq!(set["shareSetType"], json!("delegated"));
    let revoke = |id: &str| client.delete(&format!("waas/{wallet}/delegatedAccess/{id}"), &[]);
    // Its own share set is not the delegated one.
    revoke(properties["shareSetId"].as_str().unwrap()).refused(
        422,
        None,
        "Wallet is not delegated",
    );
    revoke(set["shareSetId"].as_str().unwrap()).ok(204);
    revoke(set["shareSetId"].as_str().unwrap()).refused(422, None, "Wallet is not delegated");
    // A reshare gives it again and takes it back.
    reshare(&client, &wallet, json!({ "delegateToProjectEnvironment": true }));
    deliver().ok(202);
    reshare(&client, &wallet, json!({ "revokeDelegation": true }));
    deliver().refused(422, None, "Wallet is not delegated");
}

#[test]
fn places_of_key_shares_are_noted_down_and_told_again() {
    let (client, wallet) = owner();
    let back_up = |locations: Value| {
        let path = "keyShares/backup/locations";
        on(&client, &wallet, path, &json!({ "locations": locations })).ok(201)
    };
    let recover = |body: &Value| on(&client, &wallet, "keyShares/recover", body);
    let done = back_up(json!([
        { "location": "dynamic", "keygenId": "k1" },
        { "location": "googleDrive", "externalKeyShareId": "mine" },
    ]));
    let six = [
        "locationsWithKeyShares",
        "message",
        "shareSetId",
        "shareSetType",
        "walletActive",
        "walletId",
    ];
    assert_eq!(keys(&done), six);
    let shares = done["locationsWithKeyShares"].as_array().unwrap();
    assert_eq!(shares.len(), 2);
    assert!(shares.iter().all(|it| keys(it) == ["externalKeyShareId", "keyShareId", "location"]));
    assert_eq!(shares[1]["externalKeyShareId"], json!("mine"));
    let told = recover(&json!({})).ok(200)["keyShares"].as_array().unwrap().clone();
    assert_eq!(told.len(), 2);
    assert_eq!(told[0]["id"], shares[0]["keyShareId"]);
    assert_eq!(told[0]["backupLocation"], json!("dynamic"));
    assert_eq!(told[0]["passwordEncrypted"], json!(false));
    assert_eq!(told[0]["keygenId"], json!("k1"));
    is_mock(&told[0]["encryptedAccountCredential"]);
    // In the user's record stands the place, never the share.
    let listed = &credential(&client, &wallet)["wallet_properties"]["keyShares"];
    assert_eq!(listed.as_array().unwrap().len(), 2);
    assert_eq!(listed[0].get("encryptedAccountCredential"), None);
    // One of them, and one that is none.
    let one = json!({ "keyShareIds": [shares[1]["keyShareId"]] });
    assert_eq!(recover(&one).ok(200)["keyShares"].as_array().unwrap().len(), 1);
    let none = json!({ "keyShareIds": ["00000000-0000-4000-8000-000000000000"] });
    recover(&none).refused(400, None, "Bad Request");
    // A second backup to the same place takes the place of the first.
    back_up(json!([{ "location": "dynamic" }, { "location": "dynamic" }]));
    let told = client.send("POST", &format!("waas/{wallet}/keyShares/recover"), &[], "").ok(200);
    let places: Vec<_> = told["keyShares"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| text(&it["backupLocation"]))
        .collect();
    assert_eq!(places, ["googleDrive", "dynamic", "dynamic"]);
}

#[test]
fn a_wallet_is_deleted_and_restored() {
    let (client, wallet) = owner();
    let other = text(&create_wallet(&client)["walletId"]);
    let legacy = |rest: &str| format!("users/embeddedWallets/{wallet}/{rest}");
    let restore = || client.send("PUT", &legacy("restore"), &[], "");
    restore().not_found();
    client.delete(&legacy("softDelete"), &[]).ok(204);
    assert_eq!(shown(&client), BTreeSet::from([other.clone()]));
    // What was deleted is nowhere.
    let before = client.state();
    on(&client, &wallet, "signMessage", &json!({ "message": "hi" })).not_found();
    client.delete(&legacy("softDelete"), &[]).not_found();
    client.stays(&before);
    restore().ok(204);
    assert_eq!(shown(&client), BTreeSet::from([other, wallet.clone()]));
    let bundle = client.get(&legacy("activities/any/export")).ok(200);
    assert_eq!(keys(&bundle), ["exportBundle"]);
    is_mock(&bundle["exportBundle"]);
    // All at once, with the body of older clients or without.
    let all = r#"{"turnkeySignedRequest":{"body":"x","stamp":{"y":1}}}"#;
    client.send("DELETE", "users/embeddedWallets", &[], all).ok(204);
    assert!(shown(&client).is_empty());
    client.delete("users/embeddedWallets", &[]).not_found();
    restore().ok(204);
    client.delete("users/embeddedWallets", &[]).ok(204);
}

#[test]
fn rooms_are_opened_by_the_dozen() {
    let (client, wallet) = owner();
    let rooms = |body: &Value| {
        let rooms = on(&client, &wallet, "createRooms", body).ok(200);
        rooms["roomIds"].as_array().unwrap().clone()
    };
    assert_eq!(rooms(&json!({ "roomType": "full" })).len(), 5);
    let many = rooms(&json!({ "roomType": "threshold", "roomCount": 20 }));
    many.iter().for_each(is_mock);
    assert_eq!(many.iter().map(text).collect::<BTreeSet<_>>().len(), 20);
    let body = json!({
        "roomType": "full", "thresholdSignatureScheme": "TWO_OF_TWO", "roomCount": 1,
    });
    let rooms = client.post("waas/createRooms", &body).ok(200);
    assert_eq!(rooms["roomIds"].as_array().unwrap().len(), 1);
}
