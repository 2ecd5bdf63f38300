//! What holds at the service for every way of signing in, and for every session of a user.

use serde_json::{Value, json};

use crate::case::{Case, Guide};
use crate::stage::{Halt, Noted, Stage};
use crate::world::World;

use super::answered::refused;
use super::raw_session::{RawSession, prepared, text};
use super::ways_in::{SECRET, Somebody, WAYS, Way};
use super::wire_service::guarded_token;

const SESSION: &[Guide] = &[Guide::SessionMfa];
const ANYBODY: Somebody = Somebody(1);
/// A P-256 key of somebody's (the generator of the curve, SEC 2 section 2.4.2), and no signature of it.
const KEY: &str = "036b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296";
const NO_SIGNATURE: &str = "00000000000000000000000000000000000000000000000000000000000000010000000000000000000000000000000000000000000000000000000000000001";

pub(super) const CASES: &[Case] = &[
    Case {
        id: "security/no-way-in-past-a-bad-signature",
        title: "whichever way somebody signs in, a device signature that does not verify is refused",
        proves: &["MFA-SEC-002"],
        counter: Some("session/every-way-sets-the-cookie"),
        guides: SESSION,
        needs: &[],
        world: World::LEGACY,
        play: no_way_past_a_bad_signature,
    },
    Case {
        id: "session/every-way-sets-the-cookie",
        title: "whichever way somebody signs in, in cookie mode the token is in an HttpOnly cookie",
        proves: &["MFA-SES-038"],
        counter: None,
        guides: SESSION,
        needs: &[],
        world: World::LEGACY.set(&[("auth.storage", r#"["cookie"]"#)]),
        play: every_way_sets_the_cookie,
    },
    Case {
        id: "step-up/check-lists-every-credential",
        title: "without MFA the check lists each credential that can be proven again",
        proves: &["MFA-STEP-017"],
        counter: None,
        guides: &[Guide::StepUp],
        needs: &[],
        world: World::PLAIN,
        play: check_lists_every_credential,
    },
    Case {
        id: "recovery/every-session-sees-one-set",
        title: "every session of a user is shown the same recovery codes, however it was opened",
        proves: &["MFA-REC-001"],
        counter: None,
        guides: &[Guide::RecoveryCodes],
        needs: &[],
        world: World::LEGACY,
        play: every_session_sees_one_set,
    },
];

/// Everybody's ways but the passkey, which has to be taken first.
const FIRST_WAYS: [Way; 4] = [Way::Mail, Way::Text, Way::App, Way::Social];

fn no_way_past_a_bad_signature(stage: &mut Stage) -> Result<(), Halt> {
    ANYBODY.arrive(stage, Value::Null)?;
    ANYBODY.take_a_passkey(stage, None)?;
    for way in WAYS {
        let nonce = text(&prepared(stage.raw("GET", "nonce"))?, "/nonce")?;
        let request = way
            .request(stage, ANYBODY)?
            .header("x-dynamic-device-nonce", &nonce)
            .header("x-dynamic-device-publickey", KEY)
            .header("x-dynamic-device-signed-nonce", NO_SIGNATURE);
        let tried = request.send()?;
        let what = format!("signing in {} with it", way.name());
        refused(stage, &what, &tried).noted()?;
        let session = tried.value("/minifiedJwt");
        stage.expect_equal(&format!("a session {}", way.name()), Value::Null, session).noted()?;
        // Without a signature the same way is open, so it was the signature that was refused.
        way.sign_in(stage, ANYBODY)?;
    }
    Ok(())
}

fn every_way_sets_the_cookie(stage: &mut Stage) -> Result<(), Halt> {
    ANYBODY.arrive(stage, Value::Null)?;
    for way in FIRST_WAYS {
        let signed_in = way.sign_in(stage, ANYBODY)?;
        guarded_token(stage, &signed_in).map(drop).noted()?;
    }
    Ok(())
}

fn check_lists_every_credential(stage: &mut Stage) -> Result<(), Halt> {
    ANYBODY.arrive(stage, Value::Null)?;
    for way in FIRST_WAYS {
        let session = way.open(stage, ANYBODY)?;
        let asked = json!({ "scope": "credential:link" });
        let checked = prepared(session.request(stage, "POST", "stepUp/check").json(asked))?;
        checked.expect_body("/isRequired", true)?;
        let listed = checked.value("/credentials");
        let formats: Vec<&str> = listed
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|credential| credential["format"].as_str())
            .collect();
        // Whether an account elsewhere can be asked again is not said by the pages.
        for format in [Way::Mail.format(), Way::Text.format()] {
            let what = format!("{format} among the credentials, {}", way.name());
            stage.note(&what, "listed", json!(formats), formats.contains(&format))?;
        }
    }
    Ok(())
}

fn every_session_sees_one_set(stage: &mut Stage) -> Result<(), Halt> {
    ANYBODY.arrive(stage, json!({ "totpSecret": SECRET }))?;
    let mut first = None;
    for way in FIRST_WAYS {
        let mut session = way.open(stage, ANYBODY)?;
        session.pass_mfa(stage, SECRET, Value::Null)?;
        for _ in 0..2 {
            let shown = codes(stage, &session)?;
            let expected = first.get_or_insert_with(|| shown.clone());
            stage.expect_equal(&format!("the codes {}", way.name()), expected.clone(), shown)?;
        }
    }
    Ok(())
}

fn codes(stage: &Stage, session: &RawSession) -> Result<Value, Halt> {
    Ok(prepared(session.request(stage, "GET", "users/mfa/recovery"))?.value("/recoveryCodes"))
}
