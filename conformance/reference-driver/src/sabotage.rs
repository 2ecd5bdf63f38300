//! The sins that the suite must catch, one at a time.
//!
//! Each is one small deviation at one place of the SDK, where [`Sabotages::commits`] is asked. It
//! is asked only where the answer makes a difference, so the count of activations proves that a
//! run gave the suite a chance to see the sin.

use std::sync::atomic::{AtomicU64, Ordering};

/// One sin of the SDK, and the requirement that it breaks.
#[derive(Clone, Copy, Debug)]
pub struct Sabotage {
    /// Name for `--sabotage` and [`crate::sabotaged`].
    pub name: &'static str,
    /// What the SDK does wrong, one sentence.
    pub sin: &'static str,
    /// Id of the requirement that must turn red.
    pub breaks: &'static str,
    deed: Deed,
}

/// The place in the SDK where a sin is committed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Deed {
    AttachMfaTokenEverywhere,
    CacheDeviceList,
    DoubleRegisterOnRetry,
    DropMfaTokenHeader,
    ForgetSessionOnRestart,
    GenericErrorForInvalidCode,
    IgnoreRequestedScopes,
    IgnoreRequiresAdditionalAuth,
    KeepExpiredToken,
    KeepSessionAfterLogout,
    LeakSecretToLog,
    ReuseChallenge,
    ReuseNonce,
    ReuseSingleUseToken,
    SameErrorForRateLimit,
    SendMfaTokenInBody,
    SpendTokenOnCancel,
    StaleBearerAfterUpgrade,
    StepupCheckFailsOpen,
    Swallow401,
    Swallow403,
    UnsignedDeviceNonce,
    WrongElevatedHeader,
}

/// The sin of one driver, if it has one, and how often it was committed.
#[derive(Debug, Default)]
pub(crate) struct Sabotages {
    chosen: Option<&'static Sabotage>,
    activations: AtomicU64,
}

impl Sabotages {
    pub(crate) fn new(chosen: Option<&'static Sabotage>) -> Self {
        Self { chosen, activations: AtomicU64::new(0) }
    }

    /// Is this the chosen sin? If so, it counts as committed.
    pub(crate) fn commits(&self, deed: Deed) -> bool {
        let sins = self.chosen.is_some_and(|sabotage| sabotage.deed == deed);
        if sins {
            self.activations.fetch_add(1, Ordering::Relaxed);
        }
        sins
    }

    pub(crate) fn name(&self) -> Option<&'static str> {
        self.chosen.map(|sabotage| sabotage.name)
    }

    pub(crate) fn activations(&self) -> u64 {
        self.activations.load(Ordering::Relaxed)
    }
}

const fn sabotage(
    name: &'static str,
    breaks: &'static str,
    deed: Deed,
    sin: &'static str,
) -> Sabotage {
    Sabotage { name, sin, breaks, deed }
}

