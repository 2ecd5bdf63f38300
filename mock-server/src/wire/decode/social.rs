//! Social sign-in: to the provider's page, back, and on to a session.

use mfa_engine::{
    Command, Decision, ProviderAnswer, Request as UserRequest, SocialCommand, SocialProvider,
    SocialRequest,
};
use percent_encoding::percent_decode_str;

use super::asking::{Asking, Malformed};
use super::{Asked, Read};
use crate::wire::body::social::{InitAuth, Oauth, OauthResult};
use crate::wire::rejection::Rejection;
use crate::wire::route::Operation;

/// Longer than any value that a parameter of this flow has.
const PARAMETER_MAX: usize = 2_048;

pub(super) fn decode(asking: &Asking<'_>) -> Read {
    Some(match asking.operation {
        Operation::OauthVerify => asking.as_user(|| verify(asking)),
        Operation::InitAuth => command(begin(asking)),
        Operation::OauthLogin | Operation::OauthLoginUrl => command(locate(asking)),
        Operation::OauthAuthorize => command(ask(asking)),
        Operation::OauthRedirect => {
            let query = asking.request.uri().query().unwrap_or_default();
            command(provider(asking).and_then(|provider| come_back(provider, query)))
        }
        Operation::OauthRedirectApple => command(apple(asking)),
        Operation::OauthResult => command(poll(asking)),
        Operation::OauthSignIn => command(sign_in(asking)),
        _ => return None,
    })
}

fn command(command: Result<SocialCommand, Rejection>) -> Result<Asked, Rejection> {
    Ok(Command::Social(command?).into())
}

fn provider(asking: &Asking<'_>) -> Result<SocialProvider, Rejection> {
    let word = asking.target.parameters.first().copied().unwrap_or_default();
    // One that the API knows, but that speaks no OAuth, is refused like one that is switched off.
    word.parse().map_err(|_| Rejection::Malformed {
        status: 422,
        code: Some("provider_not_available"),
        problem: "Provider not available".to_owned(),
    })
}

fn begin(asking: &Asking<'_>) -> Result<SocialCommand, Rejection> {
    let body: InitAuth = asking.body(Malformed::BadRequest)?;
    Ok(SocialCommand::Begin {
        provider: provider(asking)?,
        state: state(Some(body.state))?,
        redirect_url: body.redirect_url.filter(|url| !url.is_empty()),
    })
}

/// The address of the provider's page, with the parameters that belong there.
fn locate(asking: &Asking<'_>) -> Result<SocialCommand, Rejection> {
    let provider = provider(asking)?;
    let page = asking.public_address().consent_page(provider);
    let query = asking.request.uri().query().unwrap_or_default();
    let passes = ["state", "code_challenge", "code_challenge_method", "login_hint", "prompt"];
    let passing = query
        .split('&')
        .filter(|pair| pair.split_once('=').is_some_and(|(name, _)| passes.contains(&name)));
    let passing: Vec<&str> = passing.collect();
    let url = match passing.is_empty() {
        true => page,
        false => format!("{page}?{}", passing.join("&")),
    };
    Ok(SocialCommand::Locate { provider, url })
}

fn ask(asking: &Asking<'_>) -> Result<SocialCommand, Rejection> {
    let provider = provider(asking)?;
    let query = asking.request.uri().query().unwrap_or_default();
    let get = |name: &str| parameter(query, name);
    // Exact comparison, as RFC 9700 section 2.1 wants it: this service is its own provider.
    let own = asking.public_address().redirect(provider);
    if get("redirect_uri")?.is_some_and(|uri| uri != own) {
        return Err(bad("redirect_uri: not the one of the settings"));
    }
    let challenge = match (get("code_challenge")?, get("code_challenge_method")?.as_deref()) {
        (None, None) => None,
        (Some(challenge), Some("S256")) if is_challenge(&challenge) => Some(challenge),
        _ => return Err(bad("code_challenge: not 43 letters of base64url with the method S256")),
    };
    let decision = match get("prompt")?.as_deref() {
        Some("none") => Some(decision(get("login_hint")?, get("error")?.as_deref())?),
        _ => None,
    };
    Ok(SocialCommand::Ask { provider, state: state(get("state")?)?, challenge, decision })
}

