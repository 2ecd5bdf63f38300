//! Reading a state back as it was written: nothing that was written may be missing.

use serde::{Deserialize, Deserializer};

/// An optional value whose key must be there, be it with null.
///
/// serde takes a missing key for none. In a state that is restored that would be a loss nobody
/// sees: a device without its last time step accepts a code again.
pub(crate) fn option<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::deserialize(deserializer)
}

/// A change of an optional value: a missing key leaves it, null clears it.
pub(crate) fn change<'de, D, T>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::deserialize(deserializer).map(Some)
}
