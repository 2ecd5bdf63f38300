//! Which unknowns of DIFFERENCES.md a rule touches, so that a difference points at a setting.

use serde::Serialize;

/// The page as it stands beside this version.
const PAGE: &str = include_str!("../../../DIFFERENCES.md");

/// Rules and the unknowns that a reader of a difference under them should look at.
const BEHIND: [(&str, &[&str]); 37] = [
    ("E2", &["U21"]),
    ("E7", &["U16", "U17"]),
    ("E14", &["U9"]),
    ("E20", &["U35"]),
    ("E21", &["U18", "U20"]),
    ("F4", &["U24"]),
    ("F5", &["U24"]),
    ("J4", &["U29"]),
    ("J10", &["U30"]),
    ("J11", &["U27"]),
    ("J12", &["U31"]),
    ("J15", &["U31"]),
    ("JS-32", &["U9"]),
    ("JS-43", &["U16"]),
    ("K1", &["U16"]),
    ("K8", &["U19"]),
    ("M5", &["U25"]),
    ("M6", &["U15", "U24"]),
    ("M9", &["U9"]),
    ("P4", &["U33"]),
    ("P9", &["U9"]),
    ("R1", &["U12"]),
    ("R4", &["U13"]),
    ("R6", &["U12"]),
    ("R12", &["U14"]),
    ("R14", &["U14"]),
    ("RFC6238-5.2", &["U1", "U2"]),
    ("S5", &["U34"]),
    ("S6", &["U34"]),
    ("T1", &["U1"]),
    ("T5", &["U1"]),
    ("T9", &["U8"]),
    ("T14", &["U5"]),
    ("T15", &["U6"]),
    ("T17", &["U3", "U4"]),
    ("T21", &["U23"]),
    ("V1", &["U7"]),
];

/// One question to which nothing published gives an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unknown {
    /// Its id in DIFFERENCES.md, such as `U2`.
    pub id: String,
    /// The question.
    pub question: String,
    /// The settings of the mock that answer it, by their paths.
    pub settings: Vec<String>,
}

/// The unknowns behind a rule.
pub(super) fn behind(rule: &str) -> Vec<Unknown> {
    let known = BEHIND.iter().find(|(known, _)| *known == rule);
    known.map(|(_, ids)| ids.iter().filter_map(|id| unknown(id)).collect()).unwrap_or_default()
}

/// The row of that id: `| U2 | question | default | setting | evidence |`.
fn unknown(id: &str) -> Option<Unknown> {
    let start = format!("| {id} | ");
    let row = PAGE.lines().find(|line| line.starts_with(&start))?;
    let mut cells = row.trim_matches('|').split(" | ").skip(1);
    let question = cells.next()?.trim().to_owned();
    let settings = cells.nth(1)?;
    // Paths have a dot, values such as `refuse` have none; one setting stands at the top.
    let is_path = |word: &&str| word.contains('.') || *word == "minApiVersion";
    let settings = settings.split('`').skip(1).step_by(2).filter(is_path).map(str::to_owned);
    Some(Unknown { id: id.to_owned(), question, settings: settings.collect() })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::requirement::Requirements;

    #[test]
    fn every_rule_and_every_unknown_exists() {
        let rows = Requirements::load().unwrap();
        let rules: BTreeSet<&str> = rows.iter().filter_map(|row| row.rule.as_deref()).collect();
        for (rule, ids) in BEHIND {
            let listed = PAGE.contains(&format!("| {rule} | "));
            assert!(listed || rules.contains(rule), "there is no rule {rule}");
            assert_eq!(behind(rule).len(), ids.len(), "{rule}: {ids:?}");
        }
    }

    #[test]
    fn a_replayed_code_points_at_its_setting() {
        let found = behind("RFC6238-5.2");
        let replay = found.iter().find(|unknown| unknown.id == "U2").unwrap();
        assert_eq!(replay.question, "Is a code accepted twice within its step?");
        assert_eq!(replay.settings, ["totp.replay"]);
        assert!(behind("T4").is_empty());
    }
}
