//! A file of seeded users: each is put into the world as it is written, or refused as a whole.

use mock_server::{UserReport, UserSeed};
use serde::Deserialize;

use crate::scene::{Scene, on_the_first_day, request};

/// A file as those of the fixtures.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    users: Vec<UserSeed>,
}

/// Users of one input.
const USERS_MAX: usize = 8;

/// Any bytes as seeds.
pub(crate) fn users(bytes: &[u8]) {
    let Ok(file) = serde_json::from_slice::<File>(bytes) else { return };
    on_the_first_day(|scene| {
        for seed in file.users.iter().take(USERS_MAX) {
            let written = serde_json::to_string(seed).unwrap();
            assert_eq!(serde_json::from_str::<UserSeed>(&written).unwrap(), *seed);
            settle(scene, seed);
        }
    });
}

fn settle(scene: &Scene, seed: &UserSeed) {
    let (before, many) = (state(scene), scene.world.users().len());
    let Ok(user) = scene.world.create_user(seed.clone()) else {
        return assert_eq!(state(scene), before, "a refused seed leaves nothing");
    };
    assert_eq!(scene.world.users().len(), many + 1);
    is_found(scene, seed, &user);
    if let Some(secret) = &seed.totp_secret
        && let [device] = user.devices.as_slice()
    {
        let plain = |text: &str| text.replace(['=', ' ', '-'], "").to_uppercase();
        assert_eq!(plain(&device.secret), plain(secret));
    }
    assert_eq!(scene.world.totp_display(&user.id).is_ok(), !user.devices.is_empty());
    if let Some(codes) = &seed.recovery_codes
        && !user.recovery_codes.is_empty()
    {
        assert_eq!(user.recovery_codes.len(), codes.len());
    }
    assert_eq!(user.wallets.len(), seed.wallets.len());
    assert_eq!(user.social_accounts.len(), seed.social_accounts.len());
    assert_eq!(user.passkeys.len(), seed.passkeys.len());
    // Whoever asks for the address next signs in as this user and as nobody else.
    if let Some(email) = user.emails.first() {
        let body = serde_json::json!({ "email": email }).to_string();
        let asked = request("POST", &scene.path("emailVerifications/create"), &[], body);
        assert_eq!(scene.ask(&asked, &mut scene.world.snapshot()), 201);
        assert_eq!(scene.world.inbox(Some(email), 0).len(), 1);
    }
}

/// The user is found under every name that the seed gives.
fn is_found(scene: &Scene, seed: &UserSeed, user: &UserReport) {
    let names = [user.emails.first(), user.phones.first(), seed.external_id.as_ref()];
    for name in names.into_iter().flatten().chain([&user.id]) {
        let found = scene.world.user(name).map(|found| found.id);
        assert_eq!(found.as_ref(), Some(&user.id), "{name}");
    }
}

/// The world, but for the number of things that were asked so far.
fn state(scene: &Scene) -> serde_json::Value {
    let mut state = scene.world.snapshot();
    state["commands"].take();
    state
}
