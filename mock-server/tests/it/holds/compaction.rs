//! Replacing a long file by a short one: nothing is lost that way, whatever stands in the worlds.

use mock_server::{Effect, Fault, FaultError, JournalFile, Mock, Options, SnapshotError};
use serde_json::{Value, json};

use super::{Scratch, options, start, worlds};
use crate::client::{Client, WORLD};

/// A body of so many levels of arrays.
fn nested(levels: usize) -> Value {
    (0..levels).fold(json!(1), |inner, _| json!([inner]))
}

fn fault(levels: usize) -> Fault {
    let effect = Effect::Status { status: 503, code: None, body: Some(nested(levels)) };
    Fault::on("authMfaTotpDevice", effect)
}

/// Starts once with so low a bound that the file is made anew, if that makes it shorter.
fn compacting(scratch: &Scratch) -> Mock {
    let file = JournalFile { compact_above_bytes: 1, ..JournalFile::at(&scratch.0) };
    Mock::new(Options { journal_file: Some(file), ..options(scratch) }).unwrap()
}

/// Makes the file long, and the world none the larger.
fn lengthen(client: &Client) {
    (0..2_000).for_each(|_| client.world.revoke_every_session().map(drop).unwrap());
}

#[test]
fn the_deepest_fault_that_is_let_in_can_always_be_read_again() {
    let scratch = Scratch::new();
    let mock = start(&scratch);
    let client = Client::of(&mock, WORLD);
    let before = client.world.snapshot();
    for levels in [65, 118, 121, 125, 127, 200] {
        let refused = client.world.inject_fault(fault(levels)).unwrap_err();
        assert_eq!(refused, FaultError::TooDeep("body"), "{levels}");
    }
    assert_eq!(client.world.snapshot(), before);
    client.world.inject_fault(fault(64)).unwrap();
    // A snapshot is no way round it.
    let mut deep = client.world.snapshot();
    deep["faults"]["list"][0]["fault"]["effect"]["body"] = nested(65);
    let refused = client.world.restore(deep).unwrap_err();
    assert!(matches!(&refused, SnapshotError::Malformed(why) if why.contains("64 levels")));
    lengthen(&client);
    let before = worlds(&mock);
    drop((mock, client));
    for is_compacting in [false, true, false] {
        let mock = if is_compacting { compacting(&scratch) } else { start(&scratch) };
        assert_eq!(worlds(&mock), before);
        assert_eq!(mock.journal_report().unwrap().compacted.is_some(), is_compacting);
        let world = mock.existing_environment(WORLD).unwrap();
        world.restore(world.snapshot()).unwrap();
    }
}

#[cfg(unix)]
#[test]
fn a_name_that_leads_to_the_file_goes_on_leading_there() {
    let (link, target) = (Scratch::new(), super::Folder::new());
    let target = target.0.join("target.journal");
    std::os::unix::fs::symlink(&target, &link.0).unwrap();
    let mock = start(&link);
    let client = Client::of(&mock, WORLD);
    lengthen(&client);
    drop((mock, client));
    let long = target.metadata().unwrap().len();
    let mock = compacting(&link);
    assert_eq!(mock.journal_report().unwrap().compacted.map(|(before, _)| before), Some(long));
    let client = Client::of(&mock, WORLD);
    client.mail("late@example.com");
    let before = worlds(&mock);
    drop((mock, client));
    assert!(link.0.symlink_metadata().unwrap().is_symlink());
    // Under its own name the file holds what came after it was made shorter.
    let file = JournalFile::at(&target);
    let mock = Mock::new(Options { journal_file: Some(file), ..options(&link) }).unwrap();
    assert_eq!(worlds(&mock), before);
}
