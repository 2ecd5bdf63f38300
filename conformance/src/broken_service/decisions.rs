//! Broken by taking one command for another, or by deciding otherwise.

use jiff::Timestamp;
use mock_server::engine::passkey::PasskeyRequest;
use mock_server::engine::totp::{Code, TotpDevice, TotpSecret};
use mock_server::engine::{
    Command, ElevatedClaims, Environment, LinkingRequest, MfaTokenRequest, Outcome,
    PresentedElevation, Proof, Refusal, Request, SessionScope, TokenScope, Wishes,
};

pub(super) type Decision = Result<Outcome, Refusal>;

/// What the caller of a command asks for, if it has a caller.
pub(super) fn asked(command: &mut Command) -> Option<&mut Request> {
    match command {
        Command::As(_, request) => Some(request),
        _ => None,
    }
}

/// What a command presents beside the bearer, if it may present anything.
pub(super) fn presented(command: &mut Command) -> Option<&mut Proof> {
    match asked(command)? {
        Request::DeleteDevice { proof, .. }
        | Request::RegisterTotp { proof }
        | Request::VerifyEmail { proof, .. }
        | Request::Linking(LinkingRequest::Unlink { proof, .. })
        | Request::Passkey(
            PasskeyRequest::Register { proof, .. } | PasskeyRequest::Delete { proof, .. },
        ) => Some(proof),
        _ => None,
    }
}

/// What a second-factor call asks for beside the factor.
pub(super) fn wishes(command: &mut Command) -> Option<&mut Wishes> {
    match asked(command)? {
        Request::AuthenticateTotp { wishes, .. }
        | Request::AuthenticateRecoveryCode { wishes, .. }
        | Request::Passkey(PasskeyRequest::Authenticate { wishes, .. }) => Some(wishes),
        _ => None,
    }
}

/// Edits the claims of the elevated token that a command presents.
pub(super) fn edit_claims(command: &mut Command, edit: impl Fn(&mut ElevatedClaims)) -> bool {
    match presented(command).and_then(|proof| proof.elevation.as_mut()) {
        Some(PresentedElevation::Genuine(claims)) => {
            let before = claims.clone();
            edit(claims);
            *claims != before
        }
        _ => false,
    }
}

/// A good elevated token for the caller of a command, out of thin air.
pub(super) fn conjure(command: &mut Command, scope: TokenScope, now: Timestamp) -> bool {
    let Command::As(caller, _) = &*command else { return false };
    // Any id will do: the token is never spent, so nobody looks it up.
    let Ok(id) = "00000000-0000-4000-8000-00000000dead".parse() else { return false };
    let claims = ElevatedClaims {
        id,
        user: caller.user,
        session: caller.session,
        environment: caller.environment,
        scopes: [scope].into_iter().collect(),
        issued_at: now,
        expires_at: Timestamp::MAX,
        single_use: false,
        key: caller.key,
    };
    match presented(command) {
        Some(proof) if proof.elevation.is_none() => {
            proof.elevation = Some(PresentedElevation::Genuine(claims));
            true
        }
        _ => false,
    }
}

pub(super) fn accept_any_code(
    environment: &mut Environment,
    command: &mut Command,
    now: Timestamp,
) -> bool {
    let Command::As(caller, Request::AuthenticateTotp { code, .. }) = command else { return false };
    let user = environment.find_user(&caller.user.to_string());
    let Some(device) = user.and_then(|user| user.totp.clone()) else { return false };
    let right = Code::from(environment.totp_code(device.secret(), now).as_str());
    let changed = *code != right;
    *code = right;
    changed
}

