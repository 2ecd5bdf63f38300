//! The ops of MDP/1.

mod field;
mod table;

use std::collections::BTreeSet;

use serde_json::Value;

pub use field::{Field, Form};
pub use table::OPS;

/// One op: its name, whether a driver must have it, and what it means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Op {
    /// Name on the wire.
    pub name: &'static str,
    /// Must every driver have it?
    pub standing: Standing,
    /// One line for people.
    pub meaning: &'static str,
    /// What the runner gives in `args`.
    pub args: &'static [Field],
    /// What the driver gives in `ok`.
    pub returns: &'static [Field],
}

impl Op {
    /// Lists what is wrong with the `ok` of this op, one sentence fragment each.
    ///
    /// Fields that the table does not know are wrong too: a misspelt one would hide a missing one.
    ///
    /// ```
    /// let op = driver_protocol::op("mfa.missing").unwrap();
    /// let answer = serde_json::json!({ "missing": "no" });
    /// assert_eq!(op.misfits(&answer), ["\"missing\" is \"no\", not a boolean"]);
    /// ```
    #[must_use]
    pub fn misfits(&self, ok: &Value) -> Vec<String> {
        let Some(given) = ok.as_object() else {
            return vec![format!("{ok} is no object")];
        };
        let mut misfits = Vec::new();
        for field in self.returns {
            match given.get(field.name) {
                None => misfits.push(format!("\"{}\" is missing", field.name)),
                Some(value) if field.form.fits(value) => {}
                Some(value) => {
                    misfits.push(format!(
                        "\"{}\" is {value}, not {}",
                        field.name,
                        field.form.said()
                    ));
                }
            }
        }
        let known: BTreeSet<&str> = self.returns.iter().map(|field| field.name).collect();
        for name in given.keys().filter(|name| !known.contains(name.as_str())) {
            misfits.push(match crate::nearest(name, known.iter().copied()) {
                Some(near) => format!("\"{name}\" is unknown; did you mean \"{near}\"?"),
                None => format!("\"{name}\" is unknown"),
            });
        }
        misfits
    }
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

#[cfg(test)]
mod tests {
    use serde_json::json;

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

    #[test]
    fn only_arguments_are_optional_and_no_name_comes_twice() {
        for op in OPS {
            for fields in [op.args, op.returns] {
                let names: BTreeSet<_> = fields.iter().map(|field| field.name).collect();
                assert_eq!(names.len(), fields.len(), "{}", op.name);
            }
            assert!(op.returns.iter().all(|field| !field.is_optional), "{}", op.name);
        }
    }

    #[test]
    fn a_result_that_does_not_fit_is_told_field_by_field() {
        let state = op("state.get").unwrap();
        let mut answer = json!({
            "authenticated": false, "user_id": null, "scopes": [], "mfa_pending": false,
            "recovery_ack_pending": false, "token": null, "token_exp": null, "mfa_token": null
        });
        assert_eq!(state.misfits(&answer), Vec::<String>::new());
        answer["tokens"] = json!(null);
        answer["scopes"] = json!("user:basic");
        answer.as_object_mut().unwrap().remove("token_exp");
        assert_eq!(
            state.misfits(&answer),
            [
                "\"scopes\" is \"user:basic\", not an array of strings",
                "\"token_exp\" is missing",
                "\"tokens\" is unknown; did you mean \"token\"?",
            ]
        );
        assert_eq!(state.misfits(&json!([])), ["[] is no object"]);
    }
}