/// What `prompt=none` has decided: nobody will see the page.
fn decision(hint: Option<String>, error: Option<&str>) -> Result<Decision, Rejection> {
    match (hint, error) {
        (_, Some("access_denied")) => Ok(Decision::Refuse),
        (Some(hint), None) if (1..=255).contains(&hint.trim().chars().count()) => {
            Ok(Decision::As(hint))
        }
        _ => Err(bad("login_hint: prompt=none needs a name or an address of 1 to 255 characters")),
    }
}

fn come_back(provider: SocialProvider, pairs: &str) -> Result<SocialCommand, Rejection> {
    let state = state(parameter(pairs, "state")?)?;
    let code = match (parameter(pairs, "code")?, parameter(pairs, "error")?) {
        (Some(code), None) => Some(code),
        (None, Some(_)) => None,
        _ => return Err(bad("neither a code nor an error, or both")),
    };
    Ok(SocialCommand::Return { provider, state, code })
}

/// Apple's answer comes as a form.
fn apple(asking: &Asking<'_>) -> Result<SocialCommand, Rejection> {
    let body = str::from_utf8(asking.request.body()).map_err(|_| bad("the form is not UTF-8"))?;
    come_back(SocialProvider::Apple, body)
}

fn poll(asking: &Asking<'_>) -> Result<SocialCommand, Rejection> {
    let body: OauthResult = asking.body(Malformed::BadRequest)?;
    Ok(SocialCommand::Poll { provider: provider(asking)?, state: state(body.state)? })
}

fn sign_in(asking: &Asking<'_>) -> Result<SocialCommand, Rejection> {
    let body: Oauth = asking.body(Malformed::BadRequest)?;
    let client = asking.client(body.session_public_key.clone());
    let answer = answer(asking, body)?;
    Ok(SocialCommand::SignIn { answer, client, device: asking.device()? })
}

fn verify(asking: &Asking<'_>) -> Result<UserRequest, Rejection> {
    let mut body: Oauth = asking.body(Malformed::BadRequest)?;
    let scopes = body.requested_scopes.take().unwrap_or_default();
    Ok(UserRequest::Social(SocialRequest::Verify {
        answer: answer(asking, body)?,
        device: asking.device()?,
        scopes,
        proof: asking.proof(),
    }))
}

fn answer(asking: &Asking<'_>, body: Oauth) -> Result<ProviderAnswer, Rejection> {
    Ok(ProviderAnswer {
        provider: provider(asking)?,
        state: state(Some(body.state))?,
        code: body.code.filter(|code| !code.is_empty()).ok_or_else(|| bad("code: missing"))?,
        verifier: body.code_verifier,
    })
}

/// A state of the client's own: printable ASCII (RFC 6749 appendix A.5).
fn state(state: Option<String>) -> Result<String, Rejection> {
    let is_state = |state: &String| {
        (1..=512).contains(&state.len())
            && state.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic())
    };
    state.filter(is_state).ok_or_else(|| bad("state: not 1 to 512 printable characters"))
}

/// BASE64URL of a SHA-256: 43 letters (RFC 7636 section 4.2).
fn is_challenge(text: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    text.len() == 43 && text.bytes().all(is_letter)
}

/// A parameter of a query or a form; twice the same one is none of RFC 6749's.
fn parameter(pairs: &str, name: &str) -> Result<Option<String>, Rejection> {
    let pairs = pairs.split('&').filter_map(|pair| pair.split_once('='));
    let mut values = pairs.filter(|(key, _)| *key == name).map(|(_, value)| value);
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(bad(&format!("{name}: given twice")));
    }
    // In a query as in a form a plus stands for a blank.
    let value = value.replace('+', " ");
    let text = percent_decode_str(&value).decode_utf8();
    let text = text.map_err(|_| bad(&format!("{name}: not UTF-8")))?.into_owned();
    match text.len() {
        0 => Ok(None),
        1..=PARAMETER_MAX => Ok(Some(text)),
        _ => Err(bad(&format!("{name}: longer than {PARAMETER_MAX} bytes"))),
    }
}

fn bad(problem: &str) -> Rejection {
    Malformed::BadRequest.because(problem.to_owned())
}
