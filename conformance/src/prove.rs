//! Proof that the suite can fail.
//!
//! A green run is worth what a red one would have taken. So every SDK, service and driver that is
//! broken on purpose is met once, and must be caught; what counts as caught is narrow:
//!
//! - the honest SDK and the honest service are green first, or nothing that follows counts;
//! - one mutant of each family, which no working suite can miss, must be caught before the others;
//! - the mutant was seen to sin while it was met;
//! - the requirement that it breaks is among those that fail; another one's failure is noted, and
//!   catches nobody, and a crash or a hang catches only whose sin it is;
//! - the reason is the one that was kept when the suite was last proven as a whole. Cases may fail
//!   for many reasons; one that fails for a new one has to be looked at.
//!
//! [`mutant`] is everything that is broken on purpose, [`mod@hunt`] meets it, [`fate`] says whether it
//! was caught, [`kept`] is what was kept of it, [`score`] holds the gates and [`page`] the matrix
//! that is published.

pub mod fate;
pub mod hunt;
pub mod kept;
mod meeting;
pub mod mutant;
pub mod page;
pub mod score;
pub mod words;

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError, mpsc};
use std::thread;

use fate::Fate;
use hunt::{Ground, Reach, Seen, Sighting};
use kept::{Kept, Track, Trail};
use mutant::{Family, Mutant};

/// A mutant, and what became of it.
#[derive(Clone, Debug)]
pub struct Hunted {
    /// The mutant.
    pub mutant: Mutant,
    /// What became of it.
    pub fate: Fate,
    /// Every case that did not pass.
    pub sightings: Vec<Sighting>,
}

impl Hunted {
    /// What is kept of it.
    #[must_use]
    pub fn trail(&self) -> Trail {
        let caught_by = match &self.fate {
            Fate::Caught(by) => by.clone(),
            Fate::PutUpWith | Fate::Escaped(_) | Fate::NotApplied => Vec::new(),
        };
        Trail {
            mutant: self.mutant.id(),
            breaks: self.mutant.must.requirement().map(str::to_owned),
            must: self.mutant.must.words(),
            caught_by,
            red: self.sightings.iter().map(Track::from).collect(),
        }
    }

    /// How what is kept of it differs, in words; nothing when the same reason catches it still.
    #[must_use]
    pub fn moved(&self, kept: &Kept) -> Option<String> {
        let Some(trail) = kept.trail(&self.mutant.id()) else {
            return Some("it is new, and nothing is kept of it".to_owned());
        };
        if trail.must != self.mutant.must.words() {
            return Some(format!("it broke {} when the evidence was kept", trail.must));
        }
        let Fate::Caught(by) = &self.fate else { return None };
        let of_old = |case: &String| {
            let mut seen = self.sightings.iter().filter(|sighting| &sighting.case == case);
            seen.any(|sighting| trail.knows(case, &sighting.signature))
        };
        let is_known = by.is_empty() || by.iter().any(of_old);
        (!is_known).then(|| format!("{} fails for another reason than was kept", by.join(", ")))
    }
}

/// What is told while the hunt goes on.
#[derive(Clone, Debug)]
pub enum Told<'a> {
    /// The honest SDK and service were met, and are green.
    BaselineIsGreen {
        /// Cases that were played.
        cases: usize,
    },
    /// The canaries are dead; so many mutants are to be met.
    CanariesAreDead {
        /// Mutants to be met.
        mutants: usize,
    },
    /// One more mutant was met.
    Met(&'a Hunted),
}

/// Why nothing that a hunt says would count.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Void {
    /// The honest SDK is not green.
    #[error("the honest SDK against the honest service is not green: {0}")]
    Baseline(String),
    /// A mutant that no working suite can miss was missed.
    #[error("the canary {mutant} lives: {why}")]
    Canary {
        /// The mutant.
        mutant: String,
        /// Why it was not caught.
        why: String,
    },
    /// The honest SDK was taken for a broken one.
    #[error("the honest SDK was taken for the canary {0}")]
    Slander(String),
}

