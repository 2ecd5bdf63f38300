//! Writes many changes into a journal file and reads them back, and prints how long that takes.
//!
//! ```sh
//! cargo run --release -p mock-server --example journal -- 200000
//! ```
//!
//! The changes are those of an SDK that asks for nonces and mails, in four environments at once;
//! the figures without a file are what the file costs.
#![expect(clippy::print_stdout, reason = "a program for people speaks on its standard output")]
#![expect(clippy::unwrap_used, reason = "a measurement that fails has nothing to say")]
#![expect(clippy::disallowed_methods, reason = "a measurement asks the system for the time")]

use std::time::Instant;

use mock_server::bytes::Bytes;
use mock_server::http::Request;
use mock_server::{JournalFile, JournalSync, Mock, Options};

const ENVIRONMENTS: usize = 4;

fn main() {
    let changes = std::env::args().nth(1).and_then(|word| word.parse().ok()).unwrap_or(100_000);
    let path = std::env::temp_dir().join(format!("mfa-mock-{}.journal", std::process::id()));
    println!("no file:    {:>9.0} changes/s", written(None, changes));
    for (name, sync, share) in [
        ("never", JournalSync::Never, 1),
        ("batch", JournalSync::Batch, 1),
        ("always", JournalSync::Always, 100),
    ] {
        let file = JournalFile { sync, ..JournalFile::at(&path) };
        let rate = written(Some(file.clone()), changes / share);
        let bytes = path.metadata().unwrap().len();
        let begun = Instant::now();
        let options = Options { journal_file: Some(file), ..Options::default() };
        let mock = Mock::new(options).unwrap();
        let records = mock.journal_report().unwrap().records;
        let replayed = f64::from(u32::try_from(records).unwrap()) / begun.elapsed().as_secs_f64();
        println!(
            "{name:<6} file: {rate:>9.0} changes/s, replayed {replayed:>9.0} records/s ({bytes} bytes)"
        );
        drop(mock);
        std::fs::remove_file(&path).unwrap();
    }
}

/// Changes that were written in a second.
fn written(journal_file: Option<JournalFile>, changes: usize) -> f64 {
    let mock = Mock::new(Options { journal_file, ..Options::default() }).unwrap();
    let begun = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..ENVIRONMENTS {
            let mock = &mock;
            scope.spawn(move || {
                let world = mock.fresh_environment().unwrap().id();
                let base = format!("/api/v0/sdk/{world}");
                for number in 0..changes / ENVIRONMENTS {
                    let request = match number % 4 {
                        0 => Request::post(format!("{base}/emailVerifications/create"))
                            .body(Bytes::from_static(br#"{"email":"alice@example.com"}"#)),
                        _ => Request::get(format!("{base}/nonces?count=5")).body(Bytes::new()),
                    };
                    assert!(mock.answer(&request.unwrap()).response.status().is_success());
                }
            });
        }
    });
    f64::from(u32::try_from(changes).unwrap()) / begun.elapsed().as_secs_f64()
}
