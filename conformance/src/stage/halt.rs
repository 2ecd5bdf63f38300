//! Why a play ended early.

use crate::driver::Mistake;

/// The reason a case stopped; carried by `?` to the runner.
#[derive(Clone, Debug)]
pub enum Halt {
    /// An expectation did not hold; the finding is recorded already.
    Failed,
    /// A step that only prepares did not work.
    Blocked(String),
    /// The driver does not declare what the case turned out to need.
    NotApplicable(String),
    /// The service cannot do what the case turned out to need; what was seen until then says nothing.
    Lacking(String),
    /// The driver declares the op and then answers that it is unsupported.
    Overclaim {
        /// The op.
        op: String,
        /// The driver's reason.
        why: String,
    },
    /// The driver says that it is broken.
    Fault(String),
    /// The driver broke the protocol, hung or died.
    Mistake(Mistake),
    /// The case itself is wrong.
    Harness(String),
}

impl std::fmt::Display for Halt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Failed => f.write_str("an expectation did not hold"),
            Self::Blocked(why) => write!(f, "could not prepare: {why}"),
            Self::NotApplicable(why) | Self::Lacking(why) => f.write_str(why),
            Self::Overclaim { op, why } => {
                write!(f, "the driver declares {op}, then says it is unsupported: {why}")
            }
            Self::Fault(message) => write!(f, "the driver reports a fault of its own: {message}"),
            Self::Mistake(mistake) => mistake.fmt(f),
            Self::Harness(what) => write!(f, "the suite is wrong: {what}"),
        }
    }
}

/// Lets a case go on after an expectation that did not hold.
pub trait Noted {
    /// Records the finding, if any, without ending the case.
    ///
    /// # Errors
    /// Every halt that is not a mere failed expectation.
    fn noted(self) -> Result<(), Halt>;
}

impl Noted for Result<(), Halt> {
    fn noted(self) -> Result<(), Halt> {
        match self {
            Err(Halt::Failed) => Ok(()),
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_mere_failed_expectation_is_noted_and_passed_over() {
        assert!(Ok(()).noted().is_ok());
        assert!(Err(Halt::Failed).noted().is_ok());
        for halt in [
            Halt::Blocked(String::new()),
            Halt::NotApplicable(String::new()),
            Halt::Lacking(String::new()),
            Halt::Overclaim { op: String::new(), why: String::new() },
            Halt::Fault(String::new()),
            Halt::Harness(String::new()),
        ] {
            assert!(Err(halt.clone()).noted().is_err(), "{halt:?}");
        }
    }
}
