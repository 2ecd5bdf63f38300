//! From a command to the request that asks for it, as an SDK would send it.

use std::collections::BTreeMap;

use data_encoding::HEXLOWER;
use mfa_engine::passkey::{Assertion, PasskeyCommand, PasskeyRequest, Registration};
use mfa_engine::{
    AdminRequest, Caller, Command, LinkingRequest, PhoneNumber, PresentedDevice,
    PresentedElevation, Proof, Request, SmsCommand, SmsRequest, TokenId, VerificationId, Wishes,
};
use mock_server::Mock;
use p256::ecdsa::Signature;
use p256::ecdsa::signature::Signer as _;
use serde_json::{Value, json};

use super::hearing::foreign;
use crate::client::{ELEVATED, MFA_TOKEN, Reply, send};
use crate::model::device;

/// The tokens that people hold, by what they claim.
pub(super) struct Tokens<'held> {
    pub(super) bearers: &'held [(Caller, String)],
    pub(super) elevations: &'held BTreeMap<TokenId, String>,
    pub(super) api_token: &'held str,
}

/// A request; its path names the environment as `{id}` until that is put in.
#[derive(Clone, Debug)]
pub(super) struct Spoken {
    method: &'static str,
    pub(super) path: String,
    headers: Vec<(&'static str, String)>,
    body: String,
}

impl Spoken {
    fn new(method: &'static str, path: &str) -> Self {
        let path = format!("/sdk/{{id}}/{path}");
        Self { method, path, headers: Vec::new(), body: String::new() }
    }

    fn get(path: &str) -> Self {
        Self::new("GET", path)
    }

    fn post(path: &str, body: &Value) -> Self {
        Self::new("POST", path).with_body(body)
    }

    fn with_body(mut self, body: &Value) -> Self {
        self.body = body.to_string();
        self.with("content-type", "application/json".to_owned())
    }

    fn with(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
    }

    fn of_device(self, device: &PresentedDevice) -> Self {
        let Some(proof) = &device.proof else { return self };
        self.with("x-dynamic-device-nonce", proof.nonce.clone())
            .with("x-dynamic-device-publickey", proof.public_key.clone())
            .with("x-dynamic-device-signed-nonce", signed(&proof.nonce))
    }

    fn proven(self, proof: &Proof, tokens: &Tokens<'_>) -> Self {
        let request = match &proof.mfa_token {
            Some(token) => self.with(MFA_TOKEN, token.clone()),
            None => self,
        };
        let elevation = match &proof.elevation {
            None => return request,
            Some(PresentedElevation::Forged) => "not.a.token".to_owned(),
            Some(PresentedElevation::Genuine(claims)) => {
                let own = tokens.elevations.get(&claims.id);
                // One that names another environment is signed here as it would be there.
                let is_own = own.filter(|token| {
                    crate::client::claims(token)["environment_id"]
                        == json!(claims.environment.to_string())
                });
                is_own.cloned().unwrap_or_else(|| foreign(claims))
            }
        };
        request.with(ELEVATED, elevation)
    }

    /// The same, aimed elsewhere.
    pub(super) fn at(&self, path: &str) -> Self {
        Self { path: path.to_owned(), ..self.clone() }
    }

