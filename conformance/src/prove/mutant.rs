//! Everything that is broken on purpose, in one list.

use reference_driver::{HELD_OUT, SABOTAGES, Sabotage};

use crate::broken_service::{BROKEN_SERVICES, BrokenService};
use crate::driver::{Catch, Connect, LIES, Lie};

/// What is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Family {
    /// The SDK.
    Sdk,
    /// The service.
    Service,
    /// The driver, which does not say what its SDK did.
    Driver,
    /// The SDK, in a way that nobody thought of who wrote the cases.
    HeldOut,
}

impl Family {
    /// Every family, in the order of reports.
    pub const ALL: [Self; 4] = [Self::Sdk, Self::Service, Self::Driver, Self::HeldOut];

    /// The first part of a mutant's id.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Sdk => "sdk",
            Self::Service => "service",
            Self::Driver => "driver",
            Self::HeldOut => "held-out",
        }
    }

    /// What reports call its members.
    #[must_use]
    pub fn plural(self) -> &'static str {
        match self {
            Self::Sdk => "broken SDKs",
            Self::Service => "broken services",
            Self::Driver => "lying drivers",
            Self::HeldOut => "held-out SDKs",
        }
    }

    /// Of a hundred mutants, how many must be caught at the least.
    ///
    /// Whoever lies to the suite could make it say anything, so none may escape. What was held out
    /// measures, and is told as it is: a gate would only tempt to hold out what is caught anyway.
    #[must_use]
    pub fn gate(self) -> Option<usize> {
        match self {
            Self::Sdk | Self::Service => Some(98),
            Self::Driver => Some(100),
            Self::HeldOut => None,
        }
    }

    /// A mutant that no working suite can miss; if it escapes, nothing that is said counts.
    #[must_use]
    pub fn canary(self) -> Option<&'static str> {
        match self {
            Self::Sdk => Some("generic-error-for-invalid-code"),
            Self::Service => Some("accept-any-code"),
            Self::Driver => Some("fabricate-ok"),
            Self::HeldOut => None,
        }
    }
}

/// How a mutant must be caught.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Must {
    /// That requirement fails.
    Fail(&'static str),
    /// A case of that requirement ends in a crash, because to crash is the sin.
    Crash(&'static str),
    /// It is found out where lies are.
    BeFoundOut(Catch),
}

impl Must {
    /// The requirement that decides, if one does.
    #[must_use]
    pub fn requirement(self) -> Option<&'static str> {
        match self {
            Self::Fail(id) | Self::Crash(id) | Self::BeFoundOut(Catch::Requirement(id)) => Some(id),
            Self::BeFoundOut(_) => None,
        }
    }

    /// The same as words for tables and files.
    #[must_use]
    pub fn words(self) -> String {
        match self {
            Self::Fail(id) | Self::BeFoundOut(Catch::Requirement(id)) => id.to_owned(),
            Self::Crash(id) => format!("a crash in {id}"),
            Self::BeFoundOut(Catch::Probe(name)) => format!("honesty/{name}"),
            Self::BeFoundOut(Catch::Verdict(verdict)) => format!("verdict {}", verdict.word()),
            Self::BeFoundOut(Catch::Fingerprint) => "the SDK's marks on the wire".to_owned(),
            Self::BeFoundOut(Catch::Tolerated) => "nothing: it must be put up with".to_owned(),
        }
    }
}

/// One SDK, service or driver that is broken on purpose.
#[derive(Clone, Copy, Debug)]
pub struct Mutant {
    /// What is broken.
    pub family: Family,
    /// Its name within the family.
    pub name: &'static str,
    /// What it does that it should not.
    pub sin: &'static str,
    /// How it must be caught.
    pub must: Must,
}

impl Mutant {
    /// `sdk/NAME`, `service/NAME`, `driver/NAME` or `held-out/NAME`.
    #[must_use]
    pub fn id(&self) -> String {
        format!("{}/{}", self.family.name(), self.name)
    }

    /// The line of a log by which the mutant tells that it sinned; a service is counted instead.
    pub(super) fn confession(&self) -> Option<String> {
        match self.family {
            Family::Sdk | Family::HeldOut => Some(format!("sabotage {} active", self.name)),
            Family::Driver => Some(format!("lie {} told", self.name)),
            Family::Service => None,
        }
    }

    pub(super) fn connect(&self) -> Connect {
        let name = self.name.to_owned();
        match self.family {
            Family::Sdk | Family::HeldOut => Connect::InProcess { mutant: Some(name) },
            Family::Service => Connect::InProcess { mutant: None },
            Family::Driver => {
                let around = Box::new(Connect::InProcess { mutant: None });
                Connect::Lying { lie: name, around }
            }
        }
    }

    pub(super) fn service(&self) -> Option<&'static BrokenService> {
        match self.family {
            Family::Service => crate::broken_service::named(self.name),
            Family::Sdk | Family::Driver | Family::HeldOut => None,
        }
    }
}

impl Mutant {
    fn of_sabotage(family: Family, of: &'static Sabotage) -> Self {
        let must = if of.dies { Must::Crash(of.breaks) } else { Must::Fail(of.breaks) };
        Self { family, name: of.name, sin: of.sin, must }
    }
}

impl From<&'static BrokenService> for Mutant {
    fn from(of: &'static BrokenService) -> Self {
        Self { family: Family::Service, name: of.name, sin: of.sin, must: Must::Fail(of.breaks) }
    }
}

impl From<&'static Lie> for Mutant {
    fn from(of: &'static Lie) -> Self {
        let must = Must::BeFoundOut(of.caught);
        Self { family: Family::Driver, name: of.name, sin: of.lie, must }
    }
}

/// Every mutant, family by family, each family by name.
#[must_use]
pub fn mutants() -> Vec<Mutant> {
    let mut all: Vec<Mutant> =
        SABOTAGES.iter().map(|of| Mutant::of_sabotage(Family::Sdk, of)).collect();
    all.extend(HELD_OUT.iter().map(|of| Mutant::of_sabotage(Family::HeldOut, of)));
    all.extend(BROKEN_SERVICES.iter().map(Mutant::from));
    all.extend(LIES.iter().map(Mutant::from));
    all.sort_by_key(|mutant| (mutant.family, mutant.name));
    all
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::requirement::Requirements;

    #[test]
    fn ids_are_unique_and_every_requirement_exists() {
        let rows = Requirements::load().unwrap();
        let mut seen = BTreeSet::new();
        for mutant in mutants() {
            assert!(seen.insert(mutant.id()), "{} is there twice", mutant.id());
            if let Some(id) = mutant.must.requirement() {
                assert!(rows.find(id).is_some(), "{} breaks the unknown {id}", mutant.id());
            }
        }
    }

    #[test]
    fn each_family_is_large_enough_to_judge_by_and_has_its_canary() {
        for (family, least) in [(Family::Sdk, 60), (Family::Service, 60), (Family::Driver, 12)] {
            let members: Vec<Mutant> =
                mutants().into_iter().filter(|mutant| mutant.family == family).collect();
            assert!(members.len() >= least, "{} {}", members.len(), family.plural());
            assert!(
                members.iter().any(|mutant| Some(mutant.name) == family.canary()),
                "{family:?}"
            );
        }
    }
}
