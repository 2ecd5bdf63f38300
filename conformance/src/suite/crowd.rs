//! A fresh person for each combination of a product, the ways in, and the factors.
//!
//! A rule that holds for one person, one way of signing in and one factor may be broken in the
//! corner beside it, so the cases that walk a product take nobody twice.

use driver_protocol::Ceremony;
use serde_json::{Map, Value, json};

use crate::stage::{Halt, RawAnswer, Stage, Token};

use super::raw_passkey;
use super::raw_session::{RawSession, email_proof, prepared, text, text_of};
use super::record;
use super::recovery::unused;

/// The secret of everybody's TOTP device.
pub(super) const SECRET: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
/// Codes of a seeded set: more than any case uses up.
const CODES: usize = 40;

/// What a person has beside an address and a number.
#[derive(Clone, Copy)]
pub(super) struct Has {
    totp: bool,
    passkey: bool,
    codes: bool,
}

impl Has {
    pub(super) const NOTHING: Self = Self { totp: false, passkey: false, codes: false };
    /// A set of recovery codes comes with it.
    pub(super) const TOTP: Self = Self { totp: true, codes: true, ..Self::NOTHING };
    /// Recovery codes and nothing to stand beside.
    pub(super) const CODES: Self = Self { codes: true, ..Self::NOTHING };
    pub(super) const PASSKEY: Self = Self { passkey: true, ..Self::NOTHING };
    pub(super) const PASSKEY_AND_CODES: Self = Self { codes: true, ..Self::PASSKEY };
    pub(super) const BOTH: Self = Self { passkey: true, ..Self::TOTP };
    /// Everything by which a factor can be had.
    pub(super) const FACTORS: [Self; 4] =
        [Self::TOTP, Self::PASSKEY, Self::PASSKEY_AND_CODES, Self::BOTH];

    pub(super) const fn name(self) -> &'static str {
        match (self.totp, self.passkey, self.codes) {
            (true, true, _) => "TOTP and a passkey",
            (true, false, _) => "TOTP alone",
            (false, true, true) => "a passkey and codes",
            (false, true, false) => "a passkey alone",
            (false, false, _) => "no method",
        }
    }

    /// The ways in that somebody with this has.
    pub(super) const fn entries(self) -> &'static [Entry] {
        match self.passkey {
            true => &[Entry::Mail, Entry::Text, Entry::Passkey],
            false => &[Entry::Mail, Entry::Text],
        }
    }

    /// The factors that somebody with this can pass.
    pub(super) const fn factors(self) -> &'static [Factor] {
        match (self.totp, self.passkey, self.codes) {
            (true, true, _) => &[Factor::Totp, Factor::TotpById, Factor::Passkey, Factor::Recovery],
            (true, false, _) => &[Factor::Totp, Factor::TotpById, Factor::Recovery],
            (false, true, true) => &[Factor::Passkey, Factor::Recovery],
            (false, true, false) => &[Factor::Passkey],
            (false, false, _) => &[],
        }
    }
}

/// Those who are in the world of a case so far, and how the walk over the product goes.
#[derive(Default)]
pub(super) struct Crowd {
    count: usize,
    /// Why the first combination could not be prepared that could not.
    blocked: Option<Halt>,
}

/// Somebody whom no other combination of the case has touched.
pub(super) struct Fresh {
    pub(super) email: String,
    /// A number of the United States without its calling code.
    pub(super) number: String,
    has: Has,
}

impl Crowd {
    /// Puts somebody new into the world.
    pub(super) fn join(&mut self, stage: &mut Stage, has: Has) -> Result<Fresh, Halt> {
        self.count += 1;
        let nth = self.count;
        let (email, number) = (format!("person{nth}@example.com"), format!("917111{nth:04}"));
        let codes = || (0..CODES).map(|code| format!("CODE{code:03}{nth:03}")).collect::<Vec<_>>();
        let seed = json!({
            "email": email,
            "phone": { "phoneCountryCode": "1", "phoneNumber": number, "isoCountryCode": "US" },
            "totpSecret": has.totp.then_some(SECRET),
            "recoveryCodes": has.codes.then(codes),
        });
        stage.add_user(seed)?;
        let person = Fresh { email, number, has };
        if has.passkey {
            // Whoever signs in with a passkey is to have one to take.
            stage.authenticator().forget();
            let mut session = RawSession::open(stage, &person.email)?;
            let scopes = ["credential:link"];
            let token = match has.totp {
                true => {
                    let wish = json!({ "requestedScopes": scopes });
                    session.pass_mfa(stage, SECRET, wish)?.value(ELEVATED_TOKEN)
                }
                false => mailed(stage, &mut session, &person.email, &scopes)?,
            };
            raw_passkey::register(stage, &mut session, token.as_str())?;
        }
        Ok(person)
    }

    /// Takes the end of one combination: what could not be prepared does not hide the others.
    pub(super) fn went(&mut self, what: &str, ended: Result<(), Halt>) -> Result<(), Halt> {
        match ended {
            Err(Halt::Blocked(why)) => {
                self.blocked.get_or_insert(Halt::Blocked(format!("{what}: {why}")));
                Ok(())
            }
            ended => ended,
        }
    }

    /// The end of the walk.
    pub(super) fn end(self) -> Result<(), Halt> {
        self.blocked.map_or(Ok(()), Err)
    }
}

impl Fresh {
    /// The id of the TOTP device.
    pub(super) fn device(&self, stage: &Stage) -> Result<String, Halt> {
        record::text(&stage.user(&self.email)?, "/devices/0/id")
    }

    /// The first factor of this person.
    pub(super) fn factor(&self) -> Result<Factor, Halt> {
        let first = self.has.factors().first().copied();
        first.ok_or_else(|| Halt::Harness(format!("{} has no factor", self.email)))
    }

