//! The ops of MDP/1.

/// One op: its name, whether a driver must have it, and what it means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Op {
    /// Name on the wire.
    pub name: &'static str,
    /// Must every driver have it?
    pub standing: Standing,
    /// One line for people.
    pub meaning: &'static str,
}

/// Whether a driver may do without an op.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Every driver has it; it is not declared.
    Mandatory,
    /// Declared in the `caps` of the handshake.
    Capability,
}

/// The op of this name.
///
/// ```
/// assert!(driver_protocol::op("totp.auth").is_some());
/// assert!(driver_protocol::op("totp.aut").is_none());
/// ```
pub fn op(name: &str) -> Option<&'static Op> {
    OPS.iter().find(|op| op.name == name)
}

const fn mandatory(name: &'static str, meaning: &'static str) -> Op {
    Op { name, standing: Standing::Mandatory, meaning }
}

const fn capability(name: &'static str, meaning: &'static str) -> Op {
    Op { name, standing: Standing::Capability, meaning }
}

/// Every op of MDP/1, in the order in which people should read them.
pub const OPS: &[Op] = &[
    mandatory("hello", "say who is there and what the SDK can do"),
    mandatory("bye", "answer and end the process with status 0"),
    mandatory("client.new", "make an SDK client and initialise it"),
    mandatory("client.close", "let go of a client"),
    mandatory("state.get", "tell the SDK's own session state without a request"),
    capability("client.restart", "make a new SDK object over the same storage and keys"),
    capability("auth.email_start", "send a code to an e-mail address"),
    capability("auth.email_verify", "sign in, or re-authenticate, with the code from the mail"),
    capability("auth.refresh", "renew the session token"),
    capability("auth.logout", "end the session"),
    capability("user.get", "fetch the user anew"),
    capability("user.update", "change fields of the user"),
    capability("user.delete", "delete the user"),
    capability("totp.register", "begin a TOTP device: id, secret and otpauth address"),
    capability("totp.confirm", "confirm a new TOTP device by its own call"),
    capability("totp.auth", "authenticate with a TOTP code"),
    capability("passkey.register", "make a passkey and register it"),
    capability("passkey.auth", "authenticate with a passkey as second factor"),
    capability("passkey.sign_in", "sign in with a passkey alone"),
    capability("passkey.list", "list the passkeys"),
    capability("passkey.delete", "delete a passkey"),
    capability("device.list", "list the MFA devices"),
    capability("device.get", "fetch one MFA device"),
    capability("device.set_default", "make a device the default"),
    capability("device.delete", "delete a device"),
    capability("mfa.methods", "list verified devices and passkeys"),
    capability("mfa.missing", "tell whether the session still lacks MFA"),
    capability("mfa.required_for_action", "tell whether an action needs MFA"),
    capability("mfa_token.take", "take the held MFA token out of the SDK"),
    capability("stepup.check", "tell whether a scope needs step-up, and with which credentials"),
    capability("stepup.peek", "show the held elevated token of a scope"),
    capability("stepup.take", "use the held elevated token of a scope"),
    capability("recovery.list", "fetch the recovery codes"),
    capability("recovery.rotate", "replace the recovery codes"),
    capability("recovery.auth", "authenticate with a recovery code"),
    capability("recovery.ack", "tell the service that the codes were kept"),
    capability("recovery.pending", "tell whether that acknowledgement is owed"),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_unique_and_five_are_mandatory() {
        let names: BTreeSet<_> = OPS.iter().map(|op| op.name).collect();
        assert_eq!(names.len(), OPS.len());
        let mandatory: BTreeSet<_> =
            OPS.iter().filter(|op| op.standing == Standing::Mandatory).map(|op| op.name).collect();
        assert_eq!(
            mandatory,
            BTreeSet::from(["hello", "bye", "client.new", "client.close", "state.get"])
        );
    }
}