    pub(super) fn send(&self, mock: &Mock) -> Reply {
        let headers: Vec<_> = self.headers.iter().map(|(name, it)| (*name, it.as_str())).collect();
        send(mock, self.method, &self.path, &headers, self.body.clone())
    }
}

/// The device's signature r‖s over the text of a nonce, in hex.
fn signed(nonce: &str) -> String {
    let signature: Signature = device::key().sign(nonce.as_bytes());
    HEXLOWER.encode(&signature.to_bytes())
}

/// The request that asks for a command.
pub(super) fn speak(command: &Command, tokens: &Tokens<'_>) -> Spoken {
    match command {
        Command::IssueNonces { count } => Spoken::get(&format!("nonces?count={count}")),
        Command::StartEmailVerification { email } => {
            Spoken::post("emailVerifications/create", &json!({ "email": email }))
        }
        Command::RetryEmailVerification { verification, email } => {
            let body = json!({ "verificationUUID": verification.to_string(), "email": email });
            Spoken::post("emailVerifications/retry", &body)
        }
        Command::SignInWithEmail { verification, code, device, allow_new_mfa_linking, .. } => {
            let body = typed(*verification, code, *allow_new_mfa_linking, &[]);
            Spoken::post("emailVerifications/signin", &body).of_device(device)
        }
        Command::Sms(SmsCommand::Start { phone }) => {
            Spoken::post("smsVerifications/create", &number(phone, None))
        }
        Command::Sms(SmsCommand::Retry { verification, phone }) => {
            Spoken::post("smsVerifications/retry", &number(phone, Some(*verification)))
        }
        Command::Sms(SmsCommand::SignIn {
            verification,
            code,
            device,
            allow_new_mfa_linking,
            ..
        }) => {
            let body = typed(*verification, code, *allow_new_mfa_linking, &[]);
            Spoken::post("smsVerifications/signin", &body).of_device(device)
        }
        Command::Passkey(PasskeyCommand::BeginSignIn { .. }) => {
            Spoken::get("users/passkeys/signin")
        }
        Command::Passkey(PasskeyCommand::SignIn { assertion, device, .. }) => {
            let body = asserted(assertion, &Wishes::default());
            Spoken::post("users/passkeys/signin", &body).of_device(device)
        }
        Command::As(caller, request) => {
            let found = tokens.bearers.iter().rev().find(|(known, _)| known == caller);
            let (_, bearer) = found.unwrap_or_else(|| panic!("no token for {caller:?}"));
            asked(request, tokens).with("authorization", format!("Bearer {bearer}"))
        }
        Command::Admin(_, request) => {
            let bearer = format!("Bearer {}", tokens.api_token);
            ordered(request).with("authorization", bearer)
        }
        other => panic!("nobody in the model says {other:?}"),
    }
}

fn asked(request: &Request, tokens: &Tokens<'_>) -> Spoken {
    match request {
        Request::VerifyEmail { verification, code, device, scopes, proof } => {
            let body = typed(*verification, code, false, scopes);
            let request = Spoken::post("emailVerifications/verify", &body);
            request.of_device(device).proven(proof, tokens)
        }
        Request::Sms(SmsRequest::Verify { verification, code, device, scopes, proof }) => {
            let body = typed(*verification, code, false, scopes);
            let request = Spoken::post("smsVerifications/verify", &body);
            request.of_device(device).proven(proof, tokens)
        }
        Request::Refresh { device } => Spoken::new("POST", "refresh").of_device(device),
        Request::Revoke => Spoken::new("POST", "revoke"),
        Request::ReadUser => Spoken::get("users"),
        Request::UpdateUser { email, acknowledge_recovery_codes, proof, .. } => {
            let body = profile(email.as_deref(), *acknowledge_recovery_codes);
            Spoken::new("PUT", "users").with_body(&body).proven(proof, tokens)
        }
        Request::DeleteUser { proof } => Spoken::new("DELETE", "users").proven(proof, tokens),
        Request::ListDevices => Spoken::get("users/mfa"),
        Request::ReadDevice(device) => Spoken::get(&format!("users/mfa/{device}")),
        Request::UpdateDevice { device, default } => {
            let path = format!("users/mfa/{device}");
            Spoken::new("PUT", &path).with_body(&json!({ "default": default }))
        }
        Request::DeleteDevice { device, proof } => {
            Spoken::new("DELETE", &format!("users/mfa/{device}")).proven(proof, tokens)
        }
        Request::ListMethods { verified_only } => {
            Spoken::get(&format!("users/mfa/methods?verifiedOnly={verified_only}"))
        }
        Request::RegisterTotp { proof } => {
            Spoken::get("users/mfa/register/totp").proven(proof, tokens)
        }
        Request::ConfirmTotp { code } => {
            let body = json!({ "type": "totp", "code": code.digits().unwrap_or("12345") });
            Spoken::post("users/mfa/register/totp", &body)
        }
        Request::AuthenticateTotp { code, device, wishes } => {
            let mut body = json!({ "code": code.digits().unwrap_or("12345") });
            if let Some(device) = device {
                body["id"] = json!(device.to_string());
            }
            Spoken::post("users/mfa/auth/totp", &wished(body, wishes))
        }
        Request::ReadRecoveryCodes => Spoken::get("users/mfa/recovery"),
        Request::RotateRecoveryCodes => Spoken::new("POST", "users/mfa/recovery"),
        Request::AuthenticateRecoveryCode { code, wishes } => {
            let body = wished(json!({ "code": code }), wishes);
            Spoken::post("users/mfa/auth/recovery", &body)
        }
        Request::AuthenticateEmail { verification, code, wishes } => {
            let id = verification.to_string();
            let body = json!({ "verificationUUID": id, "verificationToken": code });
            Spoken::post("users/mfa/auth/email", &wished(body, wishes))
        }
        Request::Passkey(request) => about_passkeys(request, tokens),
        Request::CheckStepUp { scope } => {
            Spoken::post("stepUp/check", &json!({ "scope": scope.as_str() }))
        }
        Request::Linking(LinkingRequest::Unlink { credential, proof, .. }) => {
            let credential = credential.map(|id| id.to_string());
            let body = json!({ "verifiedCredentialId": credential });
            Spoken::post("verify/unlink", &body).proven(proof, tokens)
        }
        other => panic!("nobody in the model asks for {other:?}"),
    }
}

fn profile(email: Option<&str>, acknowledges: bool) -> Value {
    let mut body = json!({});
    if let Some(email) = email {
        body["email"] = json!(email);
    }
    if acknowledges {
        body["mfaBackupCodeAcknowledgement"] = json!("complete");
    }
    body
}

fn about_passkeys(request: &PasskeyRequest, tokens: &Tokens<'_>) -> Spoken {
    match request {
        PasskeyRequest::BeginRegistration => Spoken::get("users/passkeys/register"),
        PasskeyRequest::BeginAuthentication { .. } => Spoken::get("users/passkeys/authenticate"),
        PasskeyRequest::List => Spoken::get("users/passkeys"),
        PasskeyRequest::Register { id, registration, mfa_token, proof, .. } => {
            let bare = registered(registration);
            let body = match id {
                Some(id) => json!({ "id": id.to_string(), "attestation": bare }),
                None => bare,
            };
            let wishes = Wishes { mfa_token: *mfa_token, scopes: Vec::new() };
            Spoken::post("users/passkeys/register", &wished(body, &wishes)).proven(proof, tokens)
        }
        PasskeyRequest::Authenticate { assertion, wishes } => {
            Spoken::post("users/mfa/auth/passkey", &asserted(assertion, wishes))
        }
        PasskeyRequest::Rename { id, alias, proof } => {
            let mut body = json!({ "id": id.to_string() });
            if let Some(alias) = alias {
                body["alias"] = json!(alias);
            }
            Spoken::new("PUT", "users/passkeys").with_body(&body).proven(proof, tokens)
        }
        PasskeyRequest::Delete { id, proof } => {
            let body = json!({ "passkeyId": id.to_string() });
            Spoken::new("DELETE", "users/passkeys").with_body(&body).proven(proof, tokens)
        }
    }
}

/// What an administrator asks, through the API of administrators.
fn ordered(request: &AdminRequest) -> Spoken {
    let (method, path) = match request {
        AdminRequest::ResetMfa(user) => ("POST", format!("/users/{user}/mfa/reset")),
        AdminRequest::RevokeSession(session) => ("PUT", format!("/sessions/{session}/revoke")),
        AdminRequest::RevokeSessionsOf(user) => {
            ("POST", format!("/environments/{{id}}/users/{user}/sessions/revoke"))
        }
        AdminRequest::RevokeEverySession => {
            ("POST", "/environments/{id}/users/sessions/revoke".to_owned())
        }
        AdminRequest::DeleteUser(user) => ("DELETE", format!("/environments/{{id}}/users/{user}")),
        other => panic!("no administrator in the model asks for {other:?}"),
    };
    Spoken { method, path, headers: Vec::new(), body: String::new() }
}

/// The body of a code that was sent and is typed back.
fn typed(verification: VerificationId, code: &str, link: bool, scopes: &[String]) -> Value {
    let id = verification.to_string();
    let mut body = json!({ "verificationUUID": id, "verificationToken": code });
    if link {
        body["allowNewMFALinking"] = json!(true);
    }
    if !scopes.is_empty() {
        body["requestedScopes"] = json!(scopes);
    }
    body
}

fn number(phone: &PhoneNumber, verification: Option<VerificationId>) -> Value {
    let mut body = json!({
        "phoneCountryCode": phone.phone_country_code,
        "phoneNumber": phone.phone_number,
        "isoCountryCode": phone.iso_country_code,
    });
    if let Some(id) = verification {
        body["verificationUUID"] = json!(id.to_string());
    }
    body
}

/// A body with what is asked for beside the factor.
fn wished(mut body: Value, wishes: &Wishes) -> Value {
    if let Some(token) = wishes.mfa_token {
        body["createMfaToken"] = json!({ "singleUse": token.single_use });
    }
    if !wishes.scopes.is_empty() {
        body["requestedScopes"] = json!(wishes.scopes);
    }
    body
}

fn registered(registration: &Registration) -> Value {
    let id = registration.credential_id.to_string();
    json!({
        "id": id,
        "rawId": id,
        "type": "public-key",
        "clientExtensionResults": {},
        "response": {
            "clientDataJSON": registration.client_data.to_string(),
            "attestationObject": registration.attestation_object.to_string(),
        },
    })
}

fn asserted(assertion: &Assertion, wishes: &Wishes) -> Value {
    let id = assertion.credential_id.to_string();
    let mut response = json!({
        "clientDataJSON": assertion.client_data.to_string(),
        "authenticatorData": assertion.authenticator_data.to_string(),
        "signature": assertion.signature.to_string(),
    });
    if let Some(handle) = &assertion.user_handle {
        response["userHandle"] = json!(handle.to_string());
    }
    let body = json!({
        "id": id,
        "rawId": id,
        "type": "public-key",
        "clientExtensionResults": {},
        "response": response,
    });
    wished(body, wishes)
}
