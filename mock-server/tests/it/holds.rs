//! The journal file: what was answered is there after a restart, or the start says why not.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use mock_server::{JournalError, JournalFile, Mock, MockError, Options};
use serde_json::Value;

use crate::client::{Client, NOON};

mod compaction;
mod damage;
#[cfg(unix)]
mod full;
mod killed;
mod life;
mod starts;
mod whole;

/// A file that is gone with the test, and its companions too.
pub(crate) struct Scratch(pub(crate) PathBuf);

impl Scratch {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("mfa-mock-{}-{number}.journal", std::process::id());
        Self(std::env::temp_dir().join(name))
    }

    pub(crate) fn text(&self) -> &str {
        self.0.to_str().unwrap()
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        std::fs::read(&self.0).unwrap()
    }

    pub(crate) fn write(&self, bytes: &[u8]) {
        std::fs::write(&self.0, bytes).unwrap();
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// A folder that is gone with the test.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        let folder = Scratch::new().0.with_extension("folder");
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    /// Writes a file below it and yields its path.
    pub(crate) fn write(&self, name: &str, text: &str) -> String {
        let path = self.0.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// How the services of these tests start: fixed seed, held clock, a journal file.
fn options(scratch: &Scratch) -> Options {
    Options {
        seed: Some(7),
        clock: mock_server::Clock::held_at(NOON.parse().unwrap()),
        journal_file: Some(JournalFile::at(&scratch.0)),
        ..Options::default()
    }
}

fn start(scratch: &Scratch) -> Mock {
    Mock::new(options(scratch)).unwrap()
}

/// Why a start is refused.
fn refused(options: Options) -> JournalError {
    match Mock::new(options) {
        Err(MockError::Journal(error)) => error,
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("it started"),
    }
}

/// Every world of a service, whole.
fn worlds(mock: &Mock) -> Vec<(String, Value)> {
    let state = |id: &String| mock.existing_environment(id).unwrap().snapshot();
    mock.environment_ids().iter().map(|id| (id.clone(), state(id))).collect()
}

/// Lets somebody live in a world for a while, with every kind of change.
fn live(client: &mut Client) {
    client.seed_alice();
    client.sign_in(crate::client::ALICE);
    client.pass_totp(serde_json::json!({}));
    client.get("users/mfa").ok(200);
    client.totp(&client.wrong_code(), serde_json::json!({})).wrong_code();
}
