//! Ranges of settings, and what is said of one that lies outside.

/// A setting lies outside its range.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("setting `{field}`: {problem}")]
pub struct PolicyError {
    /// The field's path, as in the JSON.
    pub field: &'static str,
    /// What is wrong, with the allowed range.
    pub problem: String,
}

/// Whether a setting lies within its range, both ends included.
pub(super) fn within(
    field: &'static str,
    value: impl Into<u64>,
    low: u64,
    high: u64,
) -> Result<(), PolicyError> {
    let value = value.into();
    if (low..=high).contains(&value) {
        return Ok(());
    }
    Err(PolicyError { field, problem: format!("{value} is not in {low}..={high}") })
}
