//! `SecuritySettings`: sessions, devices, and the second factor.

use std::collections::BTreeSet;

use mfa_engine::policy::{
    AuthStorage, Enrollment, ExternalAuth, Method, Mfa, Policy, ProtectedAction,
};
use serde::{Serialize, Serializer};

/// `SecuritySettings`
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Security<'policy> {
    auth: Auth<'policy>,
    captcha: Switch,
    device_registration_required: bool,
    environment_locked: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    external_auth: Option<ExternalAuthShown<'policy>>,
    h_captcha: Switch,
    jwt_duration: Duration,
    mfa: MfaShown<'policy>,
}

/// `AuthSettings`
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Auth<'policy> {
    allow_multiple_credentials_for_sign_in: bool,
    storage: &'policy BTreeSet<AuthStorage>,
}

#[derive(Serialize)]
struct Switch {
    enabled: bool,
}

/// `ExternalAuth`. There is no `jwksUrl`: the keys stand in the settings of the world.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ExternalAuthShown<'policy> {
    #[serde(skip_serializing_if = "Option::is_none")]
    aud: Option<&'policy str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cookie_name: Option<&'policy str>,
    enabled: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    iss: Option<&'policy str>,
}

/// `Duration`
#[derive(Serialize)]
struct Duration {
    amount: u32,
    unit: &'static str,
}

/// `MFASettings`
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MfaShown<'policy> {
    actions: &'policy [ProtectedAction],
    #[serde(serialize_with = "kinds")]
    available_methods: &'policy [Method],
    enabled: bool,
    enrollment: Enrollment,
    methods: &'policy [Method],
    required: bool,
}

/// What protects the users of an environment.
pub(super) fn of(policy: &Policy) -> Security<'_> {
    let off = || Switch { enabled: false };
    Security {
        auth: Auth { allow_multiple_credentials_for_sign_in: false, storage: &policy.auth.storage },
        captcha: off(),
        device_registration_required: policy.device_registration.required,
        environment_locked: false,
        external_auth: policy.external_auth.enabled.then(|| external_auth(&policy.external_auth)),
        h_captcha: off(),
        jwt_duration: duration(policy.session.life_seconds),
        mfa: mfa(&policy.mfa),
    }
}

fn mfa(mfa: &Mfa) -> MfaShown<'_> {
    MfaShown {
        actions: &mfa.actions,
        available_methods: &mfa.methods,
        enabled: mfa.enabled,
        enrollment: mfa.enrollment,
        methods: &mfa.methods,
        required: mfa.enrollment != Enrollment::None,
    }
}

fn kinds<S: Serializer>(methods: &[Method], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(methods.iter().map(|method| method.kind))
}

fn external_auth(settings: &ExternalAuth) -> ExternalAuthShown<'_> {
    ExternalAuthShown {
        aud: settings.audience.as_deref(),
        cookie_name: settings.cookie_name.as_deref(),
        enabled: settings.enabled,
        iss: settings.issuer.as_deref(),
    }
}

/// The largest unit that divides a life without a rest; minutes are the smallest.
fn duration(seconds: u32) -> Duration {
    let (amount, unit) = match seconds {
        _ if seconds.is_multiple_of(86_400) => (seconds / 86_400, "days"),
        _ if seconds.is_multiple_of(3_600) => (seconds / 3_600, "hours"),
        _ => (seconds.div_ceil(60), "minutes"),
    };
    Duration { amount, unit }
}
