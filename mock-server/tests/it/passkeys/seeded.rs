//! Users who are put into a world with a passkey, whose other half a virtual authenticator holds.

use mock_server::{InterventionError, PasskeySeed, Refusal, UserSeed};
use serde_json::{Value, json};

use super::{AUTHENTICATE, SIGN_IN};
use crate::authenticator::{Authenticator, UP, UV};
use crate::client::{ALICE, Client, legacy};

/// The users of a seed of the fixtures.
fn seeds(name: &str) -> Vec<UserSeed> {
    let seed: Value = serde_json::from_str(fixtures::seed(name).unwrap()).unwrap();
    serde_json::from_value(seed["users"].clone()).unwrap()
}

#[test]
fn every_seed_of_the_fixtures_is_one_of_the_service() {
    for name in fixtures::SEED_NAMES {
        let client = Client::new(legacy(|_| {}));
        for seed in seeds(name) {
            client.world.create_user(seed).unwrap();
        }
        let alice = client.world.user(ALICE);
        assert_eq!(alice.is_some(), name != "blank", "{name}");
        let devices = alice.as_ref().map_or(0, |alice| alice.devices.len());
        let passkeys = alice.as_ref().map_or(0, |alice| alice.passkeys.len());
        let expected = [("totp-enrolled", (1, 0)), ("passkey", (0, 1))];
        let expected = expected.into_iter().find(|(seed, _)| *seed == name);
        assert_eq!((devices, passkeys), expected.map_or((0, 0), |(_, counts)| counts), "{name}");
    }
}

#[test]
fn the_seeded_passkey_signs_in_and_passes_the_second_factor() {
    let mut client = Client::new(legacy(|_| {}));
    for seed in seeds("passkey") {
        client.world.create_user(seed).unwrap();
    }
    let shown = client.world.user(ALICE).unwrap().passkeys.remove(0);
    assert_eq!((shown.alias.as_deref(), shown.sign_count), (Some("Laptop"), 0));
    let mut authenticator = Authenticator::published(&shown.credential_id, &shown.user_handle);
    // It was seeded as one that cannot be backed up, so it must not say that it can.
    let options = client.get(SIGN_IN).ok(200);
    let body = authenticator.sign_in_bent(&options, |using| using.flags = UP | UV);
    let reply = client.post(SIGN_IN, &body);
    let granted = client.keep(reply).ok(200);
    assert_eq!(granted["user"]["email"], json!(ALICE));
    assert_eq!(client.scope(), "requiresAdditionalAuth");
    let body = authenticator.sign_in_bent(&client.request(), |using| using.flags = UP | UV);
    let reply = client.post(AUTHENTICATE, &body);
    client.keep(reply).ok(200);
    assert_eq!(client.scope(), "user:basic");
}

/// Breaks a seed.
type Change = fn(&mut PasskeySeed);

#[test]
fn a_passkey_that_is_none_leaves_no_half_a_user() {
    let client = Client::new(legacy(|policy| policy.passkey.max_per_user = 2));
    let good = seeds("passkey").remove(0);
    let refused = |change: &dyn Fn(&mut UserSeed)| {
        let mut seed = good.clone();
        change(&mut seed);
        let before = client.state();
        let error = client.world.create_user(seed).unwrap_err();
        client.stays(&before);
        let InterventionError::Refused(refusal) = error else { panic!("{error:?}") };
        refusal
    };
    let changes: [(Change, &str); 6] = [
        (|key| key.credential_id.clear(), "passkeys: credentialId: not 1 to 1023 bytes"),
        (|key| key.credential_id.push('='), "passkeys: credentialId: not 1 to 1023 bytes"),
        (|key| key.credential_id = "A".repeat(1_368), "passkeys: credentialId: not 1 to 1023"),
        (|key| key.public_key = "!".to_owned(), "passkeys: publicKey: neither PEM nor base64"),
        (|key| key.public_key.truncate(20), "passkeys: publicKey: the public key's parameters"),
        (
            // The point with one bit turned lies on no curve.
            |key| key.public_key = key.public_key.replace("29Ug==", "29Uw=="),
            "passkeys: publicKey: the public key is no valid key",
        ),
    ];
    for (change, expected) in changes {
        let refusal = refused(&|seed| change(&mut seed.passkeys[0]));
        let told = refusal.to_string();
        assert!(matches!(refusal, Refusal::Unseedable(_)) && told.contains(expected), "{told}");
    }
    let twice = refused(&|seed| seed.passkeys = vec![seed.passkeys[0].clone(); 2]);
    assert!(matches!(twice, Refusal::CredentialTaken { .. }), "{twice:?}");
    let many = refused(&|seed| {
        let other = |id: &str| PasskeySeed { credential_id: id.into(), ..seed.passkeys[0].clone() };
        seed.passkeys = vec![other("AA"), other("AQ"), other("Ag")];
    });
    assert!(matches!(many, Refusal::Passkey(_)), "{many:?}");
    // PEM is as good, with whatever line ends.
    let mut pem = good.clone();
    let key = &good.passkeys[0].public_key;
    pem.passkeys[0].public_key =
        format!("-----BEGIN PUBLIC KEY-----\r\n{key}\r\n-----END PUBLIC KEY-----\r\n");
    client.world.create_user(pem).unwrap();
    let taken = refused(&|seed| seed.email = "bob@example.com".to_owned());
    assert!(matches!(taken, Refusal::CredentialTaken { .. }), "{taken:?}");
}
