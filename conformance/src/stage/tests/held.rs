//! What an expectation recorded, and whether it ended as it recorded.

use crate::stage::{Finding, Halt, Scribe};

/// The findings of one expectation. All but the last hold, and the last one says how it ended.
pub(in crate::stage) fn held<T>(scribe: &Scribe, ended: Result<T, Halt>) -> Vec<Finding> {
    let findings = scribe.close().findings;
    let (last, before) = findings.split_last().expect("an expectation records what it found");
    assert!(before.iter().all(|found| found.holds), "{findings:?}");
    match ended {
        Ok(_) => assert!(last.holds, "{findings:?}"),
        Err(Halt::Failed) => assert!(!last.holds, "{findings:?}"),
        Err(other) => panic!("{other}"),
    }
    findings
}
