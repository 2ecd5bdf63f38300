//! What a gate must answer, worked out without a look at the engine.
//!
//! Written from the vendor's pages and DIFFERENCES.md: step-up asks for an elevated token, an
//! action asks for a second factor, and either is proven by what came along.

/// What stands at the gate.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Gate {
    /// Whether the environment enforces step-up (`2026_04_01`).
    pub(crate) enforced: bool,
    /// Whether the scope is on the list of those that need a token.
    pub(crate) listed: bool,
    /// Whether the settings protect the action.
    pub(crate) action: bool,
    /// Whether MFA tokens count where step-up is enforced.
    pub(crate) legacy: bool,
    /// Deleting a device asks for something wherever it is.
    pub(crate) always: bool,
}

/// How good an MFA token or an elevated token is that came along.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Quality {
    Absent,
    Good,
    Bad,
}

/// What the gate says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The call goes on, and this is what let it.
    Passes(By),
    /// 403: an elevated token is missing or cannot be used.
    WantsElevation,
    /// 401: an MFA token is missing.
    WantsMfaToken,
    /// 401: the MFA token cannot be used.
    BadMfaToken,
}

/// What let a call pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum By {
    Nothing,
    Elevation,
    MfaToken,
}

/// The rule.
pub(crate) fn verdict(gate: Gate, elevation: Quality, mfa_token: Quality) -> Verdict {
    let wants_elevation = gate.enforced && (gate.listed || gate.action);
    let is_closed = wants_elevation || gate.action || gate.always;
    if !is_closed {
        return Verdict::Passes(By::Nothing);
    }
    if elevation == Quality::Good {
        return Verdict::Passes(By::Elevation);
    }
    let counts = gate.always || (gate.action && (gate.legacy || !wants_elevation));
    match mfa_token {
        Quality::Good if counts => Verdict::Passes(By::MfaToken),
        Quality::Bad if counts => Verdict::BadMfaToken,
        _ if elevation == Quality::Bad || wants_elevation => Verdict::WantsElevation,
        _ => Verdict::WantsMfaToken,
    }
}
