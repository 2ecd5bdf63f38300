//! Every check of a registration, each by a registration that is wrong in that one thing.

use ciborium::Value as Cbor;
use mock_server::policy::{AttestationFormat, PasskeyAlgorithm, Policy, UserVerification};
use serde_json::json;

use super::{BOB, enrol, enrolled};
use crate::authenticator::{AT, Authenticator, BE, ED, Making, UP, UV, encoded};
use crate::client::{ALICE, Client, legacy};

const INVALID: (u16, Option<&str>, &str) =
    (422, Some("mfa_invalid_request"), "Passkey registration could not be verified");

type Bend = fn(&mut Making);

/// What is wrong, the step that must find it, and a word of its reason.
const WRONG: [(Bend, &str, &str); 33] = [
    (|it| it.client_data_text = Some(b"{".to_vec()), "6", "clientDataJSON"),
    (|it| it.client_data_text = Some(b"[1]".to_vec()), "6", "clientDataJSON"),
    (|it| it.client_data["origin"] = json!(7), "6", "clientDataJSON"),
    (|it| it.client_data["type"] = json!("webauthn.get"), "7", "type"),
    (|it| it.client_data["challenge"] = json!("AAAA"), "8", "not issued here"),
    (|it| it.client_data["challenge"] = json!("ä"), "8", "not issued here"),
    (|it| it.client_data["origin"] = json!("https://evil.example"), "9", "https://evil.example"),
    (|it| it.client_data["origin"] = json!("http://localhost.evil.example"), "9", "allowedOrigins"),
    (|it| it.client_data["crossOrigin"] = json!(true), "10", "frame"),
    (|it| it.client_data["topOrigin"] = json!("http://localhost"), "10", "frame"),
    (|it| it.object_tail.push(0), "13", "bytes follow"),
    (|it| it.tail.push(0), "13", "bytes follow"),
    (|it| it.flags |= ED, "13", "ends too early"),
    (|it| (it.flags, it.tail) = (it.flags | ED, vec![0x01]), "13", "no map"),
    (|it| it.credential_id.clear(), "13", "empty"),
    (|it| it.credential_id[0] ^= 1, "13", "rawId"),
    (|it| (it.flags, it.statement) = (it.flags & !AT, Some(Cbor::Map(vec![]))), "13", "(AT)"),
    (|it| it.statement = Some(Cbor::Null), "13", "fmt, attStmt and authData"),
    (|it| it.cose = Cbor::Null, "13", "COSE"),
    (|it| key(it).truncate(4), "13", "parameters"),
    (|it| key(it).push((Cbor::from(4), Cbor::from(1))), "13", "parameters"),
    (|it| key(it).push((Cbor::from(1), Cbor::from(2))), "13", "repeated"),
    (|it| key(it)[0].1 = Cbor::from(1), "13", "parameters"),
    (|it| key(it)[1].1 = Cbor::from(-35), "13", "algorithm is unknown"),
    (|it| key(it)[2].1 = Cbor::from(2), "13", "parameters"),
    (|it| key(it)[3].1 = Cbor::Bytes(vec![1; 31]), "13", "parameters"),
    (|it| key(it)[4].1 = Cbor::Bytes(vec![1; 32]), "13", "no valid key"),
    (|it| it.rp_id = "example.org".to_owned(), "14", "localhost"),
    (|it| it.flags &= !UP, "15", "UP"),
    (|it| it.flags &= !BE, "17", "BE"),
    (|it| it.format = "fido-u2f".to_owned(), "21", "format"),
    (|it| it.statement = Some(text_map("sig", Cbor::Bytes(vec![1]))), "22", "statement"),
    (|it| (it.format, it.statement) = ("packed".to_owned(), Some(Cbor::Map(vec![]))), "22", "stat"),
];

fn key(making: &mut Making) -> &mut Vec<(Cbor, Cbor)> {
    making.cose.as_map_mut().unwrap()
}

fn text_map(name: &str, value: Cbor) -> Cbor {
    Cbor::Map(vec![(Cbor::from(name), value)])
}

