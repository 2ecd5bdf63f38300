//! The handshake: who is there, and what can it do.

mod capability;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{MDP, Standing, did_you_mean, op};

pub use capability::Capability;

/// Arguments of the op `hello`, the runner's first message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HelloArgs {
    /// Protocol versions the runner speaks.
    pub mdp: Vec<u64>,
    /// The suite that asks.
    pub suite: SuiteName,
    /// Name of this run, for logs.
    pub run: String,
    /// Seed of the run; a driver with chance of its own should use it.
    pub seed: u64,
    /// The runner's time, in milliseconds since 1970.
    pub now_ms: u64,
    /// Names of all ops that the runner may send.
    pub ops: Vec<String>,
}

/// Name and version of the asking suite.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SuiteName {
    /// Name of the suite.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// The `ok` of the op `hello`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HelloAnswer {
    /// Protocol version the driver chose, one of those offered.
    pub mdp: u64,
    /// The driver.
    pub driver: DriverName,
    /// The SDK it drives.
    pub sdk: SdkName,
    /// Guides of the product that the SDK claims to follow.
    pub guides: Vec<String>,
    /// What the SDK can do, by op name; an op that is absent is undeclared, not "no".
    pub caps: BTreeMap<String, Capability>,
    /// The driver's clock.
    pub clock: DriverClock,
    /// How much may be asked at once.
    pub limits: Limits,
    /// How finely the SDK tells errors apart.
    pub errors: ErrorFidelity,
    /// Who plays the authenticator.
    pub passkey: PasskeySource,
    /// Where the SDK keeps its state.
    pub storage: StorageKind,
    /// Whether `client.restart` is possible.
    pub restart: RestartSupport,
}

impl HelloAnswer {
    /// Lists what is wrong with this answer, one sentence fragment each.
    ///
    /// An empty list means that the runner can work with the driver. Source: MDP/1, handshake.
    pub fn mistakes(&self) -> Vec<String> {
        let mut mistakes = Vec::new();
        if self.mdp != MDP {
            mistakes.push(format!("the driver speaks mdp {}, the runner speaks {MDP}", self.mdp));
        }
        for name in self.caps.keys() {
            match op(name) {
                Some(known) if known.standing == Standing::Mandatory => mistakes
                    .push(format!("caps declares \"{name}\", which is mandatory and not a choice")),
                Some(_) => {}
                None => mistakes.push(match did_you_mean(name) {
                    Some(near) => {
                        format!("caps declares the unknown op \"{name}\"; did you mean \"{near}\"?")
                    }
                    None => format!("caps declares the unknown op \"{name}\""),
                }),
            }
        }
        if self.limits.instances == 0 || self.limits.inflight == 0 {
            mistakes.push("limits must allow one instance and one request in flight".into());
        }
        mistakes
    }

    /// Lists the ops about which the driver says nothing.
    pub fn undeclared(&self) -> Vec<&'static str> {
        crate::OPS
            .iter()
            .filter(|op| op.standing == Standing::Capability && !self.caps.contains_key(op.name))
            .map(|op| op.name)
            .collect()
    }

    /// May the runner send this op at all?
    pub fn can(&self, name: &str) -> bool {
        match op(name) {
            Some(known) if known.standing == Standing::Mandatory => true,
            _ => !matches!(self.caps.get(name), None | Some(Capability::No(_))),
        }
    }
}

/// Name and version of a driver.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DriverName {
    /// Name of the driver.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// What is being judged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SdkName {
    /// Name of the SDK.
    pub name: String,
    /// Its version, as installed.
    pub version: String,
    /// Name of the package it comes in.
    pub package: String,
    /// Platform it runs on, such as `node`.
    pub platform: String,
    /// Language it is used from.
    pub language: String,
}

/// The clock that the SDK reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DriverClock {
    /// The SDK's time, in milliseconds since 1970.
    pub now_ms: u64,
    /// Can the runner set it?
    pub injectable: bool,
}

/// How much may be asked of a driver at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Client instances alive at the same time.
    pub instances: u32,
    /// Requests without a reply at the same time.
    pub inflight: u32,
}

/// How finely an SDK tells errors apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ErrorFidelity {
    /// By class or type.
    Typed,
    /// By a code.
    Code,
    /// By text only.
    Message,
}

/// Who plays the authenticator in passkey ceremonies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PasskeySource {
    /// The runner lends its own.
    Harness,
    /// The platform has one.
    Platform,
    /// Nobody: no passkeys.
    None,
}

/// Where an SDK keeps its state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StorageKind {
    /// In the process.
    Memory,
    /// On disk.
    Disk,
}

/// Whether a client can be made anew over the same storage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RestartSupport {
    /// Not at all.
    None,
    /// Within a case.
    Case,
    /// Also across runs.
    Run,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn answer(caps: &serde_json::Value) -> HelloAnswer {
        serde_json::from_value(json!({
            "mdp": 1,
            "driver": { "name": "d", "version": "0" },
            "sdk": { "name": "s", "version": "0", "package": "p", "platform": "x", "language": "y" },
            "guides": ["totp"],
            "caps": caps,
            "clock": { "now_ms": 1, "injectable": false },
            "limits": { "instances": 1, "inflight": 1 },
            "errors": "typed", "passkey": "none", "storage": "memory", "restart": "case"
        }))
        .unwrap()
    }

    #[test]
    fn a_good_answer_has_no_mistakes_and_round_trips() {
        let answer = answer(&json!({ "totp.register": true, "totp.confirm": { "no": "absent" } }));
        assert_eq!(answer.mistakes(), Vec::<String>::new());
        let written = serde_json::to_value(&answer).unwrap();
        assert_eq!(op("hello").unwrap().misfits(&written), Vec::<String>::new());
        assert_eq!(serde_json::from_value::<HelloAnswer>(written).unwrap(), answer);
    }

    #[test]
    fn a_misspelt_capability_is_named_with_a_hint() {
        let mistakes = answer(&json!({ "totp.registr": true })).mistakes();
        assert_eq!(
            mistakes,
            ["caps declares the unknown op \"totp.registr\"; did you mean \"totp.register\"?"]
        );
    }

    #[test]
    fn a_mandatory_op_is_not_a_capability() {
        let mistakes = answer(&json!({ "client.new": true })).mistakes();
        assert_eq!(mistakes, ["caps declares \"client.new\", which is mandatory and not a choice"]);
    }

    #[test]
    fn an_absent_op_is_undeclared_and_not_sent() {
        let answer = answer(&json!({ "totp.register": true, "totp.confirm": { "no": "absent" } }));
        assert!(answer.can("totp.register") && answer.can("client.new"));
        assert!(!answer.can("totp.confirm") && !answer.can("device.list"));
        let undeclared = answer.undeclared();
        assert!(undeclared.contains(&"device.list") && !undeclared.contains(&"totp.confirm"));
        assert!(!undeclared.contains(&"state.get"));
    }
}
