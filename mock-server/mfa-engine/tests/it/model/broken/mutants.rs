//! The mutants: each is the engine without one of its rules.

use serde_json::{Value, json};

use super::super::breakage::{Breakage, Deeds, never, never_the_same};
use Breakage::{Kept, Left, Noted, Said, Told};

mod deed;

use deed::{asked, caller, elevation, is_admin, is_asked};

/// An engine that breaks one law.
pub(crate) struct Mutant {
    pub(crate) law: &'static str,
    /// What is the matter with it.
    pub(crate) name: &'static str,
    pub(crate) breakage: Breakage,
}

const fn mutant(law: &'static str, name: &'static str, breakage: Breakage) -> Mutant {
    Mutant { law, name, breakage }
}

const ONE_DEVICE: &str = "at most one verified TOTP device per user";
const ONCE: &str = "what works once is accepted once";
const FITS: &str = "an elevated token is accepted only where it fits";
const OVER: &str = "nothing outlives logout, deletion, revocation, its end";
const OWED: &str = "requiresAdditionalAuth is there exactly when a factor is owed";
const REFUSED: &str = "no refusal changes state but counters";
const COUNTED: &str = "what is counted counts";
const SAME: &str = "same commands, times and dice: same state, same answers";
const RESTORED: &str = "snapshot then restore is identity";
const REPLAYED: &str = "journal replay is identity";

/// Every mutant, law by law.
pub(crate) const MUTANTS: [Mutant; 34] = [
    mutant(ONE_DEVICE, "a second device is registered beside the first", Told(forget_device)),
    mutant(ONCE, "a time step works again", Left(time_steps_work_again)),
    mutant(ONCE, "a recovery code works again", Left(recovery_codes_work_again)),
    mutant(ONCE, "a single-use MFA token works again", Left(mfa_tokens_work_again)),
    mutant(ONCE, "a single-use elevated token works again", Left(elevated_tokens_work_again)),
    mutant(ONCE, "a nonce works again", Left(nonces_work_again)),
    mutant(ONCE, "a sent code works again", Left(sent_codes_work_again)),
    mutant(ONCE, "a challenge works again", Left(challenges_work_again)),
    mutant(FITS, "an elevated token opens every gate", Told(any_scope)),
    mutant(FITS, "an elevated token works in every session of its user", Told(any_session)),
    mutant(FITS, "an elevated token works for every user", Told(any_user)),
    mutant(FITS, "an elevated token works in every environment", Told(any_environment)),
    mutant(FITS, "an elevated token has no end", Told(no_end)),
    mutant(FITS, "an elevated token outlives its session", Told(no_session)),
    mutant(FITS, "an elevated token outlives its key", Told(no_key)),
    mutant(OVER, "logging out ends nothing", Left(logout_ends_nothing)),
    mutant(OVER, "a deleted user stays", Left(deleted_users_stay)),
    mutant(OVER, "an administrator revokes nothing", Left(administrators_revoke_nothing)),
    mutant(OVER, "a tester revokes nothing", Left(testers_revoke_nothing)),
    mutant(OVER, "a JWT outlives its end", Told(a_jwt_has_no_end)),
    mutant(OVER, "a JWT outlives its key", Told(a_jwt_has_no_key)),
    mutant(OVER, "an unlinked address still signs in", Left(unlinked_addresses_still_sign_in)),
    mutant(OVER, "a removed device stays", Left(removed_devices_stay)),
    mutant(OVER, "a reset leaves the recovery codes", Left(a_reset_leaves_the_codes)),
    mutant(OWED, "the scope is missing although a factor is owed", Said(owes_nothing)),
    mutant(OWED, "the scope stays after the factor", Left(passes_no_factor)),
    mutant(OWED, "every session counts as past its factor", Left(every_session_has_passed)),
    mutant(REFUSED, "a refused deletion deletes", Left(refused_deletions_delete)),
    mutant(REFUSED, "a wrong code closes the letter", Left(wrong_codes_close_letters)),
    mutant(COUNTED, "wrong codes do not count", Left(wrong_codes_do_not_count)),
    mutant(COUNTED, "a passkey's signatures do not count", Left(passkeys_do_not_count)),
    mutant(SAME, "a nonce comes from elsewhere than the dice", Said(other_dice)),
    mutant(RESTORED, "a snapshot forgets the spent tokens", Kept(forgets_spent_tokens)),
    mutant(REPLAYED, "the journal rounds its times to seconds", Noted(rounds_times)),
];