#[test]
fn each_check_refuses_for_its_own_reason_and_costs_nothing() {
    for (bend, step, word) in WRONG {
        let mut client = Client::signed_in(legacy(|_| {}));
        let mut authenticator = Authenticator::new(1);
        let options = client.creation();
        let wrong = authenticator.make_bent(&options, bend);
        let before = client.state();
        client.enrol(&wrong, &[]).refused(INVALID.0, INVALID.1, INVALID.2);
        let (rule, reason) = client.reason();
        assert_eq!(rule, format!("WebAuthn 7.1 step {step}"), "{reason}");
        assert!(reason.contains(word), "{reason}");
        client.stays(&before);
        // The same ceremony without the mistake is taken.
        client.enrol(&authenticator.make(&options), &[]).ok(200);
    }
}

#[test]
fn the_longest_credential_id_is_1023_bytes() {
    for (length, is_taken) in [(1_023, true), (1_024, false)] {
        let mut client = Client::signed_in(legacy(|_| {}));
        let mut authenticator = Authenticator::new(1);
        authenticator.credential_id = vec![5; length];
        let body = authenticator.make(&client.creation());
        let reply = client.enrol(&body, &[]);
        match is_taken {
            true => drop(reply.ok(200)),
            false => {
                reply.refused(INVALID.0, INVALID.1, INVALID.2);
                assert_eq!(client.reason().0, "WebAuthn 7.1 step 25");
            }
        }
    }
}

#[test]
fn a_credential_belongs_to_one_user_once() {
    let (mut alice, mut authenticator) = enrolled(legacy(|_| {}));
    let mut bob = alice.elsewhere(BOB);
    for client in [&mut alice, &mut bob] {
        let body = authenticator.make(&client.creation());
        let before = client.state();
        let code = Some("duplicate_exists");
        client.enrol(&body, &[]).refused(422, code, "Passkey already exists");
        assert_eq!(client.reason().0, "WebAuthn 7.1 step 26");
        client.stays(&before);
    }
    // Once its owner is gone, it may come again.
    alice.world.remove_user(ALICE).unwrap();
    let body = authenticator.make(&bob.creation());
    bob.enrol(&body, &[]).ok(200);
}

#[test]
fn a_user_holds_as_many_as_the_settings_say() {
    let mut client = Client::signed_in(legacy(|policy| policy.passkey.max_per_user = 2));
    enrol(&mut client, 1);
    enrol(&mut client, 2);
    let body = Authenticator::new(3).make(&client.creation());
    let before = client.state();
    let error = "Maximum number of passkeys reached";
    client.enrol(&body, &[]).refused(422, Some("max_passkeys_per_user"), error);
    client.stays(&before);
    let excluded = client.creation()["excludeCredentials"].clone();
    assert_eq!(excluded[1]["id"], json!(Authenticator::new(2).id()));
    assert_eq!(excluded[1]["transports"], json!(["internal", "hybrid"]));
    assert_eq!(excluded.as_array().unwrap().len(), 2);
}

/// Whether a registration is taken in a world, and by which step it is refused.
fn outcome(
    change: impl FnOnce(&mut Policy),
    mut authenticator: Authenticator,
    bend: impl FnOnce(&mut Making),
) -> Option<String> {
    let mut client = Client::signed_in(legacy(change));
    let body = authenticator.make_bent(&client.creation(), bend);
    match client.enrol(&body, &[]).status {
        200 => None,
        _ => Some(client.reason().0.replace("WebAuthn 7.1 step ", "")),
    }
}

fn step(step: &str) -> Option<String> {
    Some(step.to_owned())
}

fn by_itself(making: &mut Making) {
    (making.format, making.statement) = ("packed".to_owned(), None);
}

