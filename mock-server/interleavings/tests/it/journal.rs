//! The journal file: the pen, those who wait for the disk, and the batcher.

use std::path::PathBuf;

use interleavings::{JournalFile, JournalSync, Mock, Options};
use serde_json::json;
use shuttle::thread;

use crate::client::{ALICE, Errand, WORLD, at_once, service_with, winners};
use crate::orders::in_every_order;

/// A file that goes when the test does.
struct File(PathBuf);

impl File {
    fn new(name: &str) -> Self {
        let name = format!("mfa-mock-interleavings-{}-{name}.journal", std::process::id());
        let file = Self(std::env::temp_dir().join(name));
        let _ = std::fs::remove_file(&file.0);
        file
    }

    fn open(&self, sync: JournalSync) -> Mock {
        let file = JournalFile { sync, ..JournalFile::at(self.0.clone()) };
        service_with(Options { journal_file: Some(file), ..Options::default() })
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// Three write at once, then the service ends; all that was answered is there again, in order.
fn is_kept(name: &str, sync: JournalSync) {
    let file = File::new(name);
    let mock = file.open(sync);
    let mail = Errand::post(&mock, "emailVerifications/create", &json!({ "email": ALICE }));
    assert_eq!(winners(&at_once(vec![mail; 3])), 3);
    let before = mock.environment(WORLD).unwrap().snapshot();
    drop(mock);
    let again = file.open(JournalSync::Never);
    assert_eq!(again.environment(WORLD).unwrap().snapshot(), before);
}

#[test]
fn whoever_waits_for_the_disk_is_woken() {
    in_every_order(|| is_kept("always", JournalSync::Always));
}

#[test]
fn the_batcher_misses_nothing_and_ends() {
    in_every_order(|| is_kept("batch", JournalSync::Batch));
}

/// Two environments share one pen.
#[test]
fn the_lines_of_two_environments_do_not_mix() {
    in_every_order(|| {
        let file = File::new("two");
        let mock = file.open(JournalSync::Never);
        let ids = [1, 2].map(|number| format!("00000000-0000-4000-8000-00000000000{number}"));
        let threads = ids.clone().map(|id| {
            let mock = mock.clone();
            thread::spawn(move || {
                let world = mock.environment(&id).unwrap();
                world.advance_clock(jiff::SignedDuration::from_secs(30)).unwrap();
                world.snapshot()
            })
        });
        let before = threads.map(|thread| thread.join().unwrap());
        drop(mock);
        let again = file.open(JournalSync::Never);
        let after = ids.map(|id| again.environment(&id).unwrap().snapshot());
        assert_eq!(after, before);
    });
}
