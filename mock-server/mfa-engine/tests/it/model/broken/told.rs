//! The table of mutants and stories: how it is written and read again.

use super::mutants::Mutant;
use super::search::Story;

/// What stands above the rows.
pub(crate) const HEAD: &str = "\
| law | mutant | rules | story, as it was found and shrunk |
|---|---|---|---|
";

/// One row, a story with its mutant.
pub(crate) fn row(mutant: &Mutant, story: &Story) -> String {
    let Mutant { law, name, .. } = mutant;
    let steps = serde_json::to_string(&story.steps).unwrap();
    let rules = serde_json::to_string(&story.rules).unwrap();
    format!("| {law} | {name} | {} | `{steps}` |\n", rules.trim_matches('"'))
}

/// The story that a table has for a mutant.
pub(crate) fn story_of(mutant: &Mutant, table: &str) -> Option<Story> {
    let cells = |line: &str| line.split('|').map(|it| it.trim().to_owned()).collect::<Vec<_>>();
    table.lines().map(cells).find_map(|cells| match cells.as_slice() {
        [_, law, name, rules, story, _]
            if (law.as_str(), name.as_str()) == (mutant.law, mutant.name) =>
        {
            let rules = serde_json::from_str(&format!("\"{rules}\"")).unwrap();
            let steps = serde_json::from_str(story.trim_matches('`')).unwrap();
            Some(Story { rules, steps })
        }
        _ => None,
    })
}