#[test]
fn three_algorithms_are_taken_with_either_attestation_unless_set_otherwise() {
    let all =
        [Authenticator::new as fn(u8) -> _, |_| Authenticator::ed25519(), |_| Authenticator::rsa()];
    for authenticator in all {
        assert_eq!(outcome(|_| {}, authenticator(1), |_| {}), None);
        assert_eq!(outcome(|_| {}, authenticator(1), by_itself), None);
    }
    let only_rsa = |policy: &mut Policy| policy.passkey.algorithms = vec![PasskeyAlgorithm::Rs256];
    assert_eq!(outcome(only_rsa, Authenticator::rsa(), |_| {}), None);
    assert_eq!(outcome(only_rsa, Authenticator::new(1), |_| {}), step("20"));
}

#[test]
fn an_attestation_that_was_not_asked_for_is_taken_only_if_the_key_signed_it() {
    let only_none =
        |policy: &mut Policy| policy.passkey.attestation_formats = vec![AttestationFormat::None];
    assert_eq!(outcome(only_none, Authenticator::new(1), |_| {}), None);
    assert_eq!(outcome(only_none, Authenticator::new(1), by_itself), step("21"));
    let only_self = |policy: &mut Policy| {
        policy.passkey.attestation_formats = vec![AttestationFormat::PackedSelf];
    };
    assert_eq!(outcome(only_self, Authenticator::new(1), by_itself), None);
    assert_eq!(outcome(only_self, Authenticator::new(1), |_| {}), step("21"));
    // Certificates, a wrong algorithm, a wrong signature.
    let statement = |algorithm: i32, more: Vec<(Cbor, Cbor)>| {
        let mut entries = vec![
            (Cbor::from("alg"), Cbor::from(algorithm)),
            (Cbor::from("sig"), Cbor::Bytes(vec![0x30, 6, 2, 1, 1, 2, 1, 1])),
        ];
        entries.extend(more);
        move |making: &mut Making| {
            (making.format, making.statement) = ("packed".to_owned(), Some(Cbor::Map(entries)));
        }
    };
    let chain = vec![(Cbor::from("x5c"), Cbor::Array(vec![Cbor::Bytes(vec![1])]))];
    let judged = |bend| outcome(|_| {}, Authenticator::new(1), bend);
    assert_eq!(judged(statement(-7, chain)), step("21"));
    assert_eq!(judged(statement(-7, Vec::new())), step("22"));
    assert_eq!(judged(statement(-8, Vec::new())), step("22"));
}

#[test]
fn user_verification_is_required_only_where_the_settings_say_so() {
    let required =
        |policy: &mut Policy| policy.passkey.user_verification = UserVerification::Required;
    let unverified = |making: &mut Making| making.flags &= !UV;
    assert_eq!(outcome(required, Authenticator::new(1), unverified), step("16"));
    assert_eq!(outcome(required, Authenticator::new(1), |_| {}), None);
    assert_eq!(outcome(|_| {}, Authenticator::new(1), unverified), None);
}

#[test]
fn origins_and_frames_follow_the_settings() {
    let site = |policy: &mut Policy| {
        policy.passkey.allowed_origins = vec!["https://*.example.com".to_owned()];
        policy.passkey.rp_id = "example.com".to_owned();
        policy.passkey.cross_origin = true;
    };
    let at = |origin: &'static str, top: Option<&'static str>| {
        move |making: &mut Making| {
            making.client_data["origin"] = json!(origin);
            if let Some(top) = top {
                making.client_data["crossOrigin"] = json!(true);
                making.client_data["topOrigin"] = json!(top);
            }
        }
    };
    let judged = |bend| outcome(site, Authenticator::new(1), bend);
    assert_eq!(judged(at("https://a.example.com", None)), None);
    assert_eq!(judged(at("https://a.example.com", Some("https://b.example.com"))), None);
    assert_eq!(judged(at("https://a.example.com", Some("https://b.example"))), step("11"));
    assert_eq!(judged(at("http://localhost:3000", None)), step("9"));
}

#[test]
fn extensions_of_the_authenticator_are_read_and_passed_over() {
    let protect = encoded(&text_map("credProtect", Cbor::from(2)));
    let extended = |making: &mut Making| (making.flags, making.tail) = (making.flags | ED, protect);
    assert_eq!(outcome(|_| {}, Authenticator::new(1), extended), None);
}
