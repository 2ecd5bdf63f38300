//! A driver inside this process: the reference SDK, honest or sabotaged.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use driver_protocol::{Authenticator, Driver, Incoming, Outcome, Request};

use super::{Link, Mistake, incoming};

/// A driver that is called directly.
pub(super) struct InProcess {
    driver: Box<dyn Driver + Send>,
}

impl InProcess {
    /// The honest reference, or the saboteur of that name.
    pub(super) fn named(mutant: Option<&str>) -> Result<Self, Mistake> {
        let driver = build(mutant).ok_or_else(|| Mistake::Unstartable {
            command: format!("inproc:{}", mutant.unwrap_or("reference")),
            problem: "there is no such driver".to_owned(),
        })?;
        Ok(Self { driver })
    }
}

impl Link for InProcess {
    fn exchange(
        &mut self,
        request: &Request,
        _within: Duration,
        authenticator: &mut dyn Authenticator,
    ) -> Result<Outcome, Mistake> {
        // A saboteur may well panic; that is a crash of the SDK, not of the suite.
        catch_unwind(AssertUnwindSafe(|| self.driver.call(request, authenticator))).map_err(
            |panic| Mistake::Crash {
                op: request.op.clone(),
                status: "panic".to_owned(),
                said: crate::run::panic_text(&*panic),
            },
        )
    }

    fn heard(&mut self) -> Vec<Incoming> {
        self.driver.notices().into_iter().map(incoming).collect()
    }

    fn end(&mut self) -> Result<(), Mistake> {
        Ok(())
    }
}

/// The names of all saboteurs.
pub(super) fn mutants() -> Vec<&'static str> {
    reference_driver::sins().map(|sabotage| sabotage.name).collect()
}

fn build(mutant: Option<&str>) -> Option<Box<dyn Driver + Send>> {
    match mutant {
        None => Some(Box::new(reference_driver::reference())),
        Some(name) => reference_driver::sabotaged(name)
            .map(|driver| Box::new(driver) as Box<dyn Driver + Send>),
    }
}
