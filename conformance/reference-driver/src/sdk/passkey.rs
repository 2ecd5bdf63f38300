//! Passkeys: registering, using and removing them, with an authenticator that is lent.

use data_encoding::{BASE64, BASE64URL_NOPAD};
use driver_protocol::{Authenticator, Ceremony, Declined, ErrorOrigin, SdkError};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::mfa::MfaTokenWish;
use super::session::text;
use super::transport::{Call, ELEVATED_HEADER, MFA_TOKEN_HEADER};
use super::{Client, error};
use crate::sabotage::{Deed, HeldOut};

const LINK: &str = "credential:link";

/// What the caller of a passkey's second factor wants for it.
#[derive(Default, Deserialize)]
pub(crate) struct Wanted {
    scopes: Option<Vec<String>>,
    mfa_token: Option<MfaTokenWish>,
}

impl Client {
    /// Makes a passkey and registers it, which at once counts as a passed second factor.
    pub(crate) fn register_passkey(
        &mut self,
        authenticator: &mut dyn Authenticator,
    ) -> Result<(), SdkError> {
        let held = self.peek_elevated(LINK);
        let asks = Call::get("users/passkeys/register");
        let asks = match held.is_some() && self.sins(Deed::OptionsWithElevation) {
            true => asks.maybe_header(ELEVATED_HEADER, held),
            false => asks,
        };
        let options = self.json(asks)?;
        let made = self.perform(authenticator, Ceremony::Create, &options);
        if made.is_err()
            && self.peek_elevated(LINK).is_some()
            && self.surroundings.sabotages.commits(Deed::SpendTokenOnCancel)
        {
            self.take_elevated(LINK);
        }
        let mut made = made?;
        // This call has another spelling than all others of the client data.
        if !self.sins(Deed::OneSpellingForClientData)
            && let Some(response) = made.get_mut("response").and_then(Value::as_object_mut)
            && let Some(client_data) = response.remove("clientDataJSON")
        {
            response.insert("clientDataJson".into(), client_data);
        }
        // Only now: a person who cancels must not cost a token.
        let (header, mut elevated) = self.elevated_header(LINK);
        if elevated.is_some() && self.sins(Deed::RegisterPasskeyWithoutToken) {
            elevated = None;
        }
        let call = Call::post("users/passkeys/register").body(made).maybe_header(header, elevated);
        match self.sins(Deed::RegistrationNotApplied) {
            true => self.json(call).map(|_| ()),
            false => self.upgrade(call).map(|_| ()),
        }
    }

    /// Passes the second factor with a passkey.
    pub(crate) fn authenticate_passkey(
        &mut self,
        wanted: Wanted,
        authenticator: &mut dyn Authenticator,
    ) -> Result<Option<String>, SdkError> {
        let mut options = self.json(Call::get("users/passkeys/authenticate"))?;
        let allowed = options.get("allowCredentials").and_then(Value::as_array);
        if allowed.is_none_or(Vec::is_empty) && !self.sins(Deed::AskWithoutCredentials) {
            return Err(error::missing("the user has no passkey"));
        }
        if let Some(old) = &self.memory.challenge
            && self.surroundings.sabotages.commits(Deed::ReuseChallenge)
            && let Some(fields) = options.as_object_mut()
        {
            fields.insert("challenge".into(), json!(old));
        }
        self.memory.challenge = text(&options, "challenge");
        let assertion = self.perform(authenticator, Ceremony::Get, &options)?;
        let mut body = fields(assertion);
        if let Some(wish) = wanted.mfa_token
            && !self.sins(Deed::DropPasskeyTokenWish)
        {
            body.insert("createMfaToken".into(), wish.shown());
        }
        if !self.sins(Deed::PasskeyWithoutScopes) {
            self.request_scopes(&mut body, wanted.scopes);
        }
        let call = Call::post("users/mfa/auth/passkey").body(Value::Object(body));
        let answer = match self.sins(Deed::PasskeyAnswerNotApplied) {
            true => self.json(call)?,
            false => self.upgrade(call)?,
        };
        Ok(text(&answer, "mfaToken"))
    }

