//! The evidence that is kept in the repository: what every mutant did to the whole suite.
//!
//! One line for each case that was played and one for each mutant, so that a change of one is a
//! change of one line. It is compiled in, because two questions need it without a hunt: whether a
//! requirement is proven, and which mutant a red run resembles.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::hunt::Sighting;
use crate::verdict::Verdict;

/// What was kept when the suite was last proven as a whole.
const TEXT: &str = include_str!("../../evidence/kills.ndjson");

/// What one mutant did to the suite.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trail {
    /// `sdk/NAME`, `service/NAME` or `driver/NAME`.
    pub mutant: String,
    /// The requirement that it breaks, where one decides.
    pub breaks: Option<String>,
    /// How it must be caught, in words.
    pub must: String,
    /// The cases that caught it in the way it must be.
    pub caught_by: Vec<String>,
    /// Every case that did not pass, whatever the reason.
    pub red: Vec<Track>,
}

/// One case that did not pass.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Track {
    /// The case.
    pub case: String,
    /// Its verdict.
    pub verdict: Verdict,
    /// A short hash of why.
    pub signature: String,
    /// The requirements that it showed not to hold.
    pub fails: Vec<String>,
}

impl From<&Sighting> for Track {
    fn from(sighting: &Sighting) -> Self {
        Self {
            case: sighting.case.clone(),
            verdict: sighting.verdict,
            signature: sighting.signature.clone(),
            fails: sighting.failed.clone(),
        }
    }
}

/// A case that every mutant of an SDK or a service has met.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Met {
    case: String,
}

/// How the line of a case begins, and no other.
const OF_A_CASE: &str = r#"{"case":"#;

/// A line that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct Unreadable {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub problem: serde_json::Error,
}

/// The trails of all mutants, and the cases that they have met.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    cases: BTreeSet<String>,
    trails: BTreeMap<String, Trail>,
}

impl Kept {
    /// What was compiled in; nothing, should it be unreadable, which a test forbids.
    #[must_use]
    pub fn ours() -> &'static Self {
        static OURS: LazyLock<Kept> = LazyLock::new(|| Kept::read(TEXT).unwrap_or_default());
        &OURS
    }

    /// Reads kept lines.
    ///
    /// # Errors
    /// The first line that is neither a case nor a trail.
    pub fn read(text: &str) -> Result<Self, Unreadable> {
        let mut kept = Self::default();
        for (at, line) in text.lines().enumerate() {
            let unreadable = |problem| Unreadable { line: at + 1, problem };
            if line.starts_with(OF_A_CASE) {
                let Met { case } = serde_json::from_str(line).map_err(unreadable)?;
                kept.cases.insert(case);
            } else {
                let trail: Trail = serde_json::from_str(line).map_err(unreadable)?;
                kept.trails.insert(trail.mutant.clone(), trail);
            }
        }
        Ok(kept)
    }

    /// The cases and the trails as lines, sorted by id.
    ///
    /// # Errors
    /// Never for trails of ours; what serialising reports is handed on.
    pub fn write<'a>(
        cases: impl IntoIterator<Item = &'a str>,
        trails: impl IntoIterator<Item = Trail>,
    ) -> Result<String, serde_json::Error> {
        let cases: BTreeSet<&str> = cases.into_iter().collect();
        let trails: BTreeMap<String, Trail> =
            trails.into_iter().map(|trail| (trail.mutant.clone(), trail)).collect();
        let of_cases =
            cases.into_iter().map(|case| serde_json::to_string(&Met { case: case.into() }));
        let of_mutants = trails.values().map(serde_json::to_string);
        of_cases.chain(of_mutants).try_fold(String::new(), |text, line| Ok(text + &line? + "\n"))
    }

    /// Whether every mutant has met a case.
    #[must_use]
    pub fn has_met(&self, case: &str) -> bool {
        self.cases.contains(case)
    }

    /// The cases that every mutant has met.
    pub fn cases(&self) -> impl Iterator<Item = &str> {
        self.cases.iter().map(String::as_str)
    }

    /// The same without what was seen in these cases, so that they are met anew.
    #[must_use]
    pub fn without(mut self, cases: &[&str]) -> Self {
        self.cases.retain(|met| !cases.contains(&met.as_str()));
        for trail in self.trails.values_mut() {
            trail.red.retain(|track| !cases.contains(&track.case.as_str()));
        }
        self
    }

    /// The trail of a mutant, by its id.
    #[must_use]
    pub fn trail(&self, mutant: &str) -> Option<&Trail> {
        self.trails.get(mutant)
    }

    /// Every trail, by the mutant's id.
    pub fn trails(&self) -> impl Iterator<Item = &Trail> {
        self.trails.values()
    }

    /// The mutants that were caught by this requirement, as they must be.
    pub fn proving<'a>(&'a self, requirement: &'a str) -> impl Iterator<Item = &'a Trail> {
        self.trails().filter(move |trail| {
            trail.breaks.as_deref() == Some(requirement) && !trail.caught_by.is_empty()
        })
    }

    /// The mutants under which this requirement fails although they break another.
    pub fn beside<'a>(&'a self, requirement: &'a str) -> impl Iterator<Item = &'a Trail> {
        self.trails().filter(move |trail| {
            let mut fails = trail.red.iter().flat_map(|track| &track.fails);
            trail.breaks.as_deref() != Some(requirement) && fails.any(|id| id == requirement)
        })
    }
}

