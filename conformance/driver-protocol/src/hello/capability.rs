//! One declared capability.

use std::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};

/// What a driver declares about one op.
///
/// On the wire: `true`, `{"no":"reason"}` or `{"partial":"reason or issue url"}`. A bare `false` is
/// refused, because a reason is owed.
///
/// ```
/// use driver_protocol::Capability;
///
/// let capability: Capability = serde_json::from_str(r#"{"no":"the SDK has no such call"}"#)?;
/// assert_eq!(capability, Capability::No("the SDK has no such call".into()));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Capability {
    /// The SDK has the call.
    Yes,
    /// The SDK has no such call, for this reason.
    No(String),
    /// The SDK has the call, with a known gap.
    Partial(String),
}

impl Serialize for Capability {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (key, text) = match self {
            Self::Yes => return serializer.serialize_bool(true),
            Self::No(reason) => ("no", reason),
            Self::Partial(reason) => ("partial", reason),
        };
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry(key, text)?;
        map.end()
    }
}

impl<'de> Deserialize<'de> for Capability {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(CapabilityVisitor)
    }
}

struct CapabilityVisitor;

impl<'de> Visitor<'de> for CapabilityVisitor {
    type Value = Capability;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("true, {\"no\":\"reason\"} or {\"partial\":\"reason\"}")
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Capability, E> {
        if value {
            Ok(Capability::Yes)
        } else {
            Err(E::custom("false owes a reason: write {\"no\":\"reason\"}"))
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Capability, A::Error> {
        let Some((key, text)) = map.next_entry::<String, String>()? else {
            return Err(de::Error::custom("a capability object needs \"no\" or \"partial\""));
        };
        let capability = match key.as_str() {
            "no" => Capability::No(text),
            "partial" => Capability::Partial(text),
            other => return Err(de::Error::unknown_field(other, &["no", "partial"])),
        };
        match map.next_key::<String>()? {
            None => Ok(capability),
            Some(_) => Err(de::Error::custom("a capability object has one key")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_forms_round_trip() {
        for text in ["true", r#"{"no":"absent"}"#, r#"{"partial":"half"}"#] {
            let capability: Capability = serde_json::from_str(text).unwrap();
            assert_eq!(serde_json::to_string(&capability).unwrap(), text);
        }
    }

    #[test]
    fn anything_else_is_refused_with_its_reason() {
        for (text, reason) in [
            ("false", "owes a reason"),
            ("{}", "needs \"no\""),
            (r#"{"yes":"x"}"#, "unknown field"),
            (r#"{"no":"x","partial":"y"}"#, "one key"),
            ("3", "true, {"),
        ] {
            let error = serde_json::from_str::<Capability>(text).unwrap_err().to_string();
            assert!(error.contains(reason), "{text}: {error}");
        }
    }
}
