//! `ProjectSettings`: what an SDK reads at its start, in the service's own shape (rule D1).

use mfa_engine::policy::{Enrollment, Policy};
use serde_json::{Value, json};

/// The settings of an environment as `GET settings` shows them.
pub(super) fn render(policy: &Policy) -> Value {
    let mfa = &policy.mfa;
    let available: Vec<_> = mfa.methods.iter().map(|method| method.kind).collect();
    let provider = |number: u8, name: &str| {
        let id = format!("00000000-0000-4000-8000-{number:012}");
        json!({ "id": id, "provider": name, "enabledAt": "2026-01-01T00:00:00.000Z" })
    };
    let mut providers = vec![provider(1, "emailOnly")];
    if policy.passkey.sign_in {
        providers.push(provider(2, "passkey"));
    }
    json!({
        "environmentName": "sandbox",
        "chains": [],
        "kyc": [],
        "customFields": [],
        "design": {},
        "general": { "displayName": policy.totp.issuer, "emailCompanyName": policy.totp.issuer },
        "privacy": { "collectIp": false },
        "providers": providers,
        "sdk": {
            "emailSignIn": { "signInProvider": "dynamic" },
            "socialSignIn": { "providers": [] },
            "minApiVersion": policy.min_api_version,
            "multiWallet": false,
        },
        "security": {
            "jwtDuration": duration(policy.session.life_seconds),
            "auth": { "storage": ["localstorage"], "allowMultipleCredentialsForSignIn": false },
            "captcha": { "enabled": false },
            "hCaptcha": { "enabled": false },
            "deviceRegistrationRequired": false,
            "environmentLocked": false,
            "mfa": {
                "enabled": mfa.enabled,
                "required": mfa.enrollment != Enrollment::None,
                "enrollment": mfa.enrollment,
                "availableMethods": available,
                "methods": mfa.methods,
                "actions": mfa.actions,
            },
        },
        "networks": [],
    })
}

/// `Duration`: the largest unit that divides the life without a rest; minutes are the smallest.
fn duration(seconds: u32) -> Value {
    let (amount, unit) = match seconds {
        _ if seconds.is_multiple_of(86_400) => (seconds / 86_400, "days"),
        _ if seconds.is_multiple_of(3_600) => (seconds / 3_600, "hours"),
        _ => (seconds.div_ceil(60), "minutes"),
    };
    json!({ "amount": amount, "unit": unit })
}
