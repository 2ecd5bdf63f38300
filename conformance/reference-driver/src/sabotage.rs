//! The sins that the suite must catch, one at a time.
//!
//! Each is one small deviation at one place of the SDK, where [`Sabotages::commits`] is asked. It
//! is asked only where the answer makes a difference, so the count of activations proves that a
//! run gave the suite a chance to see the sin.

mod held_out;
mod list;

use std::sync::atomic::{AtomicU64, Ordering};

pub(crate) use held_out::HeldOut;
pub use held_out::{FIRST_MEASURED, FirstMeasured, HELD_OUT};
pub(crate) use list::Deed;
pub use list::SABOTAGES;

/// One sin of the SDK, and the requirement that it breaks.
#[derive(Clone, Copy, Debug)]
pub struct Sabotage {
    /// Name for `--sabotage` and [`crate::sabotaged`].
    pub name: &'static str,
    /// What the SDK does wrong, one sentence.
    pub sin: &'static str,
    /// Id of the requirement that must turn red.
    pub breaks: &'static str,
    /// Whether it ends in a crash, which is then what must be seen; elsewhere a crash catches nothing.
    pub dies: bool,
    deed: Act,
}

/// A deed of either list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    /// Of the list against which the suite was written.
    Deed(Deed),
    /// Of the one that was held out.
    HeldOut(HeldOut),
}

impl From<Deed> for Act {
    fn from(deed: Deed) -> Self {
        Self::Deed(deed)
    }
}

impl From<HeldOut> for Act {
    fn from(deed: HeldOut) -> Self {
        Self::HeldOut(deed)
    }
}

/// Every sin of both lists.
pub fn sins() -> impl Iterator<Item = &'static Sabotage> {
    SABOTAGES.iter().chain(HELD_OUT)
}

/// The sin of one driver, if it has one, and how often it was committed.
#[derive(Debug, Default)]
pub(crate) struct Sabotages {
    chosen: Option<&'static Sabotage>,
    activations: AtomicU64,
}

impl Sabotages {
    pub(crate) fn new(chosen: Option<&'static Sabotage>) -> Self {
        Self { chosen, activations: AtomicU64::new(0) }
    }

    /// Is this the chosen sin? If so, it counts as committed.
    pub(crate) fn commits(&self, deed: impl Into<Act>) -> bool {
        let deed = deed.into();
        let sins = self.chosen.is_some_and(|sabotage| sabotage.deed == deed);
        if sins {
            self.activations.fetch_add(1, Ordering::Relaxed);
        }
        sins
    }

    pub(crate) fn name(&self) -> Option<&'static str> {
        self.chosen.map(|sabotage| sabotage.name)
    }

    pub(crate) fn activations(&self) -> u64 {
        self.activations.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_sorted_complete_and_well_formed() {
        assert!(SABOTAGES.is_sorted_by(|left, right| left.name < right.name));
        assert!(HELD_OUT.is_sorted_by(|left, right| left.name < right.name));
        assert_eq!(FIRST_MEASURED.of, HELD_OUT.len());
        for sabotage in sins() {
            assert!(sabotage.breaks.starts_with("MFA-"), "{}", sabotage.name);
            assert!(sabotage.sin.ends_with('.') && !sabotage.sin.contains('\n'));
            let same_deed = sins().filter(|other| other.deed == sabotage.deed).count();
            let same_name = sins().filter(|other| other.name == sabotage.name).count();
            assert_eq!((same_deed, same_name), (1, 1), "{}", sabotage.name);
        }
    }

    #[test]
    fn every_deed_is_asked_for_in_the_sdk() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/sdk");
        let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let mut source = include_str!("sdk.rs").to_owned();
        source.extend(files.map(|file| std::fs::read_to_string(file).unwrap()));
        let words: Vec<&str> = source.split(|c: char| !c.is_alphanumeric()).collect();
        for sabotage in sins() {
            let deed = match sabotage.deed {
                Act::Deed(deed) => format!("{deed:?}"),
                Act::HeldOut(deed) => format!("{deed:?}"),
            };
            assert!(words.contains(&deed.as_str()), "nobody asks for {deed}");
        }
    }

    #[test]
    fn only_the_chosen_sin_is_committed_and_counted() {
        let chosen = SABOTAGES.iter().find(|sabotage| sabotage.name == "swallow-401");
        let sabotages = Sabotages::new(chosen);
        assert!(!sabotages.commits(Deed::Swallow403));
        assert_eq!(sabotages.activations(), 0);
        assert!(sabotages.commits(Deed::Swallow401));
        assert_eq!((sabotages.activations(), sabotages.name()), (1, Some("swallow-401")));
        assert!(!Sabotages::default().commits(Deed::Swallow401));
    }
}
