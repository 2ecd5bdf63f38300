//! A moment as a user's record keeps it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A moment in whole microseconds, which takes half the room of a [`Timestamp`].
///
/// A world may hold a million users with five of them each. What is finer is cut off; the API
/// itself writes milliseconds. It reads and writes like the timestamp.
///
/// ```
/// use jiff::Timestamp;
/// use mfa_engine::Moment;
/// let noon: Timestamp = "2030-01-01T12:00:00.123456789Z".parse()?;
/// assert_eq!(Timestamp::from(Moment::from(noon)).to_string(), "2030-01-01T12:00:00.123456Z");
/// # Ok::<(), jiff::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "Timestamp", into = "Timestamp")]
pub struct Moment(i64);

impl From<Timestamp> for Moment {
    fn from(at: Timestamp) -> Self {
        Self(at.as_microsecond())
    }
}

impl From<Moment> for Timestamp {
    fn from(moment: Moment) -> Self {
        // Only a timestamp becomes a moment, so it always lies within the range.
        Self::from_microsecond(moment.0).unwrap_or(Self::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_the_timestamp_in_half_the_room_at_both_ends_of_time() {
        for at in [Timestamp::MIN, Timestamp::UNIX_EPOCH, Timestamp::MAX] {
            let back = Timestamp::from(Moment::from(at));
            assert!(at.duration_since(back).unsigned_abs().as_nanos() < 1_000, "{at}");
            let written = serde_json::to_string(&back).unwrap();
            assert_eq!(serde_json::to_string(&Moment::from(at)).unwrap(), written);
        }
        assert_eq!(size_of::<Moment>() * 2, size_of::<Timestamp>());
    }
}
