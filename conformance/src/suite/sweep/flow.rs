//! The happy flows that are swept, step by step.

use serde_json::{Value, json};

use crate::stage::{Halt, Stage, Step};

use super::super::record;

const SECRET: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";

/// One op of a flow.
type Taking = fn(&mut Stage, &mut Walker) -> Result<Step, Halt>;

/// A happy flow of somebody who begins signed out.
pub(super) struct Flow {
    /// Whether the person has a TOTP device already.
    pub(super) enrolled: bool,
    /// What the driver must be able to do.
    pub(super) needs: &'static [&'static str],
    /// The ops, in order.
    pub(super) steps: &'static [Taking],
    /// Whether the service has on record what the flow is for, and the SDK was told.
    pub(super) reached: fn(&mut Stage, &Walker) -> Result<bool, Halt>,
}

/// Who walks, and what the steps so far were told.
pub(super) struct Walker {
    email: String,
    /// Secret of the device: the seeded one, or that of the registration.
    secret: String,
    device: String,
    mfa_token: Value,
    codes: Value,
}

impl Walker {
    /// Somebody new in the tenant.
    pub(super) fn enter(stage: &mut Stage, flow: &Flow, name: &str) -> Result<Self, Halt> {
        let email = format!("{name}@example.com");
        let secret = flow.enrolled.then_some(SECRET);
        stage.add_user(json!({ "email": email, "totpSecret": secret }))?;
        let device = record::of(stage, &email, "/devices/0/id")?;
        Ok(Self {
            email,
            secret: SECRET.to_owned(),
            device: device.as_str().unwrap_or_default().to_owned(),
            mfa_token: Value::Null,
            codes: Value::Null,
        })
    }
}

pub(super) const SIGN_IN: Flow = Flow {
    enrolled: true,
    needs: &["auth.email_start", "auth.email_verify", "auth.logout", "totp.auth", "device.list"],
    steps: &[start, verify, authenticate, list],
    reached: has_passed,
};

pub(super) const ENROL: Flow = Flow {
    enrolled: false,
    needs: &[
        "auth.email_start",
        "auth.email_verify",
        "auth.logout",
        "totp.register",
        "totp.auth",
        "recovery.ack",
    ],
    steps: &[start, verify, register, authenticate, acknowledge],
    reached: is_enrolled,
};

pub(super) const STEP_UP: Flow = Flow {
    enrolled: true,
    needs: &["auth.email_start", "auth.email_verify", "auth.logout", "totp.auth", "device.delete"],
    steps: &[start, verify, authenticate_for_unlinking, delete],
    reached: has_no_device,
};

pub(super) const REMOVAL: Flow = Flow {
    enrolled: true,
    needs: &["auth.email_start", "auth.email_verify", "auth.logout", "totp.auth", "device.delete"],
    steps: &[start, verify, authenticate_for_a_token, delete_with_token],
    reached: has_no_device,
};

pub(super) const RECOVERY: Flow = Flow {
    enrolled: true,
    needs: &[
        "auth.email_start",
        "auth.email_verify",
        "auth.logout",
        "recovery.auth",
        "recovery.rotate",
    ],
    steps: &[start, verify, recover, rotate],
    reached: holds_the_codes_on_record,
};

fn start(stage: &mut Stage, walker: &mut Walker) -> Result<Step, Halt> {
    Ok(stage.act("auth.email_start", json!({ "email": walker.email })))
}

fn verify(stage: &mut Stage, walker: &mut Walker) -> Result<Step, Halt> {
    let code = stage.mail_code(&walker.email)?;
    Ok(stage.act("auth.email_verify", json!({ "code": code })))
}

/// Authenticates with the device, asking for more.
fn with_code(stage: &mut Stage, walker: &Walker, more: &Value) -> Result<Step, Halt> {
    let mut args = json!({ "code": stage.code_for(&walker.secret)? });
    if let (Some(args), Some(more)) = (args.as_object_mut(), more.as_object()) {
        args.extend(more.clone());
    }
    Ok(stage.act("totp.auth", args))
}

fn authenticate(stage: &mut Stage, walker: &mut Walker) -> Result<Step, Halt> {
    with_code(stage, walker, &json!({}))
}

fn authenticate_for_unlinking(stage: &mut Stage, walker: &mut Walker) -> Result<Step, Halt> {
    with_code(stage, walker, &json!({ "scopes": ["credential:unlink"] }))
}

fn authenticate_for_a_token(stage: &mut Stage, walker: &mut Walker) -> Result<Step, Halt> {
    let passed = with_code(stage, walker, &json!({ "mfa_token": { "single_use": true } }))?;
    if passed.returned()? {
        walker.mfa_token = passed.value("/mfa_token")?;
    }
    Ok(passed)
}

fn register(stage: &mut Stage, walker: &mut Walker) -> Result<Step, Halt> {
    let begun = stage.act("totp.register", json!({}));
    if begun.returned()? {
        walker.secret = begun.value("/secret")?.as_str().unwrap_or_default().to_owned();
    }
    Ok(begun)
}

fn acknowledge(stage: &mut Stage, _: &mut Walker) -> Result<Step, Halt> {
    Ok(stage.act("recovery.ack", json!({})))
}

fn list(stage: &mut Stage, walker: &mut Walker) -> Result<Step, Halt> {
    let listed = stage.act("device.list", json!({}));
    if listed.returned()? {
        walker.device = listed.value("/devices/0/id")?.as_str().unwrap_or_default().to_owned();
    }
    Ok(listed)
}

fn delete(stage: &mut Stage, walker: &mut Walker) -> Result<Step, Halt> {
    Ok(stage.act("device.delete", json!({ "id": walker.device })))
}

fn delete_with_token(stage: &mut Stage, walker: &mut Walker) -> Result<Step, Halt> {
    let args = json!({ "id": walker.device, "mfa_token": walker.mfa_token });
    Ok(stage.act("device.delete", args))
}

fn recover(stage: &mut Stage, walker: &mut Walker) -> Result<Step, Halt> {
    let code = record::of(stage, &walker.email, "/recoveryCodes/0")?;
    Ok(stage.act("recovery.auth", json!({ "code": code })))
}

fn rotate(stage: &mut Stage, walker: &mut Walker) -> Result<Step, Halt> {
    let made = stage.act("recovery.rotate", json!({}));
    if made.returned()? {
        walker.codes = made.value("/codes")?;
    }
    Ok(made)
}

/// The SDK says that MFA is done, and was told the device that the service has.
fn has_passed(stage: &mut Stage, walker: &Walker) -> Result<bool, Halt> {
    let pending = stage.state_of("mfa_pending")?;
    let device = record::of(stage, &walker.email, "/devices/0/id")?;
    Ok(pending == false && device == walker.device.as_str())
}

fn is_enrolled(stage: &mut Stage, walker: &Walker) -> Result<bool, Halt> {
    let devices = record::of(stage, &walker.email, "/devices")?;
    let count = devices.as_array().map_or(0, Vec::len);
    let is_verified = record::at(&devices, "/0/verified") == true;
    Ok(count == 1 && is_verified && stage.state_of("mfa_pending")? == false)
}

fn has_no_device(stage: &mut Stage, walker: &Walker) -> Result<bool, Halt> {
    Ok(record::of(stage, &walker.email, "/devices")? == json!([]))
}

fn holds_the_codes_on_record(stage: &mut Stage, walker: &Walker) -> Result<bool, Halt> {
    Ok(record::of(stage, &walker.email, "/recoveryCodes")? == walker.codes)
}
