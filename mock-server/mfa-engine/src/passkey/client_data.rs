//! What the browser says about a ceremony: `clientDataJSON` (WebAuthn section 5.8.1).
//!
//! The only JSON that the engine reads: it is what the authenticator signs, so its bytes are part
//! of the proof and not of a body.

use serde::Deserialize;

/// `CollectedClientData`; fields that a later version adds are passed over, as section 5.8.1 asks.
///
/// ```
/// use mfa_engine::passkey::ClientData;
/// let text = br#"{"type":"webauthn.get","challenge":"AA","origin":"http://localhost"}"#;
/// let data = ClientData::parse(text).unwrap();
/// assert_eq!((data.kind.as_str(), data.cross_origin), ("webauthn.get", false));
/// assert!(ClientData::parse(b"{}").is_none());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientData {
    /// `type`: `webauthn.create` or `webauthn.get`.
    pub kind: String,
    /// `challenge`, base64url.
    pub challenge: String,
    /// `origin` of the page, as browsers write it.
    pub origin: String,
    /// `crossOrigin`; absent means false.
    pub cross_origin: bool,
    /// `topOrigin`, only in a frame of another site.
    pub top_origin: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Written {
    #[serde(rename = "type")]
    kind: String,
    challenge: String,
    origin: String,
    cross_origin: Option<bool>,
    top_origin: Option<String>,
}

impl ClientData {
    /// Reads the bytes; none if they are no JSON object of that shape, or name a field twice.
    ///
    /// A byte order mark in front is passed over, as UTF-8 decode does (section 7.1, step 5).
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        // serde reads a list as a struct, too; an object it must be.
        let is_object = bytes.trim_ascii_start().first() == Some(&b'{');
        let written: Written = serde_json::from_slice(bytes).ok().filter(|_| is_object)?;
        Some(Self {
            kind: written.kind,
            challenge: written.challenge,
            origin: written.origin,
            cross_origin: written.cross_origin.unwrap_or(false),
            top_origin: written.top_origin,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_client_data_is_not_taken() {
        let good = r#"{"type":"t","challenge":"c","origin":"o","new":{"a":[1]}}"#;
        assert!(ClientData::parse(good.as_bytes()).is_some());
        assert!(ClientData::parse(format!("\u{feff}{good}").as_bytes()).is_some());
        for bad in [
            "",
            "null",
            r#"["t","c","o",null,null]"#,
            r#"{"type":"t","challenge":"c"}"#,
            r#"{"type":1,"challenge":"c","origin":"o"}"#,
            r#"{"type":"t","type":"t","challenge":"c","origin":"o"}"#,
            r#"{"type":"t","challenge":"c","origin":"o"} "x""#,
            r#"{"type":"t","challenge":"c","origin":"o","crossOrigin":"yes"}"#,
        ] {
            assert_eq!(ClientData::parse(bad.as_bytes()), None, "{bad}");
        }
        assert_eq!(ClientData::parse(b"\xff\xfe{\x00"), None);
    }
}