pub(super) fn register_second_device(
    _: &mut Environment,
    result: &mut Decision,
    _: Timestamp,
) -> bool {
    let secret = TotpSecret::parse("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    let id = "00000000-0000-4000-8000-00000000beef".parse();
    match (&*result, id, secret) {
        (Err(Refusal::SecondTotpDevice), Ok(id), Ok(secret)) => {
            *result = Ok(Outcome::TotpRegistered { id, secret, account: "somebody".to_owned() });
            true
        }
        _ => false,
    }
}

pub(super) fn confirmation_upgrades(
    environment: &mut Environment,
    command: &mut Command,
    _: Timestamp,
) -> bool {
    let Command::As(caller, request) = command else { return false };
    let Request::ConfirmTotp { code } = request else { return false };
    let user = environment.find_user(&caller.user.to_string());
    let is_pending = user.is_some_and(|user| matches!(user.totp, Some(TotpDevice::Pending(_))));
    if is_pending {
        let code = code.clone();
        *request = Request::AuthenticateTotp { code, device: None, wishes: Wishes::default() };
    }
    is_pending
}

pub(super) fn delete_needs_nothing(
    _: &mut Environment,
    command: &mut Command,
    now: Timestamp,
) -> bool {
    let is_deletion = matches!(asked(command), Some(Request::DeleteDevice { .. }));
    is_deletion && conjure(command, TokenScope::CredentialUnlink, now)
}

pub(super) fn register_needs_nothing(
    _: &mut Environment,
    command: &mut Command,
    now: Timestamp,
) -> bool {
    let is_registration = matches!(asked(command), Some(Request::RegisterTotp { .. }));
    is_registration && conjure(command, TokenScope::CredentialLink, now)
}

pub(super) fn delete_does_nothing(
    _: &mut Environment,
    command: &mut Command,
    _: Timestamp,
) -> bool {
    match asked(command) {
        Some(request @ Request::DeleteDevice { .. }) => {
            let Request::DeleteDevice { device, .. } = *request else { return false };
            // Making it the default again answers with the same emptiness as a deletion.
            *request = Request::UpdateDevice { device, default: true };
            true
        }
        _ => false,
    }
}

pub(super) fn elevated_ignores_scope(
    _: &mut Environment,
    command: &mut Command,
    _: Timestamp,
) -> bool {
    edit_claims(command, |claims| claims.scopes = TokenScope::ALL.iter().copied().collect())
}

pub(super) fn elevated_ignores_session(
    _: &mut Environment,
    command: &mut Command,
    _: Timestamp,
) -> bool {
    let Command::As(caller, _) = &*command else { return false };
    let (user, session) = (caller.user, caller.session);
    edit_claims(command, |claims| (claims.user, claims.session) = (user, session))
}

pub(super) fn elevated_ignores_expiry(
    _: &mut Environment,
    command: &mut Command,
    _: Timestamp,
) -> bool {
    edit_claims(command, |claims| claims.expires_at = Timestamp::MAX)
}

pub(super) fn elevated_never_spent(
    _: &mut Environment,
    command: &mut Command,
    _: Timestamp,
) -> bool {
    edit_claims(command, |claims| claims.single_use = false)
}

pub(super) fn mfa_token_never_spent(
    _: &mut Environment,
    command: &mut Command,
    _: Timestamp,
) -> bool {
    force_single_use(command, false)
}

pub(super) fn mfa_token_always_spent(
    _: &mut Environment,
    command: &mut Command,
    _: Timestamp,
) -> bool {
    force_single_use(command, true)
}

fn force_single_use(command: &mut Command, single_use: bool) -> bool {
    match wishes(command).and_then(|wishes| wishes.mfa_token.as_mut()) {
        Some(request) => {
            let changed = request.single_use != single_use;
            request.single_use = single_use;
            changed
        }
        None => false,
    }
}

pub(super) fn mfa_token_unasked(_: &mut Environment, command: &mut Command, _: Timestamp) -> bool {
    match wishes(command) {
        Some(wishes) if wishes.mfa_token.is_none() => {
            wishes.mfa_token = Some(MfaTokenRequest { single_use: true });
            true
        }
        _ => false,
    }
}

pub(super) fn empty_header_is_a_token(
    _: &mut Environment,
    command: &mut Command,
    _: Timestamp,
) -> bool {
    match presented(command) {
        Some(proof) if proof.mfa_token.is_none() => {
            proof.mfa_token = Some(String::new());
            true
        }
        _ => false,
    }
}

pub(super) fn mfa_never_done(_: &mut Environment, result: &mut Decision, _: Timestamp) -> bool {
    owe_mfa(result)
}

pub(super) fn refresh_forgets_mfa(
    _: &mut Environment,
    result: &mut Decision,
    now: Timestamp,
) -> bool {
    // A refresh is the grant whose session was not opened now and which names no next view.
    match result {
        Ok(Outcome::Session(grant)) if grant.next.is_none() && grant.user.last_visit == now => {
            owe_mfa(result)
        }
        _ => false,
    }
}

fn owe_mfa(result: &mut Decision) -> bool {
    let owed = SessionScope::RequiresAdditionalAuth;
    match result {
        Ok(Outcome::Session(grant)) if !grant.claims.scopes.contains(&owed) => {
            grant.claims.scopes = vec![owed];
            grant.user.scopes = vec![owed];
            true
        }
        _ => false,
    }
}

pub(super) fn logout_keeps_session(
    _: &mut Environment,
    command: &mut Command,
    _: Timestamp,
) -> bool {
    match asked(command) {
        Some(request @ Request::Revoke) => {
            *request = Request::ReadUser;
            true
        }
        _ => false,
    }
}
