//! Values that most users have none of, and that take no room then.

use core::fmt;
use core::ops::{Deref, DerefMut};
use std::collections::BTreeSet;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A value that has an empty form, as which it takes the room of a pointer.
///
/// It reads, writes and compares like the value itself. A world may hold a million users, most of
/// whom have no passkey, no profile and no trusted device.
///
/// ```
/// use mfa_engine::Rare;
/// let mut codes: Rare<Vec<u64>> = Rare::default();
/// assert!(codes.is_empty());
/// codes.push(7);
/// assert_eq!(*codes, [7]);
/// ```
pub struct Rare<T>(Option<Box<T>>);

/// A value with an empty form that needs no memory of its own.
pub trait Empty: Default + PartialEq + 'static {
    /// The empty form, equal to the default.
    const EMPTY: &'static Self;
}

impl<T: PartialEq + 'static> Empty for Vec<T> {
    const EMPTY: &'static Self = &Self::new();
}

impl<T: Ord + 'static> Empty for BTreeSet<T> {
    const EMPTY: &'static Self = &Self::new();
}

impl<T> Rare<T> {
    /// Goes back to the empty form, and gives its memory back.
    pub fn clear(&mut self) {
        self.0 = None;
    }
}

impl<T: Empty> Rare<T> {
    /// The value itself.
    pub fn into_inner(self) -> T {
        self.0.map_or_else(T::default, |value| *value)
    }
}

impl<T> Default for Rare<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T: Empty> From<T> for Rare<T> {
    fn from(value: T) -> Self {
        Self((value != *T::EMPTY).then(|| Box::new(value)))
    }
}

impl<T: Empty> Deref for Rare<T> {
    type Target = T;
    fn deref(&self) -> &T {
        self.0.as_deref().unwrap_or(T::EMPTY)
    }
}

impl<T: Empty> DerefMut for Rare<T> {
    fn deref_mut(&mut self) -> &mut T {
        self.0.get_or_insert_default()
    }
}

impl<T: Clone> Clone for Rare<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T: Empty> PartialEq for Rare<T> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<T: Empty + Eq> Eq for Rare<T> {}

impl<T: Empty + fmt::Debug> fmt::Debug for Rare<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(formatter)
    }
}

impl<T: Empty + Serialize> Serialize for Rare<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (**self).serialize(serializer)
    }
}

impl<'de, T: Empty + Deserialize<'de>> Deserialize<'de> for Rare<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(Self::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_value_has_no_box_whatever_it_went_through() {
        let mut rare: Rare<Vec<u8>> = Rare::from(Vec::new());
        assert!(rare.0.is_none() && size_of_val(&rare) == size_of::<usize>());
        rare.push(7);
        assert_eq!((&**rare, serde_json::to_string(&rare).unwrap()), (&[7][..], "[7]".to_owned()));
        rare.pop();
        assert_eq!(rare, Rare::default(), "a box that is empty by now changes nothing");
        rare.clear();
        assert!(rare.0.is_none());
        let read: Rare<Vec<u8>> = serde_json::from_str("[]").unwrap();
        assert!(read.0.is_none());
        assert_eq!(serde_json::from_str::<Rare<Vec<u8>>>("[7]").unwrap().into_inner(), [7]);
    }
}
