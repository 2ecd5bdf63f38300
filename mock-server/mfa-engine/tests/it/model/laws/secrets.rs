//! No answer to one user contains what belongs to another.

use mfa_engine::{Caller, Command, Outcome, Refusal, User, UserId};

use super::super::reference::{Identity, World};
use super::super::stage::Stage;
use super::super::step::STATIC;

/// Looks for everything secret of every other user in an answer, granted or refused.
pub(crate) fn tells_nothing_of_others(
    stage: &Stage,
    command: &Command,
    said: &Result<Outcome, Refusal>,
    model: &World,
) {
    let receiver = match (command, said) {
        (Command::As(Caller { user, .. }, _), _) => Some(*user),
        (_, Ok(Outcome::Session(grant))) => Some(grant.claims.user),
        // Nobody is signed in, or an administrator asks: the secrets of all are others' secrets.
        _ => None,
    };
    let answer = revealed(said);
    for user in stage.world.users().filter(|user| Some(user.id) != receiver) {
        for secret in secrets_of(user, stage, model) {
            assert!(!answer.contains(&secret), "{receiver:?} was told {secret} of {}", user.id);
        }
        if receiver.is_some() {
            let name = user.id.to_string();
            assert!(!answer.contains(&name), "{receiver:?} was told of the user {name}");
        }
    }
    // A code of six digits could stand in a longer number by chance, but hardly as a word.
    let words: Vec<&str> = answer.split(|letter: char| !letter.is_alphanumeric()).collect();
    for code in codes(stage, model) {
        assert!(!words.contains(&code), "a sent code stands in an answer: {answer}");
    }
}

/// The answer with every secret in it told.
fn revealed(said: &Result<Outcome, Refusal>) -> String {
    let secrets: Vec<String> = match said {
        Ok(Outcome::Session(grant)) => {
            let tokens = grant.mfa_token.iter().chain(&grant.device_cookie);
            tokens.map(|token| token.reveal().to_owned()).collect()
        }
        Ok(Outcome::TotpRegistered { secret, .. }) => vec![secret.reveal()],
        Ok(_) | Err(_) => Vec::new(),
    };
    format!("{said:?} {secrets:?}")
}

/// What only that user may be told.
fn secrets_of(user: &User, stage: &Stage, model: &World) -> Vec<String> {
    let device = user.totp.iter().map(|device| device.secret().reveal());
    let recovery = user.recovery.iter().flat_map(|codes| codes.reveal(true));
    let is_his = |id: &UserId| *id == user.id;
    let of_session = |session: usize| {
        let bearer = model.bearers.iter().find(|bearer| bearer.session == session);
        bearer.is_some_and(|bearer| stage.users.get(bearer.user).is_some_and(is_his))
    };
    let mfa_tokens = stage.mfa_tokens.iter().zip(&model.mfa_tokens);
    let mfa_tokens = mfa_tokens.filter(|(_, known)| of_session(known.session));
    let elevations = stage.elevations.iter().filter(|token| is_his(&token.user));
    let elevations = elevations.map(|token| token.id.to_string());
    let passkeys = user.passkeys.iter().map(|passkey| passkey.credential_id.to_string());
    device
        .chain(recovery)
        .chain(mfa_tokens.map(|(token, _)| token.clone()))
        .chain(elevations)
        .chain(passkeys)
        .collect()
}

/// Codes that were sent to somebody and still work. No answer holds any, whoever asks.
fn codes<'all>(stage: &'all Stage, model: &'all World) -> impl Iterator<Item = &'all str> {
    let letters = stage.letters.iter().zip(&model.letters);
    let is_secret = |address: &usize| {
        !STATIC.contains(address) && model.owner(Identity::At(*address)).is_some()
    };
    let secret = letters.filter(move |(_, known)| known.open && is_secret(&known.address));
    secret.filter_map(|(letter, _)| letter.codes.last()).map(String::as_str)
}