/// Every sin there is, by name.
pub const SABOTAGES: &[Sabotage] = &[
    sabotage(
        "attach-mfa-token-everywhere",
        "MFA-TOK-003",
        Deed::AttachMfaTokenEverywhere,
        "Sends a held MFA token as a header of every call.",
    ),
    sabotage(
        "cache-device-list",
        "MFA-DEV-001",
        Deed::CacheDeviceList,
        "Answers the second device list from memory.",
    ),
    sabotage(
        "double-register-on-retry",
        "MFA-NET-002",
        Deed::DoubleRegisterOnRetry,
        "Sends a failed POST or registration a second time by itself.",
    ),
    sabotage(
        "drop-mfa-token-header",
        "MFA-TOK-002",
        Deed::DropMfaTokenHeader,
        "Leaves the given MFA token out of a device deletion.",
    ),
    sabotage(
        "forget-session-on-restart",
        "MFA-SES-006",
        Deed::ForgetSessionOnRestart,
        "Starts signed out although its storage holds a session.",
    ),
    sabotage(
        "generic-error-for-invalid-code",
        "MFA-TOTP-016",
        Deed::GenericErrorForInvalidCode,
        "Reports a wrong code as any other failure.",
    ),
    sabotage(
        "ignore-requested-scopes",
        "MFA-STEP-005",
        Deed::IgnoreRequestedScopes,
        "Does not tell the service which scopes the application asked for.",
    ),
    sabotage(
        "ignore-requires-additional-auth",
        "MFA-JWT-008",
        Deed::IgnoreRequiresAdditionalAuth,
        "Says that no MFA is missing while the session still owes it.",
    ),
    sabotage(
        "keep-expired-token",
        "MFA-STEP-011",
        Deed::KeepExpiredToken,
        "Hands out an elevated token after its time.",
    ),
    sabotage(
        "keep-session-after-logout",
        "MFA-SES-004",
        Deed::KeepSessionAfterLogout,
        "Keeps user and tokens after a logout.",
    ),
    sabotage(
        "leak-secret-to-log",
        "MFA-SEC-001",
        Deed::LeakSecretToLog,
        "Writes the TOTP secret into its log.",
    ),
    sabotage(
        "reuse-challenge",
        "MFA-PK-004",
        Deed::ReuseChallenge,
        "Hands the authenticator the challenge of the ceremony before.",
    ),
    sabotage(
        "reuse-nonce",
        "MFA-SEC-003",
        Deed::ReuseNonce,
        "Signs several requests with the same nonce.",
    ),
    sabotage(
        "reuse-single-use-token",
        "MFA-STEP-009",
        Deed::ReuseSingleUseToken,
        "Keeps a single-use elevated token after it was used.",
    ),
    sabotage(
        "same-error-for-rate-limit",
        "MFA-TOTP-017",
        Deed::SameErrorForRateLimit,
        "Reports too many attempts as one more wrong code.",
    ),
    sabotage(
        "send-mfa-token-in-body",
        "MFA-TOK-003",
        Deed::SendMfaTokenInBody,
        "Puts a held MFA token into the body of every call that has one.",
    ),
    sabotage(
        "spend-token-on-cancel",
        "MFA-PK-008",
        Deed::SpendTokenOnCancel,
        "Uses up an elevated token although the person cancelled the passkey.",
    ),
    sabotage(
        "stale-bearer-after-upgrade",
        "MFA-JWT-009",
        Deed::StaleBearerAfterUpgrade,
        "Keeps sending the earlier bearer token after an authentication.",
    ),
    sabotage(
        "stepup-check-fails-open",
        "MFA-STEP-019",
        Deed::StepupCheckFailsOpen,
        "Says that no step-up is needed when the check failed.",
    ),
    sabotage(
        "swallow-401",
        "MFA-TOTP-013",
        Deed::Swallow401,
        "Reports a registration as done although the service refused it with 401.",
    ),
    sabotage(
        "swallow-403",
        "MFA-STEP-021",
        Deed::Swallow403,
        "Reports a registration or deletion as done although it was refused with 403.",
    ),
    sabotage(
        "unsigned-device-nonce",
        "MFA-SEC-002",
        Deed::UnsignedDeviceNonce,
        "Sends garbage where the signature over the nonce belongs.",
    ),
    sabotage(
        "wrong-elevated-header",
        "MFA-STEP-008",
        Deed::WrongElevatedHeader,
        "Sends the elevated token in a header of another name.",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_complete_and_well_formed() {
        assert!(SABOTAGES.is_sorted_by(|left, right| left.name < right.name));
        for sabotage in SABOTAGES {
            assert!(sabotage.breaks.starts_with("MFA-"), "{}", sabotage.name);
            assert!(sabotage.sin.ends_with('.') && !sabotage.sin.contains('\n'));
            let same = SABOTAGES.iter().filter(|other| other.deed == sabotage.deed).count();
            assert_eq!(same, 1, "{}", sabotage.name);
        }
    }

    #[test]
    fn only_the_chosen_sin_is_committed_and_counted() {
        let chosen = SABOTAGES.iter().find(|sabotage| sabotage.name == "swallow-401");
        let sabotages = Sabotages::new(chosen);
        assert!(!sabotages.commits(Deed::Swallow403));
        assert_eq!(sabotages.activations(), 0);
        assert!(sabotages.commits(Deed::Swallow401));
        assert_eq!((sabotages.activations(), sabotages.name()), (1, Some("swallow-401")));
        assert!(!Sabotages::default().commits(Deed::Swallow401));
    }
}
