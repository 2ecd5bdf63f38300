//! The world a case starts in: settings of the tenant and the people in it.
//!
//! Worlds are constants, so that `explain` can show them and nothing runs to list them.

use serde::Serialize;

/// What the fresh tenant of a case holds before the first step.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct World {
    /// Settings that differ from the default: dotted path and value.
    ///
    /// The value is JSON, or a bare word that stands for a string: `("totp.windowSteps", "0")`,
    /// `("totp.replay", "allow")`.
    pub settings: &'static [(&'static str, &'static str)],
    /// Users that exist already.
    pub people: &'static [Person],
}

impl World {
    /// Default settings and nobody: MFA optional, TOTP with recovery codes, step-up enforced.
    ///
    /// Registering a device needs an elevated `credential:link` token here.
    pub const PLAIN: Self = Self { settings: &[], people: &[] };
    /// No call asks for an elevated access token; the unscoped MFA token rules.
    pub const LEGACY: Self = Self { settings: &[("minApiVersion", "2026_01_01")], people: &[] };
    /// Every session needs a second factor as soon as the user signs up.
    pub const MFA_REQUIRED: Self = Self { settings: &[("mfa.enrollment", "signup")], people: &[] };

    /// The same world with these people in it.
    #[must_use]
    pub const fn with(self, people: &'static [Person]) -> Self {
        Self { people, ..self }
    }

    /// The same people under these settings, which replace the world's own.
    #[must_use]
    pub const fn set(self, settings: &'static [(&'static str, &'static str)]) -> Self {
        Self { settings, ..self }
    }
}

/// A user who exists before the case begins.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Person {
    /// Sign-in address.
    pub email: &'static str,
    /// Base32 secret of a TOTP device.
    pub totp: Option<&'static str>,
    /// Whether that device was confirmed with a code.
    pub totp_confirmed: bool,
    /// Recovery codes; empty means that no set exists yet.
    pub recovery: &'static [&'static str],
    /// Whether the acknowledgement of the recovery codes is still owed.
    pub recovery_pending: bool,
}

impl Person {
    /// Somebody who has signed up and nothing else.
    #[must_use]
    pub const fn named(email: &'static str) -> Self {
        Self { email, totp: None, totp_confirmed: false, recovery: &[], recovery_pending: false }
    }

    /// The same person with a verified TOTP device of this base32 secret.
    #[must_use]
    pub const fn with_totp(self, secret: &'static str) -> Self {
        Self { totp: Some(secret), totp_confirmed: true, ..self }
    }

    /// The same person with a TOTP device that was begun and never confirmed.
    #[must_use]
    pub const fn with_unconfirmed_totp(self, secret: &'static str) -> Self {
        Self { totp: Some(secret), totp_confirmed: false, ..self }
    }

    /// The same person, who has not acknowledged the recovery codes yet.
    #[must_use]
    pub const fn owing_acknowledgement(self) -> Self {
        Self { recovery_pending: true, ..self }
    }

    /// The same person with this set of recovery codes.
    #[must_use]
    pub const fn with_recovery(self, recovery: &'static [&'static str]) -> Self {
        Self { recovery, ..self }
    }
}

/// A setting's value: JSON where the text is JSON, else a string.
#[must_use]
pub fn setting_value(text: &str) -> serde_json::Value {
    serde_json::from_str(text).unwrap_or_else(|_| text.into())
}