/// Meets every mutant and says what became of each, in their order.
///
/// # Errors
/// The honest SDK is not green, or a canary lives; then nothing else is met.
pub fn hunt(
    ground: &Ground<'_>,
    mutants: &[Mutant],
    jobs: usize,
    tell: &mut dyn FnMut(Told<'_>),
) -> Result<Vec<Hunted>, Void> {
    let honest = ground.honest(ground.cases.to_vec(), None);
    green(&honest)?;
    tell(Told::BaselineIsGreen { cases: honest.played });
    canaries(ground)?;
    tell(Told::CanariesAreDead { mutants: mutants.len() });

    let queue: Mutex<VecDeque<(usize, Mutant)>> =
        Mutex::new(mutants.iter().copied().enumerate().collect());
    let mut hunted: Vec<(usize, Hunted)> = Vec::with_capacity(mutants.len());
    thread::scope(|scope| {
        let (say, hear) = mpsc::channel();
        for _ in 0..jobs.max(1) {
            let (say, queue) = (say.clone(), &queue);
            scope.spawn(move || {
                while let Some((at, mutant)) = next(queue) {
                    if say.send((at, met(ground, mutant))).is_err() {
                        break;
                    }
                }
            });
        }
        drop(say);
        for (at, one) in hear {
            tell(Told::Met(&one));
            hunted.push((at, one));
        }
    });
    hunted.sort_by_key(|(at, _)| *at);
    Ok(hunted.into_iter().map(|(_, one)| one).collect())
}

fn next(queue: &Mutex<VecDeque<(usize, Mutant)>>) -> Option<(usize, Mutant)> {
    queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
}

fn met(ground: &Ground<'_>, mutant: Mutant) -> Hunted {
    let seen = ground.hunt(&mutant);
    Hunted { mutant, fate: fate::of(mutant.must, &seen), sightings: seen.sightings }
}

/// The honest SDK must be green in everything, and must look honest.
fn green(honest: &Seen) -> Result<(), Void> {
    if let Some(problem) = &honest.broken {
        return Err(Void::Baseline(problem.clone()));
    }
    if let Some(red) = honest.sightings.first() {
        return Err(Void::Baseline(format!("{} {}", red.verdict.word(), red.case)));
    }
    if let Some(probe) = honest.probes.first() {
        return Err(Void::Baseline(format!("honesty/{probe}")));
    }
    if honest.unmarked {
        return Err(Void::Baseline("a request lacks the SDK's marks".to_owned()));
    }
    if honest.played == 0 {
        return Err(Void::Baseline("no case was played".to_owned()));
    }
    Ok(())
}

/// One mutant of each family must die, and the honest SDK must not be taken for it.
fn canaries(ground: &Ground<'_>) -> Result<(), Void> {
    for family in Family::ALL {
        let Some(name) = family.canary() else { continue };
        let all = mutant::mutants();
        let canary = all.into_iter().find(|it| it.family == family && it.name == name);
        let Some(canary) = canary else {
            let why = "there is no such mutant".to_owned();
            return Err(Void::Canary { mutant: name.to_owned(), why });
        };
        let near = Ground { reach: Reach::Deciding, ..*ground };
        match met(&near, canary).fate {
            Fate::Caught(_) => {}
            Fate::Escaped(why) => return Err(Void::Canary { mutant: canary.id(), why }),
            Fate::NotApplied | Fate::PutUpWith => {
                let why = "it was never seen to sin".to_owned();
                return Err(Void::Canary { mutant: canary.id(), why });
            }
        }
        let honest = near.honest(near.deciding(canary.must), canary.confession().as_deref());
        if fate::of(canary.must, &honest).is_right() {
            return Err(Void::Slander(canary.id()));
        }
    }
    Ok(())
}
