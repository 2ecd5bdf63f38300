//! A journal file that something happened to: opened to the last change that was answered, an
//! unfinished end dropped and told, or refused with the place; never a silent difference.

mod life;
mod line;

use std::path::Path;

use mock_server::bytes::Bytes;
use mock_server::http::Request;
use mock_server::{Clock, JournalError, JournalFile, JournalSync, Mock, MockError, Options};
use serde_json::Value;

use crate::scene::lets_wait;
use crate::scratch::Scratch;
use crate::spelling::spell;
use line::{Whole, header, seal, whole};

/// Records of one input.
const RECORDS_MAX: usize = 40;

type Worlds = Vec<(String, Value)>;

/// A start with that file, as all of them are started here.
fn start(path: &Path, compact_above_bytes: u64) -> Result<Mock, JournalError> {
    let file =
        JournalFile { sync: JournalSync::Never, compact_above_bytes, ..JournalFile::at(path) };
    let options = Options {
        seed: Some(7),
        clock: Clock::held_at("2030-01-01T12:00:00Z".parse().unwrap()),
        journal_file: Some(file),
        ..Options::default()
    };
    match Mock::new(options) {
        Ok(mock) => Ok(mock),
        Err(MockError::Journal(error)) => Err(error),
        Err(error) => panic!("{error}"),
    }
}

fn worlds(mock: &Mock) -> Worlds {
    let state = |id: &String| mock.existing_environment(id).unwrap().snapshot();
    mock.environment_ids().iter().map(|id| (id.clone(), state(id))).collect()
}

/// Any bytes as journal file; what a service wrote has names, see [`life`].
pub(crate) fn bytes(input: &[u8]) {
    let scratch = Scratch::new("journal");
    let input = &spell(input, life::words())[..];
    std::fs::write(&scratch.0, input).unwrap();
    let Whole { lines, end, is_open } = whole(input);
    let opened = start(&scratch.0, u64::MAX);
    let after = std::fs::read(&scratch.0).unwrap();
    let mock = match opened {
        Ok(mock) => mock,
        Err(error) => {
            assert_eq!(after, input, "a refused file is left as it is");
            return is_placed(&error, lines, end);
        }
    };
    let report = mock.journal_report().unwrap();
    assert_eq!(report.records, lines.saturating_sub(1), "every whole line counts");
    // What is gone is the unfinished end and nothing else, and it is told.
    assert_eq!(report.torn.is_some(), end < input.len(), "{report:?}");
    assert!(!input[end..].contains(&b'\n'), "a line that had ended was dropped");
    let mut kept = input[..end].to_vec();
    if is_open {
        kept.push(b'\n');
    }
    if lines == 0 {
        kept = header().to_vec();
    }
    assert_eq!(after, kept);
    goes_on(mock, &scratch.0);
}

/// A refusal names the first line that is not what was written there.
fn is_placed(error: &JournalError, lines: u64, end: usize) {
    match error {
        JournalError::Damaged { line, offset, .. } => {
            assert_eq!((*line, *offset), (lines + 1, end as u64), "{error}");
        }
        // Whole lines that this build did not write are told apart from damage.
        JournalError::OtherRules { line, offset, .. } => {
            assert!(*line <= lines && *offset < end as u64, "{error}");
        }
        JournalError::NoJournal { .. } => assert_eq!(lines, 0, "{error}"),
        JournalError::OtherVersion { .. }
        | JournalError::OtherBuild { .. }
        | JournalError::OtherStart { .. } => assert!(lines > 0, "{error}"),
        JournalError::Unusable { .. } | JournalError::InUse { .. } | JournalError::Hooked => {
            panic!("{error}")
        }
    }
}

/// Any lines as records: sealed, so that all that can be wrong is what stands in them.
pub(crate) fn records(input: &[u8]) {
    let input = &spell(input, life::words())[..];
    let records: Vec<&[u8]> = input
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
        .take(RECORDS_MAX)
        .collect();
    let (file, edges) = seal(&records);
    let scratch = Scratch::new("journal");
    std::fs::write(&scratch.0, &file).unwrap();
    match start(&scratch.0, u64::MAX) {
        Ok(mock) => {
            let report = mock.journal_report().unwrap();
            assert_eq!((report.records, &report.torn), (records.len() as u64, &None));
            assert_eq!(std::fs::read(&scratch.0).unwrap(), file);
            goes_on(mock, &scratch.0);
        }
        Err(JournalError::OtherRules { line, offset, problem, .. }) => {
            let begin = edges[usize::try_from(line).unwrap() - 2];
            assert_eq!(offset, begin, "{problem}");
            assert!(!problem.is_empty());
            assert_eq!(std::fs::read(&scratch.0).unwrap(), file, "it is left as it is");
        }
        Err(error) => panic!("{error}"),
    }
}

/// A file that was opened is one to live with: changes are kept, and it may be made shorter.
fn goes_on(mock: Mock, path: &Path) {
    let is_open = |id: &String| !lets_wait(&mock.existing_environment(id).unwrap());
    for id in mock.environment_ids().into_iter().filter(is_open) {
        let asked = [
            Request::post(format!("/api/v0/sdk/{id}/emailVerifications/create"))
                .body(Bytes::from_static(br#"{"email":"late@example.com"}"#)),
            Request::get(format!("/api/v0/sdk/{id}/nonces?count=2")).body(Bytes::new()),
        ];
        for request in asked {
            assert!(mock.answer(&request.unwrap()).response.status().as_u16() >= 200);
        }
    }
    let before = worlds(&mock);
    drop(mock);
    for compact_above_bytes in [u64::MAX, 0, u64::MAX] {
        let mock = start(path, compact_above_bytes).expect("it was opened before");
        let report = mock.journal_report().unwrap();
        assert_eq!((&report.torn, &report.compaction_failed), (&None, &None));
        assert_eq!(worlds(&mock), before, "compacted: {:?}", report.compacted);
    }
}
