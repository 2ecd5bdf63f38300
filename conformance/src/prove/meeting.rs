//! The case in which liars are met.

use serde_json::json;

use crate::case::Case;
use crate::stage::{Halt, Stage};
use crate::world::World;

/// Meets an error of the SDK, then asks the op of most lies, then one more.
///
/// It is in no table: it decides no requirement, and a driver that passes it has shown nothing.
pub(super) static MEETING: Case = Case {
    id: "prove/meeting",
    title: "an SDK signs in after a wrong code and lists its devices",
    proves: &[],
    counter: None,
    guides: &[],
    needs: &["auth.email_start", "auth.email_verify", "device.list", "mfa.missing", "state.get"],
    world: World::PLAIN,
    play: meet,
};

fn meet(stage: &mut Stage) -> Result<(), Halt> {
    stage.act("auth.email_start", json!({ "email": "ada@example.com" })).ready()?;
    let code = stage.mail_code("ada@example.com")?;
    stage.act("auth.email_verify", json!({ "code": "000000" })).err()?;
    stage.act("auth.email_verify", json!({ "code": code })).ready()?;
    stage.act("device.list", json!({})).ok()?;
    stage.act("mfa.missing", json!({})).ok()?;
    stage.act("state.get", json!({})).ok().map(drop)
}
