//! Events are bounded in bytes as well as in number; the oldest give way.

use serde_json::json;

use crate::client::{ALICE, Client, policy};

/// The bound, from DIFFERENCES.md.
const BYTES_MAX: usize = 4 << 20;

#[test]
fn long_events_give_way_before_there_are_many() {
    let mut client = Client::new(policy(|_| {}));
    client.sign_in(ALICE);
    let long = |number: u32| json!({ "metadata": { "text": "x".repeat(60_000), "n": number } });
    let kept = |client: &Client| -> (usize, usize) {
        let log = client.world.snapshot()["environment"]["office"]["events"]["kept"].clone();
        (log.as_array().unwrap().len(), log.to_string().len())
    };
    for number in 0..40 {
        client.put("users", &long(number)).ok(200);
    }
    let (before, _) = kept(&client);
    assert_eq!(before, client.world.events(0).len());
    assert!(before > 40, "nothing has given way yet: {before}");
    for number in 40..100 {
        client.put("users", &long(number)).ok(200);
    }
    let (count, bytes) = kept(&client);
    assert!(count > 60 && bytes < BYTES_MAX + count + 2, "{count} events of {bytes} bytes");
    assert!(bytes > BYTES_MAX - 70_000, "no more than needed: {bytes}");
    let newest = client.world.events(0).pop().unwrap();
    assert_eq!(newest.sequence, client.world.events(0)[0].sequence + count as u64 - 1);
    // A restored log knows how long it is.
    client.world.restore(client.world.snapshot()).unwrap();
    client.put("users", &long(100)).ok(200);
    let (again, bytes) = kept(&client);
    assert!(again == count && bytes < BYTES_MAX + count + 2, "{again} events of {bytes} bytes");
}
