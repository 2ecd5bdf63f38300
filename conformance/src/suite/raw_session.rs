//! A session that the suite holds itself, for what the service owes to every client alike.
//!
//! Everything here only prepares: a step that does not work blocks the case.

use serde_json::{Map, Value, json};

use crate::stage::{Halt, RawAnswer, RawRequest, Stage};

/// Header of an elevated access token.
pub(super) const ELEVATED: &str = "x-dyn-elevated-access-token";
/// Header of an MFA token.
pub(super) const MFA_TOKEN: &str = "x-mfa-auth-token";

/// A signed-in user without an SDK.
pub(super) struct RawSession {
    /// The session token of the latest answer.
    pub(super) bearer: String,
}

impl RawSession {
    /// Signs in by e-mail.
    pub(super) fn open(stage: &mut Stage, email: &str) -> Result<Self, Halt> {
        let body = email_proof(stage, email)?;
        let signed_in = prepared(stage.raw("POST", "emailVerifications/signin").json(body))?;
        Ok(Self { bearer: text(&signed_in, "/minifiedJwt")? })
    }

    /// Signs in by a text to a number of the United States, given without its calling code.
    pub(super) fn open_by_text(stage: &mut Stage, digits: &str) -> Result<Self, Halt> {
        let body = text_proof(stage, digits)?;
        let signed_in = prepared(stage.raw("POST", "smsVerifications/signin").json(body))?;
        Ok(Self { bearer: text(&signed_in, "/minifiedJwt")? })
    }

    /// Begins a request of this session.
    pub(super) fn request(&self, stage: &Stage, method: &str, path: &str) -> RawRequest {
        stage.raw(method, path).bearer(&self.bearer)
    }

    /// Passes MFA with the code of the next time step; `wishes` are further fields of the body.
    pub(super) fn pass_mfa(
        &mut self,
        stage: &mut Stage,
        secret: &str,
        wishes: Value,
    ) -> Result<RawAnswer, Halt> {
        let mut body = Map::from_iter([("code".to_owned(), json!(stage.next_code(secret)?))]);
        if let Value::Object(wishes) = wishes {
            body.extend(wishes);
        }
        let request = self.request(stage, "POST", "users/mfa/auth/totp").json(body);
        let passed = prepared(request)?;
        self.bearer = text(&passed, "/minifiedJwt")?;
        Ok(passed)
    }

    /// Earns an elevated token for these scopes by MFA.
    pub(super) fn elevate(
        &mut self,
        stage: &mut Stage,
        secret: &str,
        scopes: &[&str],
    ) -> Result<String, Halt> {
        let passed = self.pass_mfa(stage, secret, json!({ "requestedScopes": scopes }))?;
        text(&passed, "/elevatedAccessToken")
    }

    /// Earns an MFA token.
    pub(super) fn mfa_token(
        &mut self,
        stage: &mut Stage,
        secret: &str,
        single_use: bool,
    ) -> Result<String, Halt> {
        let wish = json!({ "createMfaToken": { "singleUse": single_use } });
        let passed = self.pass_mfa(stage, secret, wish)?;
        text(&passed, "/mfaToken")
    }

    /// Earns an elevated token for these scopes by proving the address again.
    pub(super) fn reauthenticate(
        &mut self,
        stage: &mut Stage,
        email: &str,
        scopes: &[&str],
    ) -> Result<String, Halt> {
        let mut body = email_proof(stage, email)?;
        body.insert("requestedScopes".to_owned(), json!(scopes));
        let request = self.request(stage, "POST", "emailVerifications/verify").json(body);
        let verified = prepared(request)?;
        self.bearer = text(&verified, "/minifiedJwt")?;
        text(&verified, "/elevatedAccessToken")
    }

    /// Registers a TOTP device and confirms it; yields its id and secret.
    pub(super) fn enrol(&mut self, stage: &mut Stage) -> Result<(String, String), Halt> {
        let begun = prepared(self.request(stage, "GET", "users/mfa/register/totp"))?;
        let secret = text(&begun, "/secret")?;
        self.pass_mfa(stage, &secret, Value::Null)?;
        Ok((text(&begun, "/id")?, secret))
    }
}

/// Sends a request that only prepares.
pub(super) fn prepared(request: RawRequest) -> Result<RawAnswer, Halt> {
    let answer = request.send()?;
    if (200..300).contains(&answer.status) {
        return Ok(answer);
    }
    Err(Halt::Blocked(format!("a raw request was answered {} {}", answer.status, answer.body)))
}

/// The text at a JSON pointer of an answer.
pub(super) fn text(answer: &RawAnswer, pointer: &str) -> Result<String, Halt> {
    text_of(&answer.value(pointer), pointer)
}

/// A value that has to be a text.
pub(super) fn text_of(value: &Value, what: &str) -> Result<String, Halt> {
    value.as_str().map(str::to_owned).ok_or_else(|| Halt::Blocked(format!("no text at {what}")))
}

/// Has a code mailed and reads it: the body that proves the address.
pub(super) fn email_proof(stage: &mut Stage, email: &str) -> Result<Map<String, Value>, Halt> {
    let request = stage.raw("POST", "emailVerifications/create").json(json!({ "email": email }));
    let started = prepared(request)?;
    let code = stage.mail_code(email)?;
    Ok(Map::from_iter([
        ("verificationUUID".to_owned(), started.value("/verificationUUID")),
        ("verificationToken".to_owned(), json!(code)),
    ]))
}

/// Has a code texted and reads it: the body that proves the number.
pub(super) fn text_proof(stage: &mut Stage, digits: &str) -> Result<Map<String, Value>, Halt> {
    let number = json!({
        "isoCountryCode": "US", "phoneCountryCode": "1", "phoneNumber": digits,
    });
    let started = prepared(stage.raw("POST", "smsVerifications/create").json(number))?;
    let code = stage.mail_code(&format!("+1{digits}"))?;
    Ok(Map::from_iter([
        ("verificationUUID".to_owned(), started.value("/verificationUUID")),
        ("verificationToken".to_owned(), json!(code)),
    ]))
}
