//! What both ceremonies check alike: where the page was, and who was at the authenticator.

use sha2::Digest as _;

use super::authenticator_data::AuthenticatorData;
use super::client_data::ClientData;
use super::refusal::Flaw;
use crate::policy::{Passkey, UserVerification};

/// Letters of an origin that a reason shows.
const SHOWN_MAX: usize = 200;

/// Reads the client data of one type (section 7.1 steps 5 to 7, section 7.2 steps 8 to 10).
pub(super) fn open(bytes: &[u8], kind: &str) -> Result<ClientData, Flaw> {
    let data = ClientData::parse(bytes).ok_or(Flaw::ClientData)?;
    if data.kind == kind { Ok(data) } else { Err(Flaw::Type) }
}

/// Checks where the page was (section 7.1 steps 9 to 11, section 7.2 steps 12 to 14).
pub(super) fn check_origin(data: &ClientData, settings: &Passkey) -> Result<(), Flaw> {
    if !settings.allows_origin(&data.origin) {
        return Err(Flaw::Origin { origin: shown(&data.origin) });
    }
    let is_framed = data.cross_origin || data.top_origin.is_some();
    if is_framed && !settings.cross_origin {
        return Err(Flaw::CrossOrigin);
    }
    match &data.top_origin {
        Some(origin) if !settings.allows_origin(origin) => {
            Err(Flaw::TopOrigin { origin: shown(origin) })
        }
        Some(_) | None => Ok(()),
    }
}

/// Checks who was at the authenticator (section 7.1 steps 14 to 17, section 7.2 steps 15 to 18).
pub(super) fn check_presence(
    data: &AuthenticatorData<'_>,
    rp_id: &str,
    settings: &Passkey,
) -> Result<(), Flaw> {
    if data.rp_id_hash != digest(rp_id.as_bytes()) {
        return Err(Flaw::RpId { rp_id: rp_id.to_owned() });
    }
    if !data.flags.user_present() {
        return Err(Flaw::UserNotPresent);
    }
    let is_required = settings.user_verification == UserVerification::Required;
    if is_required && !data.flags.user_verified() {
        return Err(Flaw::UserNotVerified);
    }
    if data.flags.backed_up() && !data.flags.backup_eligible() {
        return Err(Flaw::BackupState);
    }
    Ok(())
}

/// SHA-256, the hash of both ceremonies.
pub(super) fn digest(bytes: &[u8]) -> [u8; 32] {
    sha2::Sha256::digest(bytes).into()
}

fn shown(origin: &str) -> String {
    origin.chars().take(SHOWN_MAX).collect()
}
