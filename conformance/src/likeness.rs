//! Which mutant a red run resembles: a hint at the cause.
//!
//! A mutant has one thing wrong, and it is known which cases then fail, and why. Where a run fails
//! in the same cases for the same reasons, the same thing is probably wrong. It is a hint and no
//! verdict: nothing that counts depends on it.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::event::CaseRecord;
use crate::prove::hunt::fingerprint;
use crate::prove::kept::{Kept, Trail};
use crate::prove::mutant::{Family, Mutant, mutants};
use crate::verdict::Verdict;

/// What a case's failure resembles.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Likeness {
    /// The case that failed.
    pub case: String,
    /// `sdk/NAME`, `service/NAME` or `driver/NAME`.
    pub mutant: String,
    /// What that mutant does that it should not.
    pub sin: String,
    /// How many of its failures the run shares, for the same reasons.
    pub shared: usize,
    /// How many of its failures the run could have shared, of the cases that it played.
    pub of: usize,
}

/// A mutant that shares less than this part of its failures is no hint: one in two.
const SHARE: usize = 2;

/// What each red case of a run resembles most, where it resembles anything.
///
/// With a service that is broken on purpose, or that is the one under test, its family is looked
/// through; else that of SDKs and of drivers.
#[must_use]
pub fn of(records: &[CaseRecord], of_a_service: bool) -> Vec<Likeness> {
    among(records, &mutants_of(of_a_service), Kept::ours())
}

fn mutants_of(of_a_service: bool) -> Vec<Mutant> {
    let fits = |mutant: &Mutant| (mutant.family == Family::Service) == of_a_service;
    mutants().into_iter().filter(fits).collect()
}

fn among(records: &[CaseRecord], mutants: &[Mutant], kept: &Kept) -> Vec<Likeness> {
    let played: BTreeSet<&str> =
        records.iter().filter(|it| it.played.ran()).map(|it| it.case.as_str()).collect();
    let red: BTreeMap<&str, String> = records
        .iter()
        .filter(|record| matches!(record.played, Verdict::Fail | Verdict::Crash))
        .map(|record| (record.case.as_str(), fingerprint(record)))
        .collect();
    let candidates: Vec<Candidate<'_>> = mutants
        .iter()
        .filter_map(|mutant| Some((mutant, kept.trail(&mutant.id())?)))
        .map(|(mutant, trail)| Candidate::new(mutant, trail, &played, &red))
        .filter(|candidate| candidate.of > 0 && candidate.shared * SHARE >= candidate.of)
        .collect();
    let hint = |(case, why): (&&str, &String)| {
        let best = candidates
            .iter()
            .filter(|candidate| candidate.trail.knows(case, why))
            .max_by(|left, right| left.rank(case).cmp(&right.rank(case)))?;
        Some(Likeness {
            case: (*case).to_owned(),
            mutant: best.mutant.id(),
            sin: best.mutant.sin.to_owned(),
            shared: best.shared,
            of: best.of,
        })
    };
    red.iter().filter_map(hint).collect()
}

struct Candidate<'a> {
    mutant: &'a Mutant,
    trail: &'a Trail,
    shared: usize,
    of: usize,
}

impl<'a> Candidate<'a> {
    fn new(
        mutant: &'a Mutant,
        trail: &'a Trail,
        played: &BTreeSet<&str>,
        red: &BTreeMap<&str, String>,
    ) -> Self {
        let tracks = trail.red.iter().filter(|track| played.contains(track.case.as_str()));
        let shares = |case: &str, signature: &String| red.get(case) == Some(signature);
        let shared = tracks.clone().filter(|it| shares(&it.case, &it.signature)).count();
        Self { mutant, trail, shared, of: tracks.count() }
    }

    /// The larger, the better a hint: first the part that is shared, then how much that is, then
    /// whether the case is one that must catch the mutant, then how little else the mutant breaks.
    fn rank(&self, case: &str) -> (usize, usize, bool, std::cmp::Reverse<usize>) {
        let per_mille = (self.shared * 1_000).checked_div(self.of).unwrap_or(0);
        let is_its_own = self.trail.caught_by.iter().any(|it| it == case);
        (per_mille, self.shared, is_its_own, std::cmp::Reverse(self.trail.red.len()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prove::kept::Track;
    use crate::report::tests::records;

    /// A mutant, its red cases with their reasons, and those that caught it.
    type Known<'a> = (&'a Mutant, &'a [(&'a str, &'a str)], &'a [&'a str]);

    fn kept(trails: &[Known<'_>]) -> Kept {
        let trail = |(mutant, red, caught_by): &Known<'_>| Trail {
            mutant: mutant.id(),
            breaks: None,
            must: String::new(),
            caught_by: caught_by.iter().map(|case| (*case).to_owned()).collect(),
            red: red
                .iter()
                .map(|(case, signature)| Track {
                    case: (*case).to_owned(),
                    verdict: Verdict::Fail,
                    signature: (*signature).to_owned(),
                    fails: Vec::new(),
                })
                .collect(),
        };
        Kept::read(&Kept::write([], trails.iter().map(trail)).unwrap()).unwrap()
    }

    #[test]
    fn the_mutant_that_shares_most_is_named() {
        let records = records();
        let red: Vec<&CaseRecord> =
            records.iter().filter(|record| record.played == Verdict::Fail).collect();
        let (one, two) = (&red[0].case, &red[1].case);
        let (why_one, why_two) = (fingerprint(red[0]), fingerprint(red[1]));
        let all = mutants_of(false);
        let (first, second) = (&all[0], &all[1]);
        let both: &[(&str, &str)] = &[(one, &why_one), (two, &why_two)];
        let half: &[(&str, &str)] = &[(one, &why_one), (two, "ffffffff")];
        let hints = among(&records, &all, &kept(&[(first, half, &[]), (second, both, &[])]));
        assert_eq!(hints.len(), 2, "{hints:?}");
        assert!(hints.iter().all(|hint| hint.mutant == second.id()), "{hints:?}");
        assert_eq!((hints[0].shared, hints[0].of), (2, 2));

        let hints = among(&records, &all, &kept(&[(first, half, &[])]));
        assert_eq!(hints.len(), 1, "a reason that differs is no likeness: {hints:?}");
        assert_eq!((hints[0].case.as_str(), hints[0].shared, hints[0].of), (one.as_str(), 1, 2));
    }

    #[test]
    fn cases_that_were_not_played_speak_for_nobody() {
        let records = records();
        let red = records.iter().find(|record| record.played == Verdict::Fail).unwrap();
        let why = fingerprint(red);
        let all = mutants_of(false);
        let elsewhere: &[(&str, &str)] =
            &[(&red.case, &why), ("not/played", "00000000"), ("nor/this", "00000000")];
        let hints = among(&records, &all, &kept(&[(&all[0], elsewhere, &[])]));
        assert_eq!((hints[0].shared, hints[0].of), (1, 1));
        assert!(among(&records, &all, &Kept::default()).is_empty());
    }
}
