//! `ProjectSettings`: what an SDK reads at its start, in the service's own shape (rule D1).

use mfa_engine::BackupLocation;
use mfa_engine::policy::{Enrollment, Policy};
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
        "providers": [{
            "id": "00000000-0000-4000-8000-000000000001",
            "provider": "emailOnly",
            "enabledAt": "2026-01-01T00:00:00.000Z",
        }],
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
    if policy.stand_ins.wallets_in_settings {
        show_wallets(&mut settings);
    }
    settings
}

/// Embedded wallets as switched on: what an app reads before it offers one.
fn show_wallets(settings: &mut Value) {
    // The networks stay empty: there is no chain to reach behind a stand-in.
    let chains = json!([{ "name": "EVM", "enabled": true, "networks": [] }]);
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
    settings.insert("chains".to_owned(), chains);
    if let Some(sdk) = settings.get_mut("sdk").and_then(Value::as_object_mut) {
        sdk.insert("embeddedWallets".to_owned(), embedded_wallets);
        sdk.insert("waas".to_owned(), waas);
    }
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
