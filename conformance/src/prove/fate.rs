//! Whether a mutant was caught: the rules, apart from how it was seen.

use super::hunt::{Seen, Sighting};
use super::mutant::Must;
use crate::driver::Catch;
use crate::exit::Exit;
use crate::verdict::Verdict;

/// What became of a mutant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It was caught as it must be, by these cases (none, where a question or a mark did it).
    Caught(Vec<String>),
    /// It was let through as it must be: what it does is bad manners and no lie.
    PutUpWith,
    /// It was not caught as it must be; why, in words.
    Escaped(String),
    /// It was never seen to sin, so that nothing follows from what was seen.
    NotApplied,
}

impl Fate {
    /// Whether it is what it must be.
    #[must_use]
    pub fn is_right(&self) -> bool {
        matches!(self, Self::Caught(_) | Self::PutUpWith)
    }
}

/// The fate of a mutant, from how it must be caught and what was seen of it.
///
/// A requirement that fails catches only where it is the one that the mutant breaks; a crash, a
/// hang and a broken driver catch nothing, unless that is the sin; and nothing catches a mutant
/// that was not seen to sin.
#[must_use]
pub fn of(must: Must, seen: &Seen) -> Fate {
    if let Some(problem) = &seen.broken {
        return Fate::Escaped(format!("the suite itself broke: {problem}"));
    }
    if seen.played == 0 {
        return Fate::Escaped(format!("no case decides {}", must.words()));
    }
    // A driver that dies in the deed has no time to tell of it: its crash is the deed. A question
    // of the beginning is no case, and has no log to tell it in.
    let tells = !matches!(must, Must::Crash(_) | Must::BeFoundOut(Catch::Probe(_)));
    if tells && !seen.sinned {
        return Fate::NotApplied;
    }
    match must {
        Must::Fail(id) | Must::BeFoundOut(Catch::Requirement(id)) => {
            let broke = |sighting: &&Sighting| {
                sighting.verdict == Verdict::Fail && sighting.failed.iter().any(|it| it == id)
            };
            caught_by(seen.sightings.iter().filter(broke), must, seen)
        }
        Must::Crash(id) => {
            let died = |sighting: &&Sighting| {
                sighting.verdict == Verdict::Crash && sighting.claims.iter().any(|it| it == id)
            };
            caught_by(seen.sightings.iter().filter(died), must, seen)
        }
        Must::BeFoundOut(Catch::Verdict(verdict)) => {
            let is_it = |sighting: &&Sighting| sighting.verdict == verdict;
            exits(
                seen,
                exit_of(verdict),
                caught_by(seen.sightings.iter().filter(is_it), must, seen),
            )
        }
        Must::BeFoundOut(Catch::Probe(name)) => {
            let exit = if name == "underclaim" { Exit::Conformant } else { Exit::Dishonest };
            match seen.probes.iter().any(|probe| probe == name) {
                true => exits(seen, exit, Fate::Caught(Vec::new())),
                false => Fate::Escaped(escape(must, seen)),
            }
        }
        Must::BeFoundOut(Catch::Fingerprint) => match seen.unmarked {
            true => exits(seen, Exit::Dishonest, Fate::Caught(Vec::new())),
            false => Fate::Escaped(escape(must, seen)),
        },
        Must::BeFoundOut(Catch::Tolerated) => match seen.sightings.is_empty() {
            true => exits(seen, Exit::Conformant, Fate::PutUpWith),
            false => Fate::Escaped(escape(must, seen)),
        },
    }
}

fn caught_by<'a>(by: impl Iterator<Item = &'a Sighting>, must: Must, seen: &Seen) -> Fate {
    let by: Vec<String> = by.map(|sighting| sighting.case.clone()).collect();
    if by.is_empty() { Fate::Escaped(escape(must, seen)) } else { Fate::Caught(by) }
}

/// Whoever lies must also be told so by the exit, which is all that a script sees.
fn exits(seen: &Seen, wanted: Exit, fate: Fate) -> Fate {
    if fate.is_right() && seen.exit != wanted {
        return Fate::Escaped(format!("exit {} instead of {}", seen.exit.code(), wanted.code()));
    }
    fate
}

fn exit_of(verdict: Verdict) -> Exit {
    match verdict {
        Verdict::Overclaim => Exit::Dishonest,
        Verdict::Hang | Verdict::Crash => Exit::Crash,
        _ => Exit::Driver,
    }
}

