//! `ProjectSettings`: what an SDK reads at its start, in the service's own shape (rule D1).

use mfa_engine::policy::{Enrollment, ExternalAuth, Policy, SmsCountry};
use mfa_engine::{BackupLocation, SocialProvider};
use serde::Serialize;
use serde_json::{Value, json};

use super::public_address::PublicAddress;

/// The settings of an environment as `GET settings` shows them.
pub(super) fn render(policy: &Policy, address: &PublicAddress) -> Value {
    let mfa = &policy.mfa;
    let available: Vec<_> = mfa.methods.iter().map(|method| method.kind).collect();
    let social: Vec<Value> = policy.social.providers.iter().map(social_provider).collect();
    // The networks of the chain stay empty: nothing is reached from here.
    let mut settings = json!({
        "environmentName": "sandbox",
        "chains": [{ "name": "EVM", "enabled": true, "networks": [] }],
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
            "auth": { "storage": policy.auth.storage, "allowMultipleCredentialsForSignIn": false },
            "captcha": { "enabled": false },
            "hCaptcha": { "enabled": false },
            "deviceRegistrationRequired": policy.device_registration.required,
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
        && let Some(security) = settings.get_mut("security").and_then(Value::as_object_mut)
    {
        let shown = external_auth(&policy.external_auth);
        security.insert("externalAuth".to_owned(), json!(shown));
    }
    if policy.stand_ins.wallets_in_settings {
        show_wallets(&mut settings);
    }
    settings
}

/// `Provider`: what sends codes. An SDK reads from it which countries can be offered.
#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
struct Provider<'policy> {
    id: &'static str,
    provider: &'static str,
    enabled_at: &'static str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    enabled_countries: &'policy [SmsCountry],
}

/// `ExternalAuth`. There is no `jwksUrl`: the keys stand in the settings of the world.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ExternalAuthShown<'policy> {
    enabled: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    iss: Option<&'policy str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    aud: Option<&'policy str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cookie_name: Option<&'policy str>,
}

fn providers(policy: &Policy, address: &PublicAddress) -> Vec<Value> {
    let sms = &policy.sms;
    let mails = Provider {
        id: "00000000-0000-4000-8000-000000000001",
        provider: "emailOnly",
        enabled_at: "2026-01-01T00:00:00.000Z",
        enabled_countries: &[],
    };
    let texts = Provider {
        id: "00000000-0000-4000-8000-000000000002",
        provider: "sms",
        enabled_countries: &sms.enabled_countries,
        ..mails
    };
    let passkeys =
        Provider { id: "00000000-0000-4000-8000-000000000003", provider: "passkey", ..mails };
    let shown = [(true, mails), (sms.enabled, texts), (policy.passkey.sign_in, passkeys)];
    let shown = shown.into_iter().filter(|(is_on, _)| *is_on).map(|(_, provider)| json!(provider));
    let social = (1..).zip(&policy.social.providers).map(|(number, provider): (u8, _)| {
        json!({
            "id": format!("00000000-0000-4000-8000-0000000001{number:02}"),
            "provider": provider,
            "enabledAt": mails.enabled_at,
            "clientId": format!("mfa-mock-{provider}"),
            "baseAuthUrl": address.consent_page(*provider),
            "redirectUrl": address.redirect(*provider),
            "scopes": "openid email profile",
        })
    });
    shown.chain(social).collect()
}

fn external_auth(settings: &ExternalAuth) -> ExternalAuthShown<'_> {
    ExternalAuthShown {
        enabled: settings.enabled,
        iss: settings.issuer.as_deref(),
        aud: settings.audience.as_deref(),
        cookie_name: settings.cookie_name.as_deref(),
    }
}

/// Embedded wallets as switched on: what an app reads before it offers one.
fn show_wallets(settings: &mut Value) {
    let embedded_wallets = json!({
        "automaticEmbeddedWalletCreation": false,
        "chainConfigurations": [{ "name": "EVM", "enabled": true, "primary": true }],
        "defaultWalletVersion": "V3",
    });
    let waas = json!({
        "allowMultipleWaasWalletsPerChain": true,
        "passcodeRequired": false,
        "onSignUp": { "promptBackupOptions": false, "promptClientShareExport": false },
        "backupOptions": [BackupLocation::Dynamic],
        "delegatedAccess": { "enabled": true, "promptUsersOnSignIn": false },
    });
    let Some(settings) = settings.as_object_mut() else { return };
    if let Some(sdk) = settings.get_mut("sdk").and_then(Value::as_object_mut) {
        sdk.insert("embeddedWallets".to_owned(), embedded_wallets);
        sdk.insert("waas".to_owned(), waas);
    }
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
