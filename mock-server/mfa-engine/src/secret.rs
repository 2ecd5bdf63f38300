//! Values that must not reach a log.

use core::fmt;

use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

/// A text that `Debug` does not show and that compares in constant time.
///
/// There is no `Display`: whoever wants the text asks for it by name, with [`Secret::reveal`],
/// and such a place can be found by searching for that word.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(Box<str>);

impl Secret {
    /// Wraps a text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into().into_boxed_str())
    }

    /// The text itself, for the answer that hands it out.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Compares with a text that a caller sent; the time taken depends on the lengths only.
    pub fn matches(&self, offered: &str) -> bool {
        self.0.as_bytes().ct_eq(offered.as_bytes()).into()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("‹secret›")
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.matches(&other.0)
    }
}

impl Eq for Secret {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_hides_the_text() {
        let secret = Secret::new("JBSWY3DPEHPK3PXP");
        assert!(!format!("{secret:?}").contains("JBSW"));
        assert!(secret.matches("JBSWY3DPEHPK3PXP"));
        assert!(!secret.matches("JBSWY3DPEHPK3PXQ"));
        assert!(!secret.matches("JBSW"));
    }
}
