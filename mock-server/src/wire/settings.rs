//! `ProjectSettings`: what an SDK reads at its start, in the service's own shape (rule D1).

use mfa_engine::policy::{Enrollment, ExternalAuth, Policy, Sms};
use serde_json::{Value, json};

/// The settings of an environment as `GET settings` shows them.
pub(super) fn render(policy: &Policy) -> Value {
    let mfa = &policy.mfa;
    let available: Vec<_> = mfa.methods.iter().map(|method| method.kind).collect();
    let mut settings = json!({
        "environmentName": "sandbox",
        "chains": [],
        "kyc": [],
        "customFields": [],
        "design": {},
        "general": { "displayName": policy.totp.issuer, "emailCompanyName": policy.totp.issuer },
        "privacy": { "collectIp": false },
        "providers": providers(&policy.sms),
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
    });
    if policy.external_auth.enabled
        && let Some(security) = settings["security"].as_object_mut()
    {
        security.insert("externalAuth".to_owned(), external_auth(&policy.external_auth));
    }
    settings
}

/// `Provider`: what sends codes. An SDK reads from it which countries can be offered.
fn providers(sms: &Sms) -> Vec<Value> {
    let provider = |id: &str, kind: &str| {
        let enabled_at = "2026-01-01T00:00:00.000Z";
        json!({ "id": id, "provider": kind, "enabledAt": enabled_at })
    };
    let mut providers = vec![provider("00000000-0000-4000-8000-000000000001", "emailOnly")];
    if sms.enabled {
        let mut texts = provider("00000000-0000-4000-8000-000000000002", "sms");
        if !sms.enabled_countries.is_empty() {
            texts["enabledCountries"] = json!(sms.enabled_countries);
        }
        providers.push(texts);
    }
    providers
}

/// `ExternalAuth`. There is no `jwksUrl`: the keys stand in the settings of the world.
fn external_auth(settings: &ExternalAuth) -> Value {
    let mut shown = json!({ "enabled": true });
    for (name, value) in [
        ("iss", &settings.issuer),
        ("aud", &settings.audience),
        ("cookieName", &settings.cookie_name),
    ] {
        if let Some(value) = value {
            shown[name] = json!(value);
        }
    }
    shown
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
