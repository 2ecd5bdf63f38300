//! Session MFA × enrolment × what the user has × what they passed: whose session owes what.

use mock_server::policy::{ApiVersion, Enrollment, MfaAction, Policy};
use serde_json::{Value, json};

use crate::client::protect;
use crate::client::{ALICE, Client, policy};

/// Everything that decides whether a session owes a second factor.
#[derive(Clone, Copy, Debug)]
struct Mode {
    session_mfa: bool,
    enrolment: Enrollment,
    enrolled: bool,
    passed: bool,
}

impl Mode {
    /// Written from the guides (rules F1, F2, F6, F7): a challenge at each session where session
    /// MFA is on, an enrolment where everybody must have a method.
    fn owes(self) -> bool {
        match self.enrolled {
            true => self.session_mfa && !self.passed,
            false => self.enrolment == Enrollment::Signup,
        }
    }

    fn policy(self) -> Policy {
        policy(|policy| {
            policy.mfa.enabled = self.session_mfa;
            policy.mfa.enrollment = self.enrolment;
            policy.mfa.actions = vec![protect(MfaAction::WalletWaasSign)];
        })
    }
}

fn modes() -> Vec<Mode> {
    let mut modes = Vec::new();
    for session_mfa in [true, false] {
        for enrolment in [Enrollment::None, Enrollment::Signup, Enrollment::Action] {
            for (enrolled, passed) in [(false, false), (true, false), (true, true)] {
                modes.push(Mode { session_mfa, enrolment, enrolled, passed });
            }
        }
    }
    modes
}

#[test]
fn a_session_owes_what_its_mode_says_and_the_settings_tell_the_mode() {
    for mode in modes() {
        let mut client = Client::new(mode.policy());
        if mode.enrolled {
            client.seed_alice();
        }
        client.sign_in(ALICE);
        if mode.passed {
            client.pass_totp(json!({}));
        }
        let scope = if mode.owes() { "requiresAdditionalAuth" } else { "user:basic" };
        assert_eq!(client.scope(), scope, "{mode:?}");
        // A refresh changes nothing about it.
        let refreshed = client.post("refresh", &json!({})).ok(200);
        assert_eq!(refreshed["user"]["scope"], json!(scope), "{mode:?}");
        let mfa = &client.get("settings").ok(200)["security"]["mfa"];
        assert_eq!(mfa["enabled"], json!(mode.session_mfa));
        assert_eq!(mfa["enrollment"], serde_json::to_value(mode.enrolment).unwrap());
        // Kept for older clients: true for either kind of force.
        assert_eq!(mfa["required"], json!(mode.enrolment != Enrollment::None), "{mode:?}");
        let action = json!({ "action": "wallet.waas.sign", "required": true });
        assert_eq!(mfa["actions"], json!([action]));
    }
}

#[test]
fn a_mode_that_changes_is_felt_by_sessions_that_run() {
    let client = Client::challenged(policy(|policy| policy.mfa.enabled = false));
    assert_eq!(client.scope(), "user:basic");
    client.world.set_policy(policy(|_| {})).unwrap();
    assert_eq!(client.scope(), "requiresAdditionalAuth");
    client.get("businessAccounts").refused(403, None, "Access Forbidden");
    client.world.set_policy(policy(|policy| policy.mfa.enabled = false)).unwrap();
    client.get("businessAccounts").ok(200);
}

#[test]
fn the_settings_tell_the_version_that_closes_gates() {
    for (version, word) in
        [(ApiVersion::V2026_01_01, "2026_01_01"), (ApiVersion::V2026_04_01, "2026_04_01")]
    {
        let client = Client::signed_in(policy(|policy| policy.min_api_version = version));
        let settings: Value = client.get("settings").ok(200);
        assert_eq!(settings["sdk"]["minApiVersion"], json!(word));
        let check = client.post("stepUp/check", &json!({ "scope": "wallet:export" })).ok(200);
        assert_eq!(check["isRequired"], json!(version == ApiVersion::V2026_04_01));
    }
}
