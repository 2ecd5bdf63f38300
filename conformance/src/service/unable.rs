//! Why a service did not do what a case asked of its world.

use crate::stage::Halt;

/// Why something could not be done to a world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unable {
    /// This kind of service has no such ability: a case that needs it does not apply.
    Lacking(String),
    /// The case asks for something that makes no sense, or the suite is wrong.
    Wrong(String),
    /// The service no longer answers.
    Lost(String),
}

impl std::fmt::Display for Unable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Lacking(text) | Self::Wrong(text) | Self::Lost(text) => f.write_str(text),
        }
    }
}

impl From<Unable> for Halt {
    fn from(unable: Unable) -> Self {
        match unable {
            Unable::Lacking(why) => Self::Lacking(why),
            Unable::Wrong(what) => Self::Harness(what),
            Unable::Lost(what) => Self::Blocked(what),
        }
    }
}
