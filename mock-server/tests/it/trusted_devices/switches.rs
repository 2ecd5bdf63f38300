//! What nobody publishes: both positions of each setting.

use mock_server::policy::{SilentFirst, WithoutProof};
use serde_json::json;

use super::{Device, TOKEN, known_alice, newest_token, tokens_mailed, waiting, wanted};
use crate::client::{ALICE, Client};

#[test]
fn whose_first_device_is_trusted_silently() {
    let first = |who: SilentFirst, is_new: bool| {
        let policy = wanted(|policy| policy.device_registration.silent_first = who);
        let client = if is_new { Client::new(policy) } else { known_alice(policy) };
        let scope = Device::number(1).sign_in(&client, ALICE).1["user"]["scope"].clone();
        assert_eq!(tokens_mailed(&client), usize::from(scope == "device:register"));
        // The second device is asked for in each of them.
        waiting(&client, 2);
        scope
    };
    assert_eq!(first(SilentFirst::NewUsers, true), json!("user:basic"));
    assert_eq!(first(SilentFirst::NewUsers, false), json!("device:register"));
    assert_eq!(first(SilentFirst::UsersWithoutDevice, true), json!("user:basic"));
    assert_eq!(first(SilentFirst::UsersWithoutDevice, false), json!("user:basic"));
    assert_eq!(first(SilentFirst::Nobody, true), json!("device:register"));
    assert_eq!(first(SilentFirst::Nobody, false), json!("device:register"));
}

#[test]
fn a_sign_in_without_a_signature_is_from_an_unknown_device() {
    let client = known_alice(wanted(|_| {}));
    let mut alice = client.clone();
    let body = alice.sign_in(ALICE);
    assert_eq!(body["user"]["scope"], json!("device:register"));
    // Nothing is known of the device that asked, so the one that answers is registered.
    let token = newest_token(&alice);
    alice.send("POST", "deviceRegistration", &[(TOKEN, &token)], "").unauthorized();
    let phone = Device::number(2);
    phone.register(&mut alice, &token).ok(200);
    assert_eq!(phone.sign_in(&client, ALICE).1["user"]["scope"], json!("user:basic"));
}

#[test]
fn a_sign_in_without_a_signature_can_be_exempt() {
    let exempt = |policy: &mut mock_server::policy::Policy| {
        policy.device_registration.without_proof = WithoutProof::Exempt;
    };
    let mut alice = known_alice(wanted(exempt));
    assert_eq!(alice.sign_in(ALICE)["user"]["scope"], json!("user:basic"));
    assert_eq!(tokens_mailed(&alice), 0);
    assert_eq!(alice.get("deviceRegistrations").ok(200)["count"], json!(0));
    waiting(&alice, 2);
}

#[test]
fn a_new_user_without_a_signature_has_no_device_to_trust() {
    let mut alice = Client::new(wanted(|_| {}));
    assert_eq!(alice.sign_in(ALICE)["user"]["scope"], json!("user:basic"));
    assert_eq!(alice.get("deviceRegistrations").ok(200)["count"], json!(0));
    waiting(&alice, 2);
}

#[test]
fn the_token_can_serve_another_device() {
    let client =
        known_alice(wanted(|policy| policy.device_registration.token_bound_to_device = false));
    let (phone, mut alice, token) = waiting(&client, 2);
    let tablet = Device::number(3);
    tablet.register(&mut alice, &token).ok(200);
    assert_eq!(tablet.list(&alice)["deviceRegistrations"][0]["isCurrentDevice"], json!(true));
    assert_eq!(phone.sign_in(&client, ALICE).1["user"]["scope"], json!("device:register"));
}

#[test]
fn the_settings_tell_and_bound_it() {
    let client = Client::new(wanted(|_| {}));
    let settings = client.get("settings").ok(200);
    assert_eq!(settings["security"]["deviceRegistrationRequired"], json!(true));
    let refused = |change: &dyn Fn(&mut mock_server::policy::DeviceRegistration)| {
        let mut policy = client.world.policy();
        change(&mut policy.device_registration);
        client.refused_setting(policy).field
    };
    let path = |name: &str| format!("deviceRegistration.{name}");
    assert_eq!(refused(&|settings| settings.token_life_seconds = 0), path("tokenLifeSeconds"));
    assert_eq!(refused(&|settings| settings.bad_token_status = 200), path("badTokenStatus"));
    assert_eq!(refused(&|settings| settings.unregistered_status = 500), path("unregisteredStatus"));
    assert_eq!(refused(&|settings| settings.devices_max = 0), path("devicesMax"));
}
