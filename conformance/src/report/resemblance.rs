//! What a failure resembles, in one line.

use crate::likeness::Likeness;

/// The mutant, what it does, and how much of it is seen here.
pub(super) fn of(like: &Likeness) -> String {
    let Likeness { mutant, sin, shared, of, .. } = like;
    let sin = sin.trim_end_matches('.');
    format!("{mutant} ({sin}), {shared} of whose {of} failures are seen here")
}
