//! Every way of signing in without a page, and people who can take each of them.
//!
//! Absent: external wallets, whose signatures the suite cannot make. Everything here only
//! prepares: a step that does not work blocks the case.

use driver_protocol::Ceremony;
use serde_json::{Map, Value, json};

use crate::stage::{Halt, RawAnswer, RawRequest, Stage, Token};

use super::app_issuer;
use super::raw_passkey;
use super::raw_session::{RawSession, email_proof, prepared, text, text_proof};

/// The secret of whoever has a TOTP device here.
pub(super) const SECRET: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";

/// The two tokens of an answer that brings a session, by the names of their fields.
pub(super) const BOTH_TOKENS: [&str; 2] = ["jwt", "minifiedJwt"];

/// The n-th person of a case, who has an address, a number, a social account, and an id with the app.
#[derive(Clone, Copy)]
pub(super) struct Somebody(pub(super) u8);

impl Somebody {
    /// The address.
    pub(super) fn email(self) -> String {
        format!("person{}@example.com", self.0)
    }

    /// The number, without the calling code of the United States.
    pub(super) fn digits(self) -> String {
        format!("9175550{:03}", self.0)
    }

    /// The id with the app.
    fn subject(self) -> String {
        format!("app-user-{}", self.0)
    }

    /// The name of the social account.
    fn account(self) -> String {
        format!("person-{}", self.0)
    }

    /// Puts this person into the world; `more` are further fields of the seed.
    pub(super) fn arrive(self, stage: &mut Stage, more: Value) -> Result<(), Halt> {
        let mut seed = Map::new();
        let own = json!({
            "email": self.email(),
            "phone": {
                "phoneCountryCode": "1", "phoneNumber": self.digits(), "isoCountryCode": "US",
            },
            "externalId": self.subject(),
            "socialAccounts": [{ "provider": "google", "username": self.account() }],
        });
        for part in [own, more] {
            if let Value::Object(part) = part {
                seed.extend(part);
            }
        }
        stage.add_user(Value::Object(seed))
    }

    /// Registers a passkey, which becomes the only one at hand.
    ///
    /// The world must let this be done without an elevated token; `secret` is that of a TOTP
    /// device, if the person has one.
    pub(super) fn take_a_passkey(
        self,
        stage: &mut Stage,
        secret: Option<&str>,
    ) -> Result<(), Halt> {
        stage.authenticator().forget();
        let mut session = RawSession::open(stage, &self.email())?;
        if let Some(secret) = secret {
            session.pass_mfa(stage, secret, Value::Null)?;
        }
        raw_passkey::register(stage, &mut session, None)
    }
}

/// A way of signing in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    Mail,
    Text,
    App,
    Social,
    Passkey,
}

/// Every way; the passkey has to be taken first.
pub(super) const WAYS: [Way; 5] = [Way::Mail, Way::Text, Way::App, Way::Social, Way::Passkey];

impl Way {
    /// Its name in findings.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Mail => "by mail",
            Self::Text => "by text",
            Self::App => "by the app's JWT",
            Self::Social => "by a social account",
            Self::Passkey => "by passkey",
        }
    }

    /// The format of the credential that it proves.
    pub(super) const fn format(self) -> &'static str {
        match self {
            Self::Mail => "email",
            Self::Text => "phoneNumber",
            Self::App => "externalUser",
            Self::Social => "oauth",
            Self::Passkey => "passkey",
        }
    }

    /// Signs a person in.
    pub(super) fn sign_in(self, stage: &mut Stage, who: Somebody) -> Result<RawAnswer, Halt> {
        prepared(self.request(stage, who)?)
    }

    /// The request that signs a person in, not sent yet.
    pub(super) fn request(self, stage: &mut Stage, who: Somebody) -> Result<RawRequest, Halt> {
        let (path, body): (_, Value) = match self {
            Self::Mail => ("emailVerifications/signin", email_proof(stage, &who.email())?.into()),
            Self::Text => ("smsVerifications/signin", text_proof(stage, &who.digits())?.into()),
            Self::App => {
                app_issuer::trust(stage)?;
                let end = stage.now().as_second() + 60;
                let claims = json!({ "sub": who.subject(), "exp": end });
                ("externalAuth/signin", json!({ "jwt": app_issuer::signed(&claims)? }))
            }
            Self::Social => ("providers/google/signIn", consent(stage, who)?),
            Self::Passkey => {
                let options = prepared(stage.raw("GET", "users/passkeys/signin"))?.body;
                let shown = raw_passkey::perform(stage, Ceremony::Get, &options)?;
                ("users/passkeys/signin", shown)
            }
        };
        Ok(stage.raw("POST", path).json(body))
    }

    /// Signs a person in, to go on in that session.
    pub(super) fn open(self, stage: &mut Stage, who: Somebody) -> Result<RawSession, Halt> {
        Ok(RawSession { bearer: text(&self.sign_in(stage, who)?, "/minifiedJwt")? })
    }

    /// Proves the same credential again in a session; none where the API has no call for it.
    pub(super) fn prove(
        self,
        stage: &mut Stage,
        session: &RawSession,
        who: Somebody,
    ) -> Result<Option<RawAnswer>, Halt> {
        let (path, body): (_, Value) = match self {
            Self::Mail => ("emailVerifications/verify", email_proof(stage, &who.email())?.into()),
            Self::Text => ("smsVerifications/verify", text_proof(stage, &who.digits())?.into()),
            Self::Social => ("providers/google/verify", consent(stage, who)?),
            Self::App | Self::Passkey => return Ok(None),
        };
        prepared(session.request(stage, "POST", path).json(body)).map(Some)
    }
}

/// The way to the provider and back, of an app that has no address to come back to.
fn consent(stage: &Stage, who: Somebody) -> Result<Value, Halt> {
    let state = format!("state-{}-{}", who.0, stage.newest_exchange());
    let begin = stage.raw("POST", "providers/google/initAuth").json(json!({ "state": state }));
    prepared(begin)?;
    let account = who.account();
    let ask =
        format!("providers/google/authorizeHtml?state={state}&prompt=none&login_hint={account}");
    prepared(stage.raw("GET", &ask))?;
    let poll = stage.raw("POST", "providers/google/oauthResult").json(json!({ "state": state }));
    let code = text(&prepared(poll)?, "/code")?;
    Ok(json!({ "state": state, "code": code }))
}

/// One of the tokens of an answer, looked inside.
pub(super) fn token(answer: &RawAnswer, field: &str) -> Result<Token, Halt> {
    Token::decode(&text(answer, &format!("/{field}"))?).map_err(Halt::Blocked)
}

/// Refreshes a session; its old token stays what it was.
pub(super) fn refresh(stage: &Stage, bearer: &str) -> Result<RawAnswer, Halt> {
    prepared(stage.raw("POST", "refresh").bearer(bearer))
}
