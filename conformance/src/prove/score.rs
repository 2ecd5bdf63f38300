//! How many were caught, and whether that is enough.

use std::collections::BTreeSet;

use super::Hunted;
use super::fate::Fate;
use super::mutant::Family;
use crate::case::Case;
use crate::exit::{self, Exit, Reason};
use crate::requirement::{Level, Requirements};

/// How many of a family were caught.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FamilyScore {
    /// The family.
    pub family: Family,
    /// Those that were caught, or put up with, as they must be.
    pub right: usize,
    /// Those that were met.
    pub of: usize,
}

impl FamilyScore {
    /// Counts a family.
    #[must_use]
    pub fn of(family: Family, hunted: &[Hunted]) -> Self {
        let members = hunted.iter().filter(|one| one.mutant.family == family);
        let right = members.clone().filter(|one| one.fate.is_right()).count();
        Self { family, right, of: members.count() }
    }

    /// Whether the gate is reached, if there is one; nothing met reaches no gate.
    #[must_use]
    pub fn passes(&self) -> bool {
        let reached = |gate| self.of > 0 && self.right * 100 >= gate * self.of;
        self.family.gate().is_none_or(reached)
    }

    /// The share that was caught, in per cent, rounded down.
    #[must_use]
    pub fn percent(&self) -> usize {
        (self.right * 100).checked_div(self.of).unwrap_or(0)
    }
}

/// The requirements that a mutant which breaks them was caught by.
#[must_use]
pub fn proven(hunted: &[Hunted]) -> BTreeSet<&'static str> {
    let caught = hunted.iter().filter(|one| matches!(one.fate, Fate::Caught(_)));
    caught.filter_map(|one| one.mutant.must.requirement()).collect()
}

/// The binding requirements that nothing proves; excluded ones need no proof.
#[must_use]
pub fn unproven_musts<'a>(requirements: &'a Requirements, hunted: &[Hunted]) -> Vec<&'a str> {
    let proven = proven(hunted);
    requirements
        .iter()
        .filter(|row| row.level == Level::Must && row.excluded.is_none())
        .map(|row| row.id.as_str())
        .filter(|id| !proven.contains(id))
        .collect()
}

/// The cases that catch nobody, and so are suspect: they may be unable to fail.
#[must_use]
pub fn idle<'a>(cases: &'a [&'static Case], hunted: &[Hunted]) -> Idle<'a> {
    let mut catching = BTreeSet::new();
    let mut red = BTreeSet::new();
    for one in hunted {
        red.extend(one.sightings.iter().map(|sighting| sighting.case.as_str()));
        if let Fate::Caught(by) = &one.fate {
            catching.extend(by.iter().map(String::as_str));
        }
    }
    let of = |is_it: &dyn Fn(&str) -> bool| {
        cases.iter().map(|case| case.id).filter(|id| is_it(id)).collect()
    };
    Idle {
        never_red: of(&|id| !red.contains(id)),
        only_beside: of(&|id| red.contains(id) && !catching.contains(id)),
    }
}

/// Cases that catch nobody.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Idle<'a> {
    /// No mutant makes them red.
    pub never_red: Vec<&'a str>,
    /// Mutants make them red, but none that breaks a requirement which they decide.
    pub only_beside: Vec<&'a str>,
}

/// What speaks against the suite after a hunt for everything.
#[must_use]
pub fn reasons(requirements: &Requirements, hunted: &[Hunted]) -> Vec<Reason> {
    let mut reasons = Vec::new();
    for score in Family::ALL.map(|family| FamilyScore::of(family, hunted)) {
        if let Some(gate) = score.family.gate()
            && !score.passes()
        {
            let FamilyScore { family, right, of } = score;
            let text = format!("{right} of {of} {}: the gate is {gate} %", family.plural());
            reasons.push(Reason::new(Exit::Harness, text));
        }
    }
    let unproven = unproven_musts(requirements, hunted);
    if !unproven.is_empty() {
        let text = format!("nothing proves the MUST {}", unproven.join(", "));
        reasons.push(Reason::new(Exit::Harness, text));
    }
    reasons
}

/// What speaks against it after a hunt for some: each that was not caught.
#[must_use]
pub fn reasons_of_some(hunted: &[Hunted]) -> Vec<Reason> {
    let wrong = hunted.iter().filter(|one| !one.fate.is_right());
    wrong
        .map(|one| Reason::new(Exit::Harness, format!("{} was not caught", one.mutant.id())))
        .collect()
}

/// The exit for the reasons.
#[must_use]
pub fn exit(reasons: &[Reason]) -> Exit {
    exit::settle(reasons)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prove::mutant::{Mutant, mutants};

    fn hunted(family: Family, right: usize, wrong: usize) -> Vec<Hunted> {
        let one = |fate: Fate| Hunted {
            mutant: mutants().into_iter().find(|it: &Mutant| it.family == family).unwrap(),
            fate,
            sightings: Vec::new(),
        };
        let caught = (0..right).map(|_| one(Fate::Caught(vec!["a/b".to_owned()])));
        caught.chain((0..wrong).map(|_| one(Fate::NotApplied))).collect()
    }

    #[test]
    fn the_gates_are_98_and_100_and_none_for_what_was_held_out() {
        for (family, right, wrong, passes) in [
            (Family::Sdk, 98, 2, true),
            (Family::Sdk, 97, 3, false),
            (Family::Service, 49, 1, true),
            (Family::Service, 48, 2, false),
            (Family::Driver, 23, 0, true),
            (Family::Driver, 22, 1, false),
            (Family::Driver, 0, 0, false),
            (Family::HeldOut, 1, 9, true),
            (Family::HeldOut, 0, 0, true),
        ] {
            let score = FamilyScore::of(family, &hunted(family, right, wrong));
            assert_eq!(score.passes(), passes, "{score:?}");
        }
    }

    #[test]
    fn nothing_met_is_no_proof_of_anything() {
        let rows = Requirements::load().unwrap();
        let reasons = reasons(&rows, &[]);
        let gates = Family::ALL.into_iter().filter_map(Family::gate).count();
        assert_eq!(reasons.len(), gates + 1);
        assert_eq!(exit(&reasons), Exit::Harness);
        assert_eq!(exit(&reasons_of_some(&hunted(Family::Sdk, 3, 0))), Exit::Conformant);
        assert_eq!(exit(&reasons_of_some(&hunted(Family::Sdk, 3, 1))), Exit::Harness);
    }

    #[test]
    fn a_case_is_idle_that_catches_nobody() {
        let all = crate::suite::cases();
        let mut one = hunted(Family::Sdk, 1, 0);
        one[0].fate = Fate::Caught(vec![all[0].id.to_owned()]);
        one[0].sightings = [all[0], all[1]]
            .map(|case| super::super::Sighting {
                case: case.id.to_owned(),
                verdict: crate::verdict::Verdict::Fail,
                claims: Vec::new(),
                failed: Vec::new(),
                signature: String::new(),
            })
            .to_vec();
        let idle = idle(&all[..3], &one);
        assert_eq!(idle.never_red, [all[2].id]);
        assert_eq!(idle.only_beside, [all[1].id]);
    }
}