fn escape(must: Must, seen: &Seen) -> String {
    let wanted = must.words();
    let told = |sighting: &Sighting| {
        let failed = sighting.failed.join(", ");
        format!("{} {} {failed}", sighting.verdict.word(), sighting.case).trim_end().to_owned()
    };
    match seen.sightings.iter().map(told).reduce(|all, one| format!("{all}; {one}")) {
        None => format!("{} cases pass, and none shows {wanted}", seen.played),
        Some(others) => format!("nothing shows {wanted}, only: {others}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "MFA-TOTP-016";

    fn sighting(verdict: Verdict, failed: &[&str]) -> Sighting {
        Sighting {
            case: "totp/a".to_owned(),
            verdict,
            claims: vec![ID.to_owned()],
            failed: failed.iter().map(|id| (*id).to_owned()).collect(),
            signature: "00000000".to_owned(),
        }
    }

    fn seen(sightings: Vec<Sighting>) -> Seen {
        Seen { sinned: true, played: 2, sightings, ..Seen::nothing() }
    }

    fn escaped(fate: &Fate) -> bool {
        matches!(fate, Fate::Escaped(_))
    }

    #[test]
    fn only_the_designated_requirement_catches() {
        let must = Must::Fail(ID);
        let fail = |ids: &[&str]| of(must, &seen(vec![sighting(Verdict::Fail, ids)]));
        assert_eq!(fail(&[ID]), Fate::Caught(vec!["totp/a".to_owned()]));
        assert_eq!(fail(&["MFA-TOTP-001", ID]), Fate::Caught(vec!["totp/a".to_owned()]));
        assert!(escaped(&fail(&["MFA-TOTP-001"])));
        assert!(escaped(&of(must, &seen(Vec::new()))));
    }

    #[test]
    fn a_crash_catches_only_whose_sin_it_is() {
        for verdict in [Verdict::Crash, Verdict::Hang, Verdict::Driver, Verdict::Blocked] {
            let seen = seen(vec![sighting(verdict, &[ID])]);
            assert!(escaped(&of(Must::Fail(ID), &seen)), "{verdict:?}");
        }
        let mut crashed = seen(vec![sighting(Verdict::Crash, &[])]);
        crashed.sinned = false;
        assert_eq!(of(Must::Crash(ID), &crashed), Fate::Caught(vec!["totp/a".to_owned()]));
        assert!(escaped(&of(Must::Crash("MFA-TOTP-001"), &crashed)));
        let failed = seen(vec![sighting(Verdict::Fail, &[ID])]);
        assert!(escaped(&of(Must::Crash(ID), &failed)));
    }

    #[test]
    fn who_was_not_seen_to_sin_is_not_caught() {
        let mut seen = seen(vec![sighting(Verdict::Fail, &[ID])]);
        seen.sinned = false;
        assert_eq!(of(Must::Fail(ID), &seen), Fate::NotApplied);
        let tolerated = Must::BeFoundOut(Catch::Tolerated);
        assert_eq!(of(tolerated, &Seen { sightings: Vec::new(), ..seen }), Fate::NotApplied);
    }

    #[test]
    fn no_case_and_a_broken_suite_catch_nobody() {
        let mut nobody = seen(vec![sighting(Verdict::Fail, &[ID])]);
        nobody.played = 0;
        assert!(escaped(&of(Must::Fail(ID), &nobody)));
        let mut broken = seen(vec![sighting(Verdict::Fail, &[ID])]);
        broken.broken = Some("a case panicked".to_owned());
        assert!(escaped(&of(Must::Fail(ID), &broken)));
    }

    #[test]
    fn a_lie_must_be_found_out_in_its_place_and_by_the_exit() {
        let probe = Must::BeFoundOut(Catch::Probe("nonce"));
        let mut asked = Seen { probes: vec!["nonce".to_owned()], ..seen(Vec::new()) };
        asked.exit = Exit::Dishonest;
        assert_eq!(of(probe, &asked), Fate::Caught(Vec::new()));
        assert!(escaped(&of(Must::BeFoundOut(Catch::Probe("canary")), &asked)));
        asked.exit = Exit::Conformant;
        assert!(escaped(&of(probe, &asked)));

        let marks = Must::BeFoundOut(Catch::Fingerprint);
        let bypass = Seen { unmarked: true, exit: Exit::Dishonest, ..seen(Vec::new()) };
        assert_eq!(of(marks, &bypass), Fate::Caught(Vec::new()));
        assert!(escaped(&of(marks, &Seen { unmarked: false, ..bypass })));

        let hang = Must::BeFoundOut(Catch::Verdict(Verdict::Hang));
        let hung = Seen { exit: Exit::Crash, ..seen(vec![sighting(Verdict::Hang, &[])]) };
        assert!(of(hang, &hung).is_right());
        assert!(escaped(&of(hang, &Seen { exit: Exit::Driver, ..hung })));

        let tolerated = Must::BeFoundOut(Catch::Tolerated);
        assert_eq!(of(tolerated, &seen(Vec::new())), Fate::PutUpWith);
        let noticed = seen(vec![sighting(Verdict::Driver, &[])]);
        assert!(escaped(&of(tolerated, &noticed)));
    }
}
