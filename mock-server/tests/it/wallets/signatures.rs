//! Messages and signatures that are not what they must be.

use serde_json::{Value, json};

use super::{FAILED, wallet};
use crate::client::{Client, policy, text};
use crate::wallet_key::TestWallet;

/// Sends a body to both calls that sign in, and checks that nothing came of it.
#[track_caller]
fn refused(client: &Client, body: &Value, (status, code, error): (u16, Option<&str>, &str)) {
    let before = client.state();
    for path in ["verify", "wallets/signin"] {
        client.post(path, body).refused(status, code, error);
    }
    client.stays(&before);
}

#[test]
fn another_keys_signature_is_refused_and_costs_no_nonce() {
    let client = Client::new(policy(|_| {}));
    let good = wallet().signs_for(&client);
    let mut stolen = TestWallet::numbered(2).signs(&text(&good["messageToSign"]));
    stolen["publicWalletAddress"] = good["publicWalletAddress"].clone();
    refused(&client, &stolen, FAILED);
    // Its own address does not fit the message.
    stolen["publicWalletAddress"] = json!(TestWallet::numbered(2).address());
    refused(&client, &stolen, FAILED);
    let mut edited = good.clone();
    edited["messageToSign"] = json!(text(&good["messageToSign"]).replace("free", "fair"));
    refused(&client, &edited, FAILED);
    client.post("verify", &good).ok(200);
}

#[test]
fn malformed_signatures_are_refused_alike() {
    let client = Client::new(policy(|_| {}));
    let good = wallet().signs_for(&client);
    let signature = text(&good["signedMessage"]);
    let plain = &signature[2..];
    let upper_s = format!("0x{}{}{}", &plain[..64], "f".repeat(64), &plain[128..]);
    for wrong in [
        String::new(),
        "0x".to_owned(),
        "nonsense".to_owned(),
        signature[..signature.len() - 2].to_owned(),
        format!("{signature}00"),
        format!("0x{}", "00".repeat(65)),
        format!("0x{}{}", &plain[..128], "1d"),
        format!("0x{}{}", &plain[..128], "02"),
        upper_s,
        twin(plain),
        format!("0x{}", "é".repeat(65)),
    ] {
        let mut body = good.clone();
        body["signedMessage"] = json!(wrong);
        refused(&client, &body, FAILED);
    }
    // The last byte may be 0 or 1 as well as 27 or 28, and hex has no case.
    let parity = u8::from_str_radix(&plain[128..], 16).unwrap() - 27;
    let mut body = good;
    body["signedMessage"] = json!(format!("{}{parity:02x}", plain[..128].to_uppercase()));
    client.post("verify", &body).ok(200);
}

/// The other signature of the same key over the same message: (r, n - s) with the other parity.
fn twin(plain: &str) -> String {
    let bytes = data_encoding::HEXLOWER.decode(&plain.as_bytes()[..128]).unwrap();
    let (r, s) = k256::ecdsa::Signature::from_slice(&bytes).unwrap().split_scalars();
    let twin = k256::ecdsa::Signature::from_scalars(r, -s).unwrap();
    let parity = 55 - u8::from_str_radix(&plain[128..], 16).unwrap();
    format!("0x{}{parity:02x}", data_encoding::HEXLOWER.encode(&twin.to_bytes()))
}

#[test]
fn addresses_of_other_kinds_are_refused() {
    let client = Client::new(policy(|_| {}));
    let good = wallet().signs_for(&client);
    let address = wallet().address();
    let wrong = (422, Some("invalid_wallet_address"), "Invalid wallet address");
    for text in ["x", "0x", &address[2..], &address[..41], &format!("{address}0")] {
        let mut body = good.clone();
        body["publicWalletAddress"] = json!(text);
        refused(&client, &body, wrong);
    }
    // A checksum that is there must be right.
    let mixed: String = address
        .chars()
        .scan(false, |upper, letter| {
            let out = if *upper { letter.to_ascii_uppercase() } else { letter };
            *upper ^= letter.is_ascii_alphabetic() && letter != 'x';
            Some(out)
        })
        .collect();
    let mut body = good.clone();
    body["publicWalletAddress"] = json!(mixed);
    refused(&client, &body, wrong);
    client.post("verify", &good).ok(200);
}

#[test]
fn other_chains_are_named_as_not_supported() {
    let client = Client::new(policy(|_| {}));
    let good = wallet().signs_for(&client);
    for chain in ["SOL", "FLOW", "BTC", "STARK", "COSMOS", "SUI", "TON", "MIDNIGHT"] {
        let mut body = good.clone();
        body["chain"] = json!(chain);
        refused(&client, &body, (422, Some("unsupported_chain"), "Unsupported chain"));
    }
    let mut body = good.clone();
    body["chain"] = json!("evm");
    let reply = client.post("verify", &body);
    assert_eq!(reply.status, 400);
    assert!(text(&reply.body["error"]).starts_with("chain: unknown variant `evm`"));
    client.post("verify", &good).ok(200);
}
