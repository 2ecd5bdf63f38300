//! "Did you mean": the nearest known name to one that is unknown.

/// ` (did you mean "x"?)`, or nothing when no known name is near.
#[must_use]
pub fn hint<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    driver_protocol::nearest(typed, known)
        .map(|name| format!(" (did you mean \"{name}\"?)"))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_recognised_and_a_stranger_is_not() {
        let known = ["totp.auth", "totp.register", "device.list"];
        assert_eq!(hint("device.lst", known), " (did you mean \"device.list\"?)");
        assert_eq!(hint("passkey.create", known), "");
    }
}
