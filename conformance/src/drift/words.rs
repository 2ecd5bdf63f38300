//! A drift for people: on a terminal, and in Markdown.

use super::{Drift, Kind, Row, Said, Side};
use crate::report::markdown_words;

/// The kinds that are told row by row, with their headings.
const TOLD: [(Kind, &str); 2] = [
    (Kind::Differs, "requirements on which the services differ"),
    (Kind::OtherReason, "requirements that neither holds up, for different reasons"),
];

impl Drift {
    /// The whole for a terminal.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        for (letter, side) in [("A", &self.a), ("B", &self.b)] {
            text.push_str(&format!("{letter}  {}\n", named(side)));
        }
        for (kind, heading) in TOLD {
            let rows: Vec<&Row> = self.of_kind(kind).collect();
            if rows.is_empty() {
                continue;
            }
            text.push_str(&format!("\n{} {heading}\n", rows.len()));
            for row in rows {
                let (id, level) = (&row.id, row.level.word());
                let (a, b) = (status(row.a.as_ref()), status(row.b.as_ref()));
                text.push_str(&format!("  ✗ {id} {level}  A {a} · B {b}\n      {}\n", row.title));
                for (letter, said) in [("A", &row.a), ("B", &row.b)] {
                    for line in against(said.as_ref()) {
                        text.push_str(&format!("      {letter}  {line}\n"));
                    }
                }
                for line in behind(row) {
                    text.push_str(&format!("      {line}\n"));
                }
            }
        }
        text.push_str(&format!("\n{}\n", self.line()));
        text
    }

    /// The whole in Markdown.
    #[must_use]
    pub fn markdown(&self) -> String {
        let words = markdown_words;
        let mut text = format!("# Drift between two services\n\n{}\n\n", words(&self.line()));
        for (letter, side) in [("A", &self.a), ("B", &self.b)] {
            text.push_str(&format!("- **{letter}** {}\n", words(&named(side))));
        }
        for (kind, heading) in TOLD {
            let rows: Vec<&Row> = self.of_kind(kind).collect();
            if rows.is_empty() {
                continue;
            }
            text.push_str(&format!("\n## {} {heading}\n\n", rows.len()));
            text.push_str("| requirement | level | A | B | cases and reasons | see |\n");
            text.push_str("|---|---|---|---|---|---|\n");
            for row in rows {
                let mut lines = Vec::new();
                for (letter, said) in [("A", &row.a), ("B", &row.b)] {
                    let told = against(said.as_ref());
                    lines.extend(told.iter().map(|line| format!("{letter}: {}", words(line))));
                }
                let see: Vec<String> = behind(row).iter().map(|line| words(line)).collect();
                text.push_str(&format!(
                    "| {} {} | {} | {} | {} | {} | {} |\n",
                    words(&row.id),
                    words(&row.title),
                    row.level.word(),
                    status(row.a.as_ref()),
                    status(row.b.as_ref()),
                    lines.join("<br>"),
                    see.join("<br>")
                ));
            }
        }
        text
    }

    /// The numbers on one line.
    #[must_use]
    pub fn line(&self) -> String {
        let number = |kind| self.of_kind(kind).count();
        format!(
            "{} alike · {} differ · {} for another reason · {} open · cases not applicable: A {} · B {}",
            number(Kind::Alike),
            number(Kind::Differs),
            number(Kind::OtherReason),
            number(Kind::Open),
            self.a.not_applicable,
            self.b.not_applicable
        )
    }
}

fn named(side: &Side) -> String {
    let name = side.name.as_deref().unwrap_or("not reached");
    format!("{} ({name}), from {}", side.target, side.file)
}

fn status(said: Option<&Said>) -> &'static str {
    said.map_or("unknown", |said| said.status.word())
}

/// One line for each reason of each case that speaks against the requirement.
fn against(said: Option<&Said>) -> Vec<String> {
    let cases = said.into_iter().flat_map(|said| &said.against);
    cases
        .flat_map(|(case, reasons)| reasons.iter().map(move |reason| format!("{case}: {reason}")))
        .collect()
}

/// Where to read on: the rule, and the settings of the mock that decide.
fn behind(row: &Row) -> Vec<String> {
    let rule = row.rule.iter().map(|rule| format!("rule {rule} of DIFFERENCES.md"));
    let unknowns = row.unknowns.iter().map(|unknown| {
        let settings = match unknown.settings.is_empty() {
            true => "no setting".to_owned(),
            false => unknown.settings.join(", "),
        };
        format!("{} {} ({settings})", unknown.id, unknown.question)
    });
    rule.chain(unknowns).collect()
}
