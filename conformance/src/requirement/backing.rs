//! What the suite has to show for a requirement.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Requirement;
use crate::prove::kept::Kept;

/// What the suite has to show for a requirement, from the least.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Backing {
    /// Nothing, and the row says why.
    Excluded,
    /// Nothing yet.
    Untested,
    /// A case decides it, but nobody has seen that case fail for it.
    Exercised,
    /// A case that decides it caught something that breaks it.
    Proven,
}

impl Backing {
    /// The backing of a row that so many cases decide.
    #[must_use]
    pub fn of(row: &Requirement, cases: usize, kept: &Kept) -> Self {
        match (&row.excluded, cases) {
            (Some(_), _) => Self::Excluded,
            (None, 0) => Self::Untested,
            (None, _) if kept.proving(&row.id).next().is_some() => Self::Proven,
            (None, _) => Self::Exercised,
        }
    }

    /// The word of the reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Excluded => "excluded",
            Self::Untested => "untested",
            Self::Exercised => "exercised",
            Self::Proven => "proven",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::requirement::Requirements;

    #[test]
    fn the_table_of_backings() {
        let rows = Requirements::load().unwrap();
        let row = rows.find("MFA-TOTP-016").unwrap();
        let caught =
            r#"{"mutant":"sdk/a","breaks":"MFA-TOTP-016","must":"","caught_by":["a/b"],"red":[]}"#;
        let lives =
            r#"{"mutant":"sdk/a","breaks":"MFA-TOTP-016","must":"","caught_by":[],"red":[]}"#;
        let of = |cases, kept| Backing::of(row, cases, &Kept::read(kept).unwrap());
        assert_eq!(of(0, caught), Backing::Untested);
        assert_eq!(of(2, ""), Backing::Exercised);
        assert_eq!(of(2, lives), Backing::Exercised);
        assert_eq!(of(2, caught), Backing::Proven);
        let mut excluded = row.clone();
        excluded.excluded = Some("needs a phone".to_owned());
        assert_eq!(Backing::of(&excluded, 0, &Kept::default()), Backing::Excluded);
        assert!(Backing::Exercised < Backing::Proven);
    }

    #[test]
    fn a_row_is_excluded_or_has_a_case() {
        for row in Requirements::load().unwrap().iter() {
            let cases = crate::suite::cases();
            let has_case = cases.iter().any(|case| case.proves.contains(&row.id.as_str()));
            assert_ne!(has_case, row.excluded.is_some(), "{}", row.id);
        }
    }
}