    /// A session by mail that has passed the person's first factor, if there is one.
    pub(super) fn complete(&self, stage: &mut Stage) -> Result<RawSession, Halt> {
        let mut session = RawSession::open(stage, &self.email)?;
        if !self.has.factors().is_empty() {
            self.factor()?.pass(stage, self, &mut session, Value::Null)?;
        }
        Ok(session)
    }

    /// Asks for scopes by the first factor, or without one by mail; yields the token, if any.
    pub(super) fn ask(
        &self,
        stage: &mut Stage,
        session: &mut RawSession,
        scopes: &[&str],
    ) -> Result<Value, Halt> {
        if self.has.factors().is_empty() {
            return mailed(stage, session, &self.email, scopes);
        }
        let wish = json!({ "requestedScopes": scopes });
        Ok(self.factor()?.pass(stage, self, session, wish)?.value(ELEVATED_TOKEN))
    }

    /// The same where nothing goes on without the token.
    pub(super) fn elevate(
        &self,
        stage: &mut Stage,
        session: &mut RawSession,
        scopes: &[&str],
    ) -> Result<String, Halt> {
        text_of(&self.ask(stage, session, scopes)?, "an elevated token")
    }
}

/// Where an answer has its elevated token.
const ELEVATED_TOKEN: &str = "/elevatedAccessToken";

/// Confirms a new mailed code and asks for scopes; yields the elevated token, if there is one.
fn mailed(
    stage: &mut Stage,
    session: &mut RawSession,
    email: &str,
    scopes: &[&str],
) -> Result<Value, Halt> {
    let mut body = email_proof(stage, email)?;
    body.insert("requestedScopes".to_owned(), json!(scopes));
    let request = session.request(stage, "POST", "emailVerifications/verify").json(body);
    let verified = prepared(request)?;
    session.bearer = text(&verified, "/minifiedJwt")?;
    Ok(verified.value(ELEVATED_TOKEN))
}

/// How a session is opened.
#[derive(Clone, Copy)]
pub(super) enum Entry {
    Mail,
    Text,
    Passkey,
}

impl Entry {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Mail => "signed in by mail",
            Self::Text => "signed in by text",
            Self::Passkey => "signed in with a passkey",
        }
    }

    pub(super) fn open(self, stage: &mut Stage, person: &Fresh) -> Result<RawSession, Halt> {
        match self {
            Self::Mail => RawSession::open(stage, &person.email),
            Self::Text => RawSession::open_by_text(stage, &person.number),
            Self::Passkey => {
                let options = prepared(stage.raw("GET", "users/passkeys/signin"))?.body;
                let assertion = raw_passkey::perform(stage, Ceremony::Get, &options)?;
                let signed_in = stage.raw("POST", "users/passkeys/signin").json(assertion);
                Ok(RawSession { bearer: text(&prepared(signed_in)?, "/minifiedJwt")? })
            }
        }
    }
}

/// A second factor, and how it is told apart.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Factor {
    Totp,
    TotpById,
    Passkey,
    Recovery,
}

impl Factor {
    /// One of each kind.
    pub(super) const KINDS: [Self; 3] = [Self::Totp, Self::Recovery, Self::Passkey];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Totp => "a TOTP code",
            Self::TotpById => "a TOTP code with the device's id",
            Self::Passkey => "a passkey",
            Self::Recovery => "a recovery code",
        }
    }

    /// Shows a good proof of this kind; `wishes` are further fields of the body.
    pub(super) fn show(
        self,
        stage: &mut Stage,
        person: &Fresh,
        session: &RawSession,
        wishes: Value,
    ) -> Result<RawAnswer, Halt> {
        let mut body = Map::new();
        let path = match self {
            Self::Passkey => return raw_passkey::authenticate(stage, session, wishes),
            Self::Recovery => {
                body.insert("code".to_owned(), json!(unused(stage, &person.email, 0)?));
                "users/mfa/auth/recovery"
            }
            Self::Totp | Self::TotpById => {
                body.insert("code".to_owned(), json!(stage.next_code(SECRET)?));
                if self == Self::TotpById {
                    body.insert("id".to_owned(), json!(person.device(stage)?));
                }
                "users/mfa/auth/totp"
            }
        };
        if let Value::Object(wishes) = wishes {
            body.extend(wishes);
        }
        session.request(stage, "POST", path).json(body).send()
    }

    /// The same where it only prepares; the session goes on with the token of the answer.
    pub(super) fn pass(
        self,
        stage: &mut Stage,
        person: &Fresh,
        session: &mut RawSession,
        wishes: Value,
    ) -> Result<RawAnswer, Halt> {
        let passed = self.show(stage, person, session, wishes)?;
        if passed.status != 200 {
            let (what, status) = (self.name(), passed.status);
            return Err(Halt::Blocked(format!("{what} was answered {status} {}", passed.body)));
        }
        session.bearer = text(&passed, "/minifiedJwt")?;
        let token = Token::decode(&session.bearer).map_err(Halt::Blocked)?;
        if token.has_scope("requiresAdditionalAuth") {
            return Err(Halt::Blocked(format!("{} upgraded nothing", self.name())));
        }
        Ok(passed)
    }

    /// Earns an MFA token.
    pub(super) fn mfa_token(
        self,
        stage: &mut Stage,
        person: &Fresh,
        session: &mut RawSession,
        single_use: bool,
    ) -> Result<String, Halt> {
        let wish = json!({ "createMfaToken": { "singleUse": single_use } });
        text(&self.pass(stage, person, session, wish)?, "/mfaToken")
    }
}
