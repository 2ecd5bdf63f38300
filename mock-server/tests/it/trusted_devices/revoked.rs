//! Devices that are trusted no longer.

use serde_json::json;

use super::{Device, known_alice, newest_token, waiting, wanted};
use crate::client::{ALICE, Client};

/// Alice at her laptop and at her phone, both registered.
fn two(change: impl FnOnce(&mut mock_server::policy::Policy)) -> [(Device, Client); 2] {
    let client = Client::new(wanted(change));
    let laptop = Device::number(1);
    let (on_laptop, _) = laptop.sign_in(&client, ALICE);
    let (phone, mut on_phone, token) = waiting(&client, 2);
    phone.register(&mut on_phone, &token).ok(200);
    [(laptop, on_laptop), (phone, on_phone)]
}

/// The path of the registration in that place of the list.
fn path(device: &Device, client: &Client, at: usize) -> String {
    let listed = device.list(client);
    format!("deviceRegistrations/{}", listed["deviceRegistrations"][at]["id"].as_str().unwrap())
}

#[test]
fn another_device_is_thrown_out() {
    let [(laptop, on_laptop), (phone, on_phone)] = two(|_| {});
    let path = path(&laptop, &on_laptop, 1);
    let body = laptop.send(&on_laptop, "DELETE", &path, &[], "").ok(200);
    assert_eq!(body, json!({ "currentDeviceRevoked": false }));
    on_phone.get("users").unauthorized();
    assert_eq!(on_laptop.scope(), "user:basic");
    assert_eq!(laptop.list(&on_laptop)["count"], json!(1));
    // It may ask again.
    let (mut on_phone, body) = phone.sign_in(&on_phone, ALICE);
    assert_eq!(body["user"]["scope"], json!("device:register"));
    let token = newest_token(&on_phone);
    phone.register(&mut on_phone, &token).ok(200);
}

#[test]
fn the_calling_device_hears_that_it_is_gone_and_logs_out_by_itself() {
    for signed in [true, false] {
        let [(laptop, on_laptop), (phone, on_phone)] = two(|_| {});
        let (phone_again, _) = phone.sign_in(&on_phone, ALICE);
        let path = path(&phone, &on_phone, 1);
        let reply = match signed {
            true => phone.send(&on_phone, "DELETE", &path, &[], ""),
            false => on_phone.delete(&path, &[]),
        };
        assert_eq!(reply.ok(200), json!({ "currentDeviceRevoked": true }));
        assert_eq!(on_phone.scope(), "device:register");
        on_phone.get("deviceRegistrations").refused(403, None, "Access Forbidden");
        phone_again.get("users").unauthorized();
        on_phone.send("POST", "revoke", &[], "").ok(204);
        on_phone.get("users").unauthorized();
        assert_eq!(laptop.list(&on_laptop)["count"], json!(1));
    }
}

#[test]
fn all_devices_go_at_once() {
    let [(laptop, on_laptop), (_, on_phone)] = two(|_| {});
    let body = laptop.send(&on_laptop, "DELETE", "deviceRegistrations", &[], "").ok(200);
    assert_eq!(body, json!({ "currentDeviceRevoked": true }));
    on_phone.get("users").unauthorized();
    assert_eq!(on_laptop.scope(), "device:register");
    // Where there is nothing to revoke, nothing is.
    let client = known_alice(crate::client::policy(|_| {}));
    let (alice, _) = laptop.sign_in(&client, ALICE);
    let before = client.state();
    let body = alice.delete("deviceRegistrations", &[]).ok(200);
    assert_eq!(body, json!({ "currentDeviceRevoked": false }));
    client.stays(&before);
}

#[test]
fn sessions_can_outlive_their_device() {
    let [(laptop, on_laptop), (_, on_phone)] =
        two(|policy| policy.device_registration.revocation_ends_sessions = false);
    laptop.send(&on_laptop, "DELETE", "deviceRegistrations", &[], "").ok(200);
    assert_eq!(on_phone.scope(), "device:register");
}

#[test]
fn the_oldest_device_gives_way() {
    let client = known_alice(wanted(|policy| policy.device_registration.devices_max = 2));
    let mut sessions = Vec::new();
    for number in 1..=3 {
        let (device, mut alice, token) = waiting(&client, number);
        device.register(&mut alice, &token).ok(200);
        sessions.push((device, alice));
    }
    assert_eq!(sessions[0].1.scope(), "device:register");
    let (device, alice) = &sessions[2];
    assert_eq!(device.list(alice)["count"], json!(2));
}