/// Brings back the entries of a map that went.
fn keep(before: &Value, after: &mut Value) {
    for (key, value) in before.as_object().unwrap() {
        let entries = after.as_object_mut().unwrap();
        entries.entry(key.clone()).or_insert_with(|| value.clone());
    }
}

fn each<'all>(world: &'all mut Value, map: &str) -> impl Iterator<Item = &'all mut Value> {
    world[map].as_object_mut().unwrap().values_mut()
}

/// Each user that was there before and still is, as it was and as it is.
fn known<'all>(
    before: &'all Value,
    after: &'all mut Value,
) -> impl Iterator<Item = (&'all Value, &'all mut Value)> {
    let all = after["users"].as_object_mut().unwrap().iter_mut();
    all.filter_map(|(id, user)| before["users"].get(id).map(|old| (old, user)))
}

fn forget_device(state: &mut Value, deed: &mut Value) {
    if is_asked(deed, "register_totp") {
        let user = caller(deed)["user"].as_str().unwrap().to_owned();
        if let Some(user) = state["users"].get_mut(&user) {
            user["totp"] = Value::Null;
        }
    }
}

fn recovery_codes_work_again(_: &Deeds<'_>, after: &mut Value) {
    for user in each(after, "users").filter(|user| user["recovery"].is_object()) {
        user["recovery"]["used"] = json!([]);
    }
}

fn time_steps_work_again(_: &Deeds<'_>, after: &mut Value) {
    for user in each(after, "users").filter(|user| user["totp"]["last_step"].is_u64()) {
        user["totp"]["last_step"] = Value::Null;
    }
}

fn challenges_work_again(deeds: &Deeds<'_>, after: &mut Value) {
    keep(&deeds.before["challenges"]["open"], &mut after["challenges"]["open"]);
}

fn elevated_tokens_work_again(_: &Deeds<'_>, after: &mut Value) {
    forgets_spent_tokens(after);
}

fn mfa_tokens_work_again(_: &Deeds<'_>, after: &mut Value) {
    for session in each(after, "sessions") {
        for token in session["mfa_tokens"].as_object_mut().unwrap().values_mut() {
            token["spent"] = json!(false);
        }
    }
}

fn sent_codes_work_again(deeds: &Deeds<'_>, after: &mut Value) {
    keep(&deeds.before["verifications"], &mut after["verifications"]);
}

fn nonces_work_again(deeds: &Deeds<'_>, after: &mut Value) {
    keep(&deeds.before["nonces"]["open"], &mut after["nonces"]["open"]);
}

fn any_scope(_: &mut Value, deed: &mut Value) {
    if let Some(token) = elevation(deed) {
        token["scopes"] = json!(mfa_engine::TokenScope::ALL);
    }
}

fn any_session(_: &mut Value, deed: &mut Value) {
    let caller = caller(deed).clone();
    if let Some(token) = elevation(deed).filter(|token| token["user"] == caller["user"]) {
        token["session"] = caller["session"].clone();
    }
}

fn any_user(_: &mut Value, deed: &mut Value) {
    let caller = caller(deed).clone();
    if let Some(token) = elevation(deed) {
        token["user"] = caller["user"].clone();
    }
}

fn any_environment(_: &mut Value, deed: &mut Value) {
    let caller = caller(deed).clone();
    if let Some(token) = elevation(deed) {
        token["environment"] = caller["environment"].clone();
    }
}

fn no_end(_: &mut Value, deed: &mut Value) {
    // One that is spent by use is known by its end, too; that would be another mistake.
    if let Some(token) = elevation(deed).filter(|token| token["single_use"] == false) {
        token["expires_at"] = never();
    }
}

fn no_session(state: &mut Value, deed: &mut Value) {
    let caller = caller(deed).clone();
    let Some(token) = elevation(deed) else { return };
    let is_gone = token["session"].as_str().is_some_and(|id| state["sessions"].get(id).is_none());
    if is_gone {
        token["session"] = caller["session"].clone();
    }
}

fn no_key(state: &mut Value, deed: &mut Value) {
    let signing = state["office"]["keys"]["signing"].clone();
    if let Some(token) = elevation(deed) {
        token["key"] = signing;
    }
}

fn logout_ends_nothing(deeds: &Deeds<'_>, after: &mut Value) {
    if is_asked(deeds.deed, "revoke") {
        keep(&deeds.before["sessions"], &mut after["sessions"]);
    }
}

fn deleted_users_stay(deeds: &Deeds<'_>, after: &mut Value) {
    let by_administrator = is_admin(deeds.deed, "delete_user");
    if is_asked(deeds.deed, "delete_user") || by_administrator {
        for map in ["users", "identities", "sessions"] {
            keep(&deeds.before[map], &mut after[map]);
        }
    }
}

