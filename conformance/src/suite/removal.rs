//! Deleting a factor: which one, by which proof, and what a refusal must not bring.

use serde_json::json;

use crate::stage::{Halt, RawAnswer, Stage};

use super::crowd::{Factor, Fresh};
use super::raw_passkey;
use super::raw_session::{ELEVATED, MFA_TOKEN, RawSession, text};
use super::record;

/// What can be deleted by its owner.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Method {
    Totp,
    /// A device that was begun and not confirmed.
    Begun,
    Passkey,
}

impl Method {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Totp => "the TOTP device",
            Self::Begun => "a begun TOTP device",
            Self::Passkey => "the passkey",
        }
    }

    /// How many of its kind there are.
    pub(super) fn count(self, stage: &Stage, person: &Fresh) -> Result<usize, Halt> {
        let kind = if self == Self::Passkey { "/passkeys" } else { "/devices" };
        Ok(record::of(stage, &person.email, kind)?.as_array().map_or(0, Vec::len))
    }

    /// Deletes it with one header beside the bearer.
    pub(super) fn delete(
        self,
        stage: &Stage,
        person: &Fresh,
        session: &RawSession,
        (header, token): (&str, &str),
    ) -> Result<RawAnswer, Halt> {
        if self == Self::Passkey {
            let id = raw_passkey::listed(stage, session)?.first().cloned().unwrap_or_default();
            return raw_passkey::delete(stage, session, &id, Some((header, token)));
        }
        let path = format!("users/mfa/{}", person.device(stage)?);
        session.request(stage, "DELETE", &path).header(header, token).send()
    }
}

/// How a deletion is proven.
#[derive(Clone, Copy)]
pub(super) enum Proof {
    MfaToken,
    Elevated,
}

impl Proof {
    pub(super) const BOTH: [Self; 2] = [Self::MfaToken, Self::Elevated];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::MfaToken => "an MFA token",
            Self::Elevated => "an elevated token",
        }
    }

    /// Deletes a method by this proof, which the factor earns; anything but success blocks.
    pub(super) fn remove(
        self,
        stage: &mut Stage,
        person: &Fresh,
        session: &mut RawSession,
        (method, by): (Method, Factor),
    ) -> Result<(), Halt> {
        let token = match self {
            Self::MfaToken => (MFA_TOKEN, by.mfa_token(stage, person, session, true)?),
            Self::Elevated => {
                let wish = json!({ "requestedScopes": ["credential:unlink"] });
                let passed = by.pass(stage, person, session, wish)?;
                (ELEVATED, text(&passed, "/elevatedAccessToken")?)
            }
        };
        let gone = method.delete(stage, person, session, (token.0, &token.1))?;
        match gone.status {
            200..300 => Ok(()),
            status => {
                let what = format!("deleting {} with {}", method.name(), self.name());
                Err(Halt::Blocked(format!("{what} was answered {status} {}", gone.body)))
            }
        }
    }
}

/// Notes that an answer refuses, and brings nothing of what an accepted proof brings.
pub(super) fn brings_nothing(stage: &Stage, what: &str, tried: &RawAnswer) -> Result<(), Halt> {
    let brings = ["/minifiedJwt", "/elevatedAccessToken", "/mfaToken", "/id"];
    let brought: Vec<_> = brings.iter().filter(|it| !tried.value(it).is_null()).collect();
    let holds = (400..500).contains(&tried.status) && brought.is_empty();
    let got = json!([tried.status, tried.value("/code"), brought]);
    stage.note(what, "refused, with nothing in it", got, holds)
}
