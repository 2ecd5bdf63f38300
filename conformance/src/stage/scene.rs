//! Scenes that many cases begin with. They only prepare: failing blocks, it proves nothing.

use serde_json::{Value, json};

use super::{Halt, Stage};

/// A TOTP device of the signed-in user.
#[derive(Clone, Debug)]
pub struct Enrolled {
    /// The device's id.
    pub device_id: String,
    /// Its base32 secret.
    pub secret: String,
}

impl Stage {
    /// Signs in by e-mail; the address is signed up when nobody has it.
    ///
    /// # Errors
    /// [`Halt::Blocked`] when a step of it does not work.
    pub fn sign_in(&mut self, email: &str) -> Result<(), Halt> {
        self.act("auth.email_start", json!({ "email": email })).ready()?;
        let code = self.mail_code(email)?;
        self.act("auth.email_verify", json!({ "code": code })).ready()?;
        Ok(())
    }

    /// Proves the address again while signed in, for elevated tokens of these scopes.
    ///
    /// Where step-up is enforced, the first device needs `credential:link` from here.
    ///
    /// # Errors
    /// [`Halt::Blocked`] when a step of it does not work.
    pub fn reauthenticate(&mut self, email: &str, scopes: &[&str]) -> Result<(), Halt> {
        self.act("auth.email_start", json!({ "email": email })).ready()?;
        let code = self.mail_code(email)?;
        self.act("auth.email_verify", json!({ "code": code, "scopes": scopes })).ready()?;
        Ok(())
    }

    /// Begins a TOTP device without confirming it.
    ///
    /// Where step-up is enforced and MFA is optional, [`Stage::reauthenticate`] for
    /// `credential:link` first.
    ///
    /// # Errors
    /// [`Halt::Blocked`] when the SDK cannot, or answers without id or secret.
    pub fn begin_totp(&mut self) -> Result<Enrolled, Halt> {
        let begun = self.act("totp.register", json!({})).ready()?;
        let field = |name: &str| {
            let text = begun.get(name).and_then(Value::as_str);
            text.map(str::to_owned)
                .ok_or_else(|| Halt::Blocked(format!("totp.register answered without {name}")))
        };
        Ok(Enrolled { device_id: field("device_id")?, secret: field("secret")? })
    }

    /// Begins a TOTP device and confirms it by authenticating with its current code.
    ///
    /// The session is then upgraded, the code of this time step is used up, and an
    /// acknowledgement of the recovery codes is owed (see [`Stage::enrol`]).
    ///
    /// # Errors
    /// [`Halt::Blocked`] when a step of it does not work.
    pub fn enrol_unacknowledged(&mut self) -> Result<Enrolled, Halt> {
        let device = self.begin_totp()?;
        let code = self.code_for(&device.secret)?;
        self.act("totp.auth", json!({ "code": code, "device_id": device.device_id })).ready()?;
        Ok(device)
    }

    /// Enrols a TOTP device and acknowledges the recovery codes: a fully signed-in user with MFA.
    ///
    /// # Errors
    /// [`Halt::Blocked`] when a step of it does not work.
    pub fn enrol(&mut self) -> Result<Enrolled, Halt> {
        let device = self.enrol_unacknowledged()?;
        self.act("recovery.ack", json!({})).ready()?;
        Ok(device)
    }

    /// Answers an MFA challenge with the code of the next time step.
    ///
    /// # Errors
    /// [`Halt::Blocked`] when the code is refused.
    pub fn pass_mfa(&mut self, secret: &str) -> Result<(), Halt> {
        let code = self.next_code(secret)?;
        self.act("totp.auth", json!({ "code": code })).ready()?;
        Ok(())
    }

    /// Gets an elevated token for one scope, which the SDK then holds.
    ///
    /// # Errors
    /// [`Halt::Blocked`] when the code is refused.
    pub fn elevate(&mut self, secret: &str, scope: &str) -> Result<(), Halt> {
        let code = self.next_code(secret)?;
        self.act("totp.auth", json!({ "code": code, "scopes": [scope] })).ready()?;
        Ok(())
    }

    /// The SDK's own session state, without a request.
    ///
    /// # Errors
    /// [`Halt::Blocked`] when the SDK reports an error.
    pub fn state(&mut self) -> Result<Value, Halt> {
        self.act("state.get", json!({})).ready()
    }

    /// One field of the SDK's own session state, null when it is absent.
    ///
    /// # Errors
    /// As [`Stage::state`].
    pub fn state_of(&mut self, field: &str) -> Result<Value, Halt> {
        Ok(self.state()?.get(field).cloned().unwrap_or(Value::Null))
    }

    /// The session token that the SDK holds.
    ///
    /// # Errors
    /// [`Halt::Blocked`] when it holds none.
    pub fn bearer(&mut self) -> Result<String, Halt> {
        let token = self.state_of("token")?;
        token
            .as_str()
            .map(str::to_owned)
            .ok_or_else(|| Halt::Blocked("the SDK holds no session token".to_owned()))
    }
}
