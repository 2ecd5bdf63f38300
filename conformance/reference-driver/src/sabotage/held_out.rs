//! Sins that were held out, to measure what the suite catches that nobody wrote it for.
//!
//! The rows were written on 2026-11-22 from the texts of the requirements alone, by somebody who
//! had not looked at the cases, nor at either list of mutants beyond its form; five that proved to
//! stand in the other list already, or could not be shown to a driver, had given way before
//! anything was measured. The first score is [`FIRST_MEASURED`]. Cases were sharpened afterwards
//! for those that had escaped, so the present score is no measure of the same thing any longer:
//! whoever wants to know anew has to write new rows, in the same way.

use super::list::sins;
use super::{Act, Sabotage};

/// What the suite caught of a list that it had never seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FirstMeasured {
    /// The day, as year, month and day.
    pub on: &'static str,
    /// Sins that were caught by the requirement that they break.
    pub caught: usize,
    /// Sins that were met.
    pub of: usize,
}

/// The score before any case was changed for one of these rows.
pub const FIRST_MEASURED: FirstMeasured = FirstMeasured { on: "2026-11-22", caught: 7, of: 15 };

sins! {
    HeldOut of HELD_OUT:

    AcknowledgesOptimistically = "acknowledges-optimistically" breaks "MFA-REC-013":
        "Takes the recovery codes for acknowledged although the service refused it.";
    AllowsTheFirstPasskeyOnly = "allows-the-first-passkey-only" breaks "MFA-PK-032":
        "Tells the authenticator of the first allowed passkey and of no other.";
    BearerNull = "bearer-null" breaks "MFA-SEC-005":
        "Sends the word null as its bearer token while nobody is signed in.";
    ElevatedLeeway = "elevated-leeway" breaks "MFA-STEP-011":
        "Hands out an elevated token for a minute after its end, for clocks that differ.";
    ExpiredHidesTheNext = "expired-hides-the-next" breaks "MFA-STEP-005":
        "Finds no token for a scope where the first one of two for it has expired.";
    LogoutLeavesTheStorage = "logout-leaves-the-storage" breaks "MFA-SES-004":
        "Logs out in memory only, so that a restart is signed in again.";
    LogoutNeedsAnAnswer = "logout-needs-an-answer" breaks "MFA-SES-004":
        "Stays signed in when the service fails to answer the logout.";
    LogsWhatFailed = "logs-what-failed" breaks "MFA-SEC-001":
        "Writes the body of a refused request into its log, code and all.";
    NoncePutBack = "nonce-put-back" breaks "MFA-SEC-003":
        "Signs the nonce of a refused request a second time.";
    ObeysRetryAfter = "obeys-retry-after" breaks "MFA-NET-002":
        "Sends a call again that was answered with 429 and Retry-After.";
    RawIdInPlainBase64 = "raw-id-in-plain-base64" breaks "MFA-PK-031":
        "Posts the raw id of a credential in the alphabet of plain base64, with padding.";
    RestartForgetsTheFactor = "restart-forgets-the-factor" breaks "MFA-SES-006":
        "Stores the session at sign-in only, so that a restart owes its second factor again.";
    ScopesOrToken = "scopes-or-token" breaks "MFA-STEP-005":
        "Leaves out the requested scopes where an MFA token is wished for, too.";
    SignatureInDer = "signature-in-der" breaks "MFA-SEC-002":
        "Encodes the signature over the nonce in DER, where r and s are expected.";
    UncompressedSessionKey = "uncompressed-session-key" breaks "MFA-SEC-004":
        "Announces the public key of the session uncompressed, in 130 digits.";
}