impl Trail {
    /// Whether a case is red for the same reason as it was then.
    #[must_use]
    pub fn knows(&self, case: &str, signature: &str) -> bool {
        self.red.iter().any(|track| track.case == case && track.signature == signature)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trail(mutant: &str, breaks: &str, caught_by: &[&str], fails: &[&str]) -> Trail {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        let red = vec![Track {
            case: "a/b".to_owned(),
            verdict: Verdict::Fail,
            signature: "0a0a0a0a".to_owned(),
            fails: owned(fails),
        }];
        Trail {
            mutant: mutant.to_owned(),
            breaks: Some(breaks.to_owned()),
            must: format!("a crash in {breaks}"),
            caught_by: owned(caught_by),
            red,
        }
    }

    #[test]
    fn lines_read_back_sorted() {
        let (one, two) = (trail("sdk/b", "X", &[], &[]), trail("sdk/a", "Y", &["a/b"], &["Y"]));
        let text = Kept::write(["c/d", "a/b"], [one.clone(), two.clone()]).unwrap();
        let begins = |line: &str, with: &str| assert!(line.starts_with(with), "{line}");
        let with = [r#"{"case":"a/b"}"#, r#"{"case":"c/d"}"#, r#"{"mutant":"sdk/a""#, r#"{"mu"#];
        assert_eq!(text.lines().count(), with.len());
        text.lines().zip(with).for_each(|(line, with)| begins(line, with));
        let kept = Kept::read(&text).unwrap();
        assert_eq!(kept.trails().collect::<Vec<_>>(), [&two, &one]);
        assert!(kept.has_met("a/b") && kept.has_met("c/d") && !kept.has_met("sdk/a"));
        for (wrong, problem) in [("{}", "missing"), (r#"{"case":"e","x":1}"#, "unknown")] {
            let error = Kept::read(&format!("{text}{wrong}\n")).unwrap_err().to_string();
            assert!(error.starts_with(&format!("line 5: {problem} field")), "{error}");
        }
    }

    #[test]
    fn what_is_to_be_met_anew_is_forgotten() {
        let text = Kept::write(["a/b", "c/d"], [trail("sdk/a", "X", &["a/b"], &[])]).unwrap();
        let kept = Kept::read(&text).unwrap().without(&["a/b"]);
        assert!(!kept.has_met("a/b") && kept.has_met("c/d"));
        assert!(kept.trail("sdk/a").unwrap().red.is_empty());
    }

    #[test]
    fn what_is_proven_was_caught_by_its_own_requirement() {
        let trails = [
            trail("sdk/a", "MFA-A-001", &["a/b"], &["MFA-A-001", "MFA-A-002"]),
            trail("sdk/b", "MFA-A-001", &[], &["MFA-A-003"]),
            trail("sdk/c", "MFA-A-004", &["a/b"], &[]),
        ];
        let kept = Kept::read(&Kept::write([], trails).unwrap()).unwrap();
        let names = |trails: Vec<&Trail>| -> Vec<String> {
            trails.into_iter().map(|trail| trail.mutant.clone()).collect()
        };
        let proving = |id| names(kept.proving(id).collect());
        let beside = |id| names(kept.beside(id).collect());
        assert_eq!(proving("MFA-A-001"), ["sdk/a"]);
        assert_eq!(proving("MFA-A-004"), ["sdk/c"]);
        assert!(proving("MFA-A-002").is_empty() && proving("MFA-A-003").is_empty());
        assert_eq!(beside("MFA-A-002"), ["sdk/a"]);
        assert_eq!(beside("MFA-A-003"), ["sdk/b"]);
        assert!(beside("MFA-A-001").is_empty());
        assert!(kept.trail("sdk/a").unwrap().knows("a/b", "0a0a0a0a"));
        assert!(!kept.trail("sdk/a").unwrap().knows("a/b", "0b0b0b0b"));
    }

    #[test]
    fn ours_can_be_read() {
        Kept::read(TEXT).unwrap();
    }
}