fn administrators_revoke_nothing(deeds: &Deeds<'_>, after: &mut Value) {
    let ways = ["revoke_session", "revoke_sessions_of", "revoke_every_session"];
    if ways.into_iter().any(|way| is_admin(deeds.deed, way)) {
        keep(&deeds.before["sessions"], &mut after["sessions"]);
    }
}

fn testers_revoke_nothing(deeds: &Deeds<'_>, after: &mut Value) {
    if deeds.deed["Intervened"].get("revoke_sessions").is_some() {
        keep(&deeds.before["sessions"], &mut after["sessions"]);
    }
}

fn a_jwt_has_no_end(_: &mut Value, deed: &mut Value) {
    if let Some(command) = asked(deed) {
        command[0]["expires_at"] = never();
    }
}

fn a_jwt_has_no_key(state: &mut Value, deed: &mut Value) {
    let signing = state["office"]["keys"]["signing"].clone();
    if let Some(command) = asked(deed) {
        command[0]["key"] = signing;
    }
}

fn unlinked_addresses_still_sign_in(deeds: &Deeds<'_>, after: &mut Value) {
    if is_asked(deeds.deed, "linking") {
        keep(&deeds.before["identities"], &mut after["identities"]);
    }
}

fn removed_devices_stay(deeds: &Deeds<'_>, after: &mut Value) {
    for (old, user) in known(deeds.before, after) {
        if user["totp"].is_null() {
            user["totp"] = old["totp"].clone();
        }
    }
}

fn a_reset_leaves_the_codes(deeds: &Deeds<'_>, after: &mut Value) {
    for (old, user) in known(deeds.before, after) {
        if user["recovery"].is_null() {
            user["recovery"] = old["recovery"].clone();
        }
    }
}

fn owes_nothing(said: &mut Result<mfa_engine::Outcome, mfa_engine::Refusal>) {
    use mfa_engine::SessionScope::RequiresAdditionalAuth;
    if let Ok(mfa_engine::Outcome::Session(grant)) = said {
        grant.claims.scopes.retain(|scope| *scope != RequiresAdditionalAuth);
        grant.user.scopes.retain(|scope| *scope != RequiresAdditionalAuth);
    }
}

fn passes_no_factor(_: &Deeds<'_>, after: &mut Value) {
    for session in each(after, "sessions") {
        session["mfa_at"] = Value::Null;
    }
}

fn every_session_has_passed(_: &Deeds<'_>, after: &mut Value) {
    for session in each(after, "sessions") {
        session["mfa_at"] = session["created_at"].clone();
    }
}

fn refused_deletions_delete(deeds: &Deeds<'_>, after: &mut Value) {
    if is_asked(deeds.deed, "delete_device") && !deeds.is_granted {
        let user = caller(deeds.deed)["user"].as_str().unwrap();
        if let Some(user) = after["users"].get_mut(user) {
            user["totp"] = Value::Null;
        }
    }
}

fn wrong_codes_close_letters(deeds: &Deeds<'_>, after: &mut Value) {
    let old = &deeds.before["verifications"];
    let open = after["verifications"].as_object_mut().unwrap();
    open.retain(|id, now| old.get(id).is_none_or(|old| old["attempts"] == now["attempts"]));
}

fn wrong_codes_do_not_count(deeds: &Deeds<'_>, after: &mut Value) {
    for (old, user) in known(deeds.before, after) {
        user["failures"] = old["failures"].clone();
    }
}

fn passkeys_do_not_count(_: &Deeds<'_>, after: &mut Value) {
    for user in each(after, "users") {
        for passkey in user["passkeys"].as_array_mut().unwrap() {
            passkey["sign_count"] = json!(0);
        }
    }
}

fn other_dice(said: &mut Result<mfa_engine::Outcome, mfa_engine::Refusal>) {
    if let Ok(mfa_engine::Outcome::Nonces(nonces)) = said {
        for nonce in nonces {
            *nonce = format!("{:032x}", never_the_same());
        }
    }
}

fn forgets_spent_tokens(state: &mut Value) {
    for user in each(state, "users") {
        user["spent"] = json!([]);
    }
}

fn rounds_times(line: &mut Value) {
    let at: jiff::Timestamp = line["at"].as_str().unwrap().parse().unwrap();
    let whole = jiff::Timestamp::from_second(at.as_second()).unwrap();
    line["at"] = json!(whole.to_string());
}
