//! Starts that are refused: another seed, other settings, a file that is taken or no journal.

use mock_server::{Clock, Hook, JournalError, JournalFile, Mock, Options};

use super::{Scratch, live, options, refused, start, worlds};
use crate::client::{Client, WORLD, legacy, policy};

/// A file with a life in it.
fn lived() -> Scratch {
    let scratch = Scratch::new();
    live(&mut Client::of(&start(&scratch), WORLD));
    scratch
}

#[test]
fn a_file_goes_on_as_it_was_begun_or_not_at_all() {
    let scratch = lived();
    let file = scratch.bytes();
    let said = |options: Options| {
        let error = refused(options);
        assert!(matches!(error, JournalError::OtherStart { .. }), "{error:?}");
        error.to_string().replace(scratch.text(), "FILE")
    };
    assert_eq!(
        said(Options { seed: Some(8), ..options(&scratch) }),
        "the journal file FILE was begun with another seed; give the same --seed, or none: then \
         the file's own is taken, or name a new file"
    );
    assert_eq!(
        said(Options { policy: legacy(|_| {}), ..options(&scratch) }),
        "the journal file FILE was begun with the setting `minApiVersion` \"2026_04_01\"; it is \
         \"2026_01_01\" now; give the same --preset and settings; a running world's settings are \
         changed through the control API, or name a new file"
    );
    let window = policy(|policy| policy.totp.window_steps = 3);
    let said_of_window = said(Options { policy: window, ..options(&scratch) });
    assert!(said_of_window.contains("`totp.windowSteps` 1; it is 3 now"), "{said_of_window}");
    let said_of_clock = said(Options { clock: Clock::System, ..options(&scratch) });
    assert!(said_of_clock.contains("2030-01-01T12:00:00Z"), "{said_of_clock}");
    // A refused start leaves the file alone, and the right one goes on.
    assert_eq!(scratch.bytes(), file);
    assert_eq!(worlds(&start(&scratch)).len(), 1);
}

#[test]
fn a_file_serves_one_process_at_a_time() {
    let scratch = lived();
    let mock = start(&scratch);
    let error = refused(options(&scratch));
    assert_eq!(error, JournalError::InUse { path: scratch.0.clone() });
    drop(mock);
    start(&scratch);
}

#[test]
fn what_is_no_journal_is_left_alone() {
    for text in ["my notes", "my notes\n", "{}\n", "{\"journal\":\"other\"}\n", "\0\0\0\0"] {
        let scratch = Scratch::new();
        scratch.write(text.as_bytes());
        let error = refused(options(&scratch));
        assert_eq!(error, JournalError::NoJournal { path: scratch.0.clone() }, "{text:?}");
        assert_eq!(scratch.bytes(), text.as_bytes());
    }
    let folder = JournalFile::at(std::env::temp_dir());
    let error = refused(Options { journal_file: Some(folder), ..Options::default() });
    assert!(matches!(error, JournalError::NoJournal { .. }), "{error:?}");
    let nowhere = JournalFile::at("/nonexistent/folder/file");
    let error = refused(Options { journal_file: Some(nowhere), ..Options::default() });
    assert!(matches!(error, JournalError::Unusable { what: "opened", .. }), "{error:?}");
    // An empty file, as `mktemp` makes one, is a new journal.
    let scratch = Scratch::new();
    scratch.write(b"");
    start(&scratch);
    assert!(!scratch.bytes().is_empty());
}

#[test]
fn another_format_or_build_is_named() {
    // Sealed as a line should be, so that only what stands in it is wrong.
    let sealed = |body: &str| {
        use sha2::Digest as _;
        let body = format!("{{\"seq\":0,{body}");
        let digest = sha2::Sha256::new().chain_update([0; 8]).chain_update(&body).finalize();
        format!("{body},\"sum\":\"{}\"}}\n", data_encoding::HEXLOWER.encode(&digest[..8]))
    };
    let scratch = Scratch::new();
    scratch.write(sealed(r#""journal":"mfa-mock","version":2"#).as_bytes());
    let error = refused(options(&scratch));
    assert_eq!(error, JournalError::OtherVersion { path: scratch.0.clone(), found: 2 });

    let lived = lived();
    let text = String::from_utf8(lived.bytes()).unwrap();
    let first = text.lines().next().unwrap();
    let body = &first["{\"seq\":0,".len()..first.rfind(",\"sum\"").unwrap()];
    assert_eq!(sealed(body), format!("{first}\n"), "the test seals as the service does");
    for (from, to) in
        [("\"windowSteps\":1", "\"windowSteps\":1,\"windowStyle\":2"), ("SHA1", "MD5")]
    {
        scratch.write(sealed(&body.replace(from, to)).as_bytes());
        let error = refused(options(&scratch));
        assert!(matches!(error, JournalError::OtherBuild { .. }), "{error:?}");
        assert!(error.to_string().contains("`policy.totp."), "{error}");
    }
    scratch.write(sealed(&body.replace("\"key\":\"", "\"key\":\"other-")).as_bytes());
    let error = refused(options(&scratch));
    assert!(error.to_string().contains("the signing key `other-"), "{error}");
}

#[cfg(unix)]
#[test]
fn the_file_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let scratch = lived();
    let mode = || scratch.0.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(), 0o600);
    std::fs::set_permissions(&scratch.0, std::fs::Permissions::from_mode(0o644)).unwrap();
    start(&scratch);
    assert_eq!(mode(), 0o600);
}

#[test]
fn a_hook_and_a_file_exclude_each_other() {
    struct Idle;
    impl Hook for Idle {}
    let scratch = Scratch::new();
    let hook: std::sync::Arc<dyn Hook> = std::sync::Arc::new(Idle);
    let error = refused(Options { hook: Some(hook), ..options(&scratch) });
    assert_eq!(error, JournalError::Hooked);
    let without = Mock::new(Options { hook: None, ..options(&scratch) });
    assert!(without.is_ok());
}
