//! The table: each goal, what stands there, and whether it is met.

use super::goal::{Bound, Goal, Source};
use super::measured::{Figure, Measured};

/// A table for a terminal and for a page.
pub(crate) struct Table {
    pub(crate) text: String,
    pub(crate) markdown: String,
    /// Whether every goal was measured and met.
    pub(crate) all_met: bool,
}

struct Line {
    cells: [String; 5],
    is_met: bool,
}

const HEAD: [&str; 5] = ["group", "what", "measured", "goal", "there"];

/// Makes the table of these goals.
pub(crate) fn of(goals: &[&Goal], measured: &Measured) -> Table {
    let lines: Vec<Line> = goals.iter().map(|goal| line(goal, measured)).collect();
    let widths: [usize; 5] = std::array::from_fn(|column| {
        let of = |line: &Line| line.cells.get(column).map_or(0, |cell| cell.chars().count());
        let head = HEAD.get(column).map_or(0, |head| head.len());
        lines.iter().map(of).max().unwrap_or(0).max(head)
    });
    let padded = |cells: &[String]| {
        let cells = cells.iter().zip(widths);
        let cells = cells.map(|(cell, width)| format!("{cell:<width$}")).collect::<Vec<_>>();
        cells.join("  ").trim_end().to_owned()
    };
    let mut text = padded(&HEAD.map(str::to_owned));
    let mut markdown = format!("| {} |\n|---|---|--:|--:|--:|", HEAD.join(" | "));
    for line in &lines {
        text += &format!("\n{}", padded(&line.cells));
        markdown += &format!("\n| {} |", line.cells.join(" | "));
    }
    let met = lines.iter().filter(|line| line.is_met).count();
    text += &format!("\n\n{met} of {} goals met", lines.len());
    Table { text, markdown, all_met: met == lines.len() }
}

fn line(goal: &Goal, measured: &Measured) -> Line {
    let read = |source: &Source| match source {
        Source::Median(id) => measured.median(id),
        Source::Figure(name) => measured.figure(name),
    };
    let value = read(&goal.value);
    let ratio = match (&value, &goal.beside) {
        (Some(value), None) => Some(value.value / goal.per),
        (Some(value), Some(beside)) => read(beside).map(|beside| match goal.bound {
            Bound::AtMost => value.value / goal.per / beside.value,
            // Of times, the share of the speed: the other's time over ours.
            Bound::AtLeast => beside.value / (value.value / goal.per),
        }),
        (None, _) => None,
    };
    let unit = match (&goal.beside, &value) {
        (None, Some(value)) if value.unit == "ns" => " ns".to_owned(),
        (None, Some(value)) => format!(" {}", value.unit),
        _ => String::new(),
    };
    let is_met = ratio.is_some_and(|ratio| match goal.bound {
        Bound::AtMost => ratio <= goal.goal,
        Bound::AtLeast => ratio >= goal.goal,
    });
    let sign = match goal.bound {
        Bound::AtMost => "≤",
        Bound::AtLeast => "≥",
    };
    let shown = match ratio {
        Some(ratio) if is_met => format!("{}{unit}", short(ratio)),
        Some(ratio) => format!("{}{unit} ✗", short(ratio)),
        None => "not measured".to_owned(),
    };
    let wanted = format!("{sign} {}{unit}", short(goal.goal));
    let there = value.map_or_else(String::new, |value| absolute(&value));
    let cells = [goal.group.to_owned(), goal.what.to_owned(), shown, wanted, there];
    Line { cells, is_met }
}

/// Two digits that count, or whole numbers.
pub(super) fn short(value: f64) -> String {
    match value {
        value if value >= 100.0 => format!("{value:.0}"),
        value if value >= 10.0 => format!("{value:.1}"),
        value if value >= 0.1 => format!("{value:.2}"),
        value => format!("{value:.3}"),
    }
}

fn absolute(figure: &Figure) -> String {
    match figure.unit.as_str() {
        "ns" if figure.value >= 1e6 => format!("{} ms", short(figure.value / 1e6)),
        "ns" if figure.value >= 1e3 => format!("{} µs", short(figure.value / 1e3)),
        unit => format!("{} {unit}", short(figure.value)),
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    fn measured() -> Measured {
        let mut measured = Measured::default();
        let script =
            "echo figure a/ours 30 us; echo figure a/theirs 20 us; echo figure a/size 7 MB";
        measured.take_in(Command::new("sh").args(["-c", script])).unwrap();
        measured
    }

    fn goal(value: &'static str, beside: Option<&'static str>, bound: Bound, goal: f64) -> Goal {
        let beside = beside.map(Source::Figure);
        Goal { group: "a", what: "w", value: Source::Figure(value), per: 1.0, beside, bound, goal }
    }

    #[test]
    fn a_goal_is_met_up_to_its_bound() {
        for (bound, wanted, is_met) in [
            (Bound::AtMost, 1.5, true),
            (Bound::AtMost, 1.49, false),
            (Bound::AtLeast, 0.66, true),
            (Bound::AtLeast, 0.67, false),
        ] {
            let goal = goal("a/ours", Some("a/theirs"), bound, wanted);
            let table = of(&[&goal], &measured());
            assert_eq!(table.all_met, is_met, "{}", table.text);
        }
    }

    #[test]
    fn what_was_not_measured_is_not_met() {
        let goal = goal("a/nothing", None, Bound::AtMost, 1.0);
        let table = of(&[&goal], &measured());
        assert!(!table.all_met && table.text.contains("not measured"), "{}", table.text);
    }

    #[test]
    fn a_number_without_another_beside_it_has_its_unit() {
        let goal = goal("a/size", None, Bound::AtMost, 8.0);
        let table = of(&[&goal], &measured());
        assert!(
            table.all_met && table.markdown.contains("| 7.00 MB | ≤ 8.00 MB |"),
            "{}",
            table.markdown
        );
    }
}
