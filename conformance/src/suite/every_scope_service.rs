//! Every scope, by every factor: alone, with others, and in which kind of token.

use serde_json::{Value, json};

use crate::case::{Case, Guide};
use crate::stage::{Halt, Stage, Token};
use crate::world::World;

use super::crowd::{Crowd, Entry, Factor, Has};

pub(super) const CASES: &[Case] = &[Case {
    id: "elevated/every-factor-earns-every-scope",
    title: "by each factor each scope is earned, alone and with others, and nothing else with it",
    proves: &["MFA-REC-006", "MFA-PK-006", "MFA-STEP-006"],
    counter: Some("elevated/unknown-scope-spoils-every-factor"),
    guides: &[Guide::StepUp, Guide::RecoveryCodes, Guide::Passkey, Guide::Totp],
    needs: &[],
    world: World::PLAIN,
    play: every_factor_earns_every_scope,
}];

/// The scopes that end users can ask for, but the one that is asked for alone.
const SCOPES: [&str; 17] = [
    "credential:link",
    "credential:unlink",
    "credential:update",
    "user:update",
    "user:delete",
    "wallet:sign",
    "wallet:export",
    "wallet:delegate",
    "wallet:restore",
    "wallet:delete",
    "business_account:link_wallet",
    "business_account:member:add",
    "business_account:member:remove",
    "business_account:member:role:update",
    "business_account:signer:add",
    "business_account:signer:remove",
    "business_account:wallet:remove",
];
const TRANSFER: &str = "business_account:transfer_ownership";

/// What is asked for together: of one area, of two of the same kind, of both kinds.
const TOGETHER: [&[&str]; 6] = [
    &["wallet:sign", "wallet:export", "wallet:delegate", "wallet:restore", "wallet:delete"],
    &["wallet:sign", "credential:unlink"],
    &["credential:unlink", "wallet:sign"],
    &["credential:link", "credential:unlink", "credential:update"],
    &["user:update", "business_account:member:add"],
    &SCOPES,
];

fn every_factor_earns_every_scope(stage: &mut Stage) -> Result<(), Halt> {
    let person = Crowd::default().join(stage, Has::BOTH)?;
    let each = SCOPES.iter().chain([&TRANSFER]).map(std::slice::from_ref);
    let all: Vec<&[&str]> = each.chain(TOGETHER).collect();
    for (nth, scopes) in all.into_iter().enumerate() {
        let mut session = Entry::Mail.open(stage, &person)?;
        // Each factor is the first of its session in turn; the others follow in a complete one.
        let turn = nth % Factor::KINDS.len();
        for factor in Factor::KINDS.into_iter().cycle().skip(turn).take(Factor::KINDS.len()) {
            let wish = json!({ "requestedScopes": scopes });
            let passed = factor.show(stage, &person, &session, wish)?;
            // That a TOTP code passes at all is the business of other requirements.
            if factor == Factor::Totp && passed.status != 200 {
                return Err(Halt::Blocked(format!("a TOTP code was answered {}", passed.status)));
            }
            let told = passed.value("/elevatedAccessToken");
            let token = told.as_str().map(Token::decode).and_then(Result::ok);
            stage.proving(match factor {
                Factor::Recovery => "MFA-REC-006",
                Factor::Passkey => "MFA-PK-006",
                Factor::Totp | Factor::TotpById => "MFA-STEP-006",
            });
            let what = format!("{} for {}", factor.name(), scopes.join(" "));
            let granted = sorted(token.as_ref().map(Token::scopes).unwrap_or_default());
            let holds = granted == sorted(scopes.to_vec());
            stage.note(&format!("{what}: scopes"), "those, and no other", granted, holds)?;
            let single_use = token.map(|token| token.claim("singleUse") == true);
            let wanted = scopes.iter().any(|it| it.starts_with("wallet:") || *it == TRANSFER);
            stage.note(
                &format!("{what}: singleUse"),
                &wanted.to_string(),
                single_use,
                single_use == Some(wanted),
            )?;
            if let Some(bearer) = passed.value("/minifiedJwt").as_str() {
                session.bearer = bearer.to_owned();
            }
        }
    }
    stage.proving_all();
    Ok(())
}

fn sorted(mut scopes: Vec<&str>) -> Value {
    scopes.sort_unstable();
    json!(scopes)
}
