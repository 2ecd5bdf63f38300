//! What a service answered, where granted or refused is all that a requirement tells apart.

use serde_json::Value;

use crate::stage::{Halt, RawAnswer, Stage};

/// Expects that a call was refused, under whichever status.
pub(super) fn refused(stage: &Stage, what: &str, answer: &RawAnswer) -> Result<(), Halt> {
    stage.expect(what, "refused", answer.status, (400..500).contains(&answer.status))
}

/// Expects that a call was granted, under whichever status.
pub(super) fn granted(stage: &Stage, what: &str, answer: &RawAnswer) -> Result<(), Halt> {
    stage.expect(what, "granted", answer.status, (200..300).contains(&answer.status))
}

/// Expects a text at a place of the answer, such as a token, and yields it.
pub(super) fn brings(
    stage: &Stage,
    what: &str,
    answer: &RawAnswer,
    place: &str,
) -> Result<String, Halt> {
    let told = answer.value(place);
    stage.expect(what, "a text", told.clone(), told.is_string())?;
    Ok(told.as_str().unwrap_or_default().to_owned())
}

/// Expects that an answer brings nothing at a place.
pub(super) fn brings_no(
    stage: &Stage,
    what: &str,
    answer: &RawAnswer,
    place: &str,
) -> Result<(), Halt> {
    stage.expect_equal(what, Value::Null, answer.value(place))
}