    /// Signs in with a passkey alone.
    pub(crate) fn sign_in_with_passkey(
        &mut self,
        authenticator: &mut dyn Authenticator,
    ) -> Result<(), SdkError> {
        let options = self.json(Call::get("users/passkeys/signin"))?;
        let assertion = self.perform(authenticator, Ceremony::Get, &options)?;
        let call = Call::post("users/passkeys/signin").body(assertion);
        match self.sins(Deed::PasskeySignInNotApplied) {
            true => self.json(call).map(|_| ()),
            false => self.upgrade(call).map(|_| ()),
        }
    }

    /// Has the authenticator do its part, with the options as the service wants them.
    fn perform(
        &self,
        authenticator: &mut dyn Authenticator,
        ceremony: Ceremony,
        options: &Value,
    ) -> Result<Value, SdkError> {
        let mut options = options.clone();
        if let Some(options) = options.as_object_mut() {
            if options.contains_key("allowCredentials") && self.sins(Deed::DropAllowList) {
                options.remove("allowCredentials");
            }
            if let Some(Value::Array(allowed)) = options.get_mut("allowCredentials")
                && allowed.len() > 1
                && self.sins(HeldOut::AllowsTheFirstPasskeyOnly)
            {
                allowed.truncate(1);
            }
            if ceremony == Ceremony::Get && self.sins(Deed::OwnUserVerification) {
                options.insert("userVerification".into(), json!("discouraged"));
            }
        }
        let made = authenticator.perform(ceremony, &options);
        let mut made = made.map_err(|Declined { name, message }| SdkError {
            origin: match self.sins(Deed::CancelAsServerError) {
                true => ErrorOrigin::Server,
                false => ErrorOrigin::User,
            },
            class: Some(name),
            code: None,
            http: None,
            message,
            retryable: true,
        })?;
        if let Some(made) = made.as_object_mut() {
            if let Some(raw) = text(&Value::Object(made.clone()), "rawId")
                && let Ok(bytes) = BASE64URL_NOPAD.decode(raw.as_bytes())
                && BASE64.encode(&bytes) != raw
                && self.sins(HeldOut::RawIdInPlainBase64)
            {
                made.insert("rawId".into(), json!(BASE64.encode(&bytes)));
            }
            if self.sins(Deed::DropRawId) {
                made.remove("rawId");
            }
            if ceremony == Ceremony::Create
                && let Some(id) = text(&Value::Object(made.clone()), "id")
                && self.sins(Deed::PadCredentialId)
            {
                made.insert("id".into(), json!(format!("{id}=")));
            }
        }
        Ok(made)
    }

    pub(crate) fn passkeys(&mut self) -> Result<Vec<Value>, SdkError> {
        if let Some(known) = &self.memory.passkeys
            && self.sins(Deed::CachePasskeyList)
        {
            return Ok(known.clone());
        }
        let answer = self.json(Call::get("users/passkeys"))?;
        let listed = answer.get("passkeys").and_then(Value::as_array);
        let listed =
            listed.ok_or_else(|| error::unreadable(None, "the answer has no list passkeys"))?;
        let listed: Vec<Value> = listed.iter().map(shown).collect();
        self.memory.passkeys = Some(listed.clone());
        Ok(listed)
    }

    /// Deletes a passkey with whatever proof is at hand, be it none.
    pub(crate) fn delete_passkey(&mut self, id: &str) -> Result<(), SdkError> {
        let (header, elevated) = self.elevated_header("credential:unlink");
        let mut mfa_token = self.storage.session.mfa_token.clone();
        if mfa_token.is_some() && self.sins(Deed::DeletePasskeyWithoutMfaToken) {
            mfa_token = None;
        }
        let call = Call::delete("users/passkeys").body(json!({ "passkeyId": id }));
        self.void(call.maybe_header(header, elevated).maybe_header(MFA_TOKEN_HEADER, mfa_token))
    }
}

fn fields(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}

/// A passkey in the words of the protocol; values as they came.
fn shown(passkey: &Value) -> Value {
    let part = |field: &str| passkey.get(field).cloned().unwrap_or_default();
    json!({ "id": part("id"), "alias": part("alias") })
}
