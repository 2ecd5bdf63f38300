//! What a case needs of a driver, and whether the driver has it.
//!
//! A need is an op name of the protocol, or one of `errors:code` (errors are told apart by more
//! than text), `clock:injectable`, `storage:disk`, `passkey` and `instances:N`.

use driver_protocol::{Capability, ErrorFidelity, HelloAnswer, PasskeySource, StorageKind, op};

use crate::suggestion;

/// Why the driver does not have this need; absent when it does.
///
/// # Errors
/// The need is none that exists: a mistake of the case.
pub fn lacking(need: &str, hello: &HelloAnswer) -> Result<Option<String>, String> {
    let has = match need.split_once(':') {
        Some(("errors", "code")) => hello.errors != ErrorFidelity::Message,
        Some(("clock", "injectable")) => hello.clock.injectable,
        Some(("storage", "disk")) => hello.storage == StorageKind::Disk,
        Some(("instances", number)) => {
            let wanted: u32 = number.parse().map_err(|_| format!("`{need}` needs a number"))?;
            hello.limits.instances >= wanted
        }
        None if need == "passkey" => hello.passkey != PasskeySource::None,
        None if op(need).is_some() => hello.can(need),
        _ => {
            let hint = suggestion::hint(need, driver_protocol::OPS.iter().map(|op| op.name));
            return Err(format!("unknown need \"{need}\"{hint}"));
        }
    };
    Ok((!has).then(|| why_not(need, hello)))
}

/// Why a case does not apply to this driver; absent when it does.
///
/// # Errors
/// As [`lacking`].
pub fn unmet(needs: &[&str], hello: &HelloAnswer) -> Result<Option<String>, String> {
    for need in needs {
        if let Some(why) = lacking(need, hello)? {
            return Ok(Some(why));
        }
    }
    Ok(None)
}

fn why_not(need: &str, hello: &HelloAnswer) -> String {
    match hello.caps.get(need) {
        Some(Capability::No(reason)) => format!("needs {need}: {reason}"),
        _ => format!("needs {need}, which the driver does not declare"),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A driver that can enrol but not confirm, with two clients and typed errors.
    pub(crate) fn hello() -> HelloAnswer {
        serde_json::from_value(serde_json::json!({
            "mdp": 1,
            "driver": { "name": "d", "version": "0.0.0" },
            "sdk": { "name": "s", "version": "1.2.3", "package": "p", "platform": "x", "language": "y" },
            "guides": ["totp"],
            "caps": { "totp.register": true, "totp.confirm": { "no": "the SDK has no such call" } },
            "clock": { "now_ms": 1_790_000_000_000_u64, "injectable": false },
            "limits": { "instances": 2, "inflight": 1 },
            "errors": "typed", "passkey": "none", "storage": "memory", "restart": "case"
        }))
        .unwrap()
    }

    #[test]
    fn what_is_declared_is_there() {
        let needs = ["client.new", "totp.register", "errors:code", "instances:2"];
        assert_eq!(unmet(&needs, &hello()), Ok(None));
    }

    #[test]
    fn what_is_not_there_has_a_reason() {
        for (need, why) in [
            ("totp.confirm", "needs totp.confirm: the SDK has no such call"),
            ("device.list", "needs device.list, which the driver does not declare"),
            ("instances:3", "needs instances:3, which the driver does not declare"),
            ("passkey", "needs passkey, which the driver does not declare"),
            ("clock:injectable", "needs clock:injectable, which the driver does not declare"),
            ("storage:disk", "needs storage:disk, which the driver does not declare"),
        ] {
            assert_eq!(lacking(need, &hello()), Ok(Some(why.to_owned())));
            assert_eq!(unmet(&["client.new", need], &hello()), Ok(Some(why.to_owned())));
        }
        let on_disk = HelloAnswer { storage: StorageKind::Disk, ..hello() };
        assert_eq!(lacking("storage:disk", &on_disk), Ok(None));
    }

    #[test]
    fn a_need_that_does_not_exist_is_an_error() {
        let error = lacking("totp.registr", &hello()).unwrap_err();
        assert_eq!(error, "unknown need \"totp.registr\" (did you mean \"totp.register\"?)");
    }
}
