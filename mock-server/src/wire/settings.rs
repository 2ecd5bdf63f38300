//! `ProjectSettings`: what an SDK reads at its start, in the service's own shape (rule D1).

use mfa_engine::SocialProvider;
use mfa_engine::policy::{Enrollment, Policy};
use serde_json::{Value, json};

use super::public_address::PublicAddress;

/// The settings of an environment as `GET settings` shows them.
pub(super) fn render(policy: &Policy, address: &PublicAddress) -> Value {
    let mfa = &policy.mfa;
    let available: Vec<_> = mfa.methods.iter().map(|method| method.kind).collect();
    let social: Vec<Value> = policy.social.providers.iter().map(social_provider).collect();
    json!({
        "environmentName": "sandbox",
        "chains": [{ "name": "evm", "enabled": true, "networks": [] }],
        "kyc": [],
        "customFields": [],
        "design": {},
        "general": { "displayName": policy.totp.issuer, "emailCompanyName": policy.totp.issuer },
        "privacy": { "collectIp": false },
        "providers": providers(policy, address),
        "sdk": {
            "emailSignIn": { "signInProvider": "dynamic" },
            "socialSignIn": { "signInProvider": "dynamic", "providers": social },
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

/// `Provider[]`: the ways to sign in. From those of social sign-in the SDK builds the address of
/// the provider's page itself.
fn providers(policy: &Policy, address: &PublicAddress) -> Vec<Value> {
    let enabled_at = "2026-01-01T00:00:00.000Z";
    let mut providers = vec![json!({
        "id": "00000000-0000-4000-8000-000000000001",
        "provider": "emailOnly",
        "enabledAt": enabled_at,
    })];
    let social = SocialProvider::ALL.iter().enumerate();
    let social = social.filter(|(_, provider)| policy.social.providers.contains(provider));
    providers.extend(social.map(|(number, provider)| {
        json!({
            "id": format!("00000000-0000-4000-8000-0000000001{number:02}"),
            "provider": provider,
            "enabledAt": enabled_at,
            "clientId": format!("mfa-mock-{provider}"),
            "baseAuthUrl": address.consent_page(*provider),
            "redirectUrl": address.redirect(*provider),
            "scopes": "openid email profile",
        })
    }));
    providers
}

/// `SocialSignInProvider`
fn social_provider(provider: &SocialProvider) -> Value {
    json!({ "provider": provider, "enabled": true })
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
