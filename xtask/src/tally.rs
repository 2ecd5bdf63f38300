//! Counting passed and failed checks out of what the test runners print.

use std::fmt;
use std::ops::AddAssign;

/// How many checks passed and failed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
}

impl Tally {
    /// One check of our own that passed.
    pub(crate) const ONE_SUCCESS: Self = Self { passed: 1, failed: 0 };

    /// One failure that no runner counted, such as a build that broke.
    pub(crate) const ONE_FAILURE: Self = Self { passed: 0, failed: 1 };

    /// Reads nextest's line `Summary [ 1s] 12 tests run: 11 passed (1 slow), 1 failed, 2 skipped`.
    pub(crate) fn of_nextest_line(line: &str) -> Option<Self> {
        let (_, rest) = line.split_once("Summary [")?;
        let (_, rest) = rest.split_once(" run: ")?;
        let mut tally = Self::default();
        for part in rest.split(", ") {
            let Some((number, word)) = part.split_once(' ') else { continue };
            let Ok(number) = number.parse::<u64>() else { continue };
            if word.starts_with("passed") {
                tally.passed += number;
            } else if !word.starts_with("skipped") {
                // failed, timed out, exec failed: none of them is a pass
                tally.failed += number;
            }
        }
        Some(tally)
    }

    /// Reads the line `test result: ok. 12 passed; 0 failed; …` of a Rust test binary.
    pub(crate) fn of_libtest_line(line: &str) -> Option<Self> {
        let (_, rest) = line.strip_prefix("test result: ")?.split_once(". ")?;
        let number_before = |word: &str| -> Option<u64> {
            let part = rest.split("; ").find(|part| part.ends_with(word))?;
            part.split(' ').next()?.parse().ok()
        };
        Some(Self { passed: number_before(" passed")?, failed: number_before(" failed")? })
    }

    /// Reads the lines `ℹ pass 12` and `ℹ fail 0` of Node's test runner.
    pub(crate) fn of_node_line(line: &str) -> Option<Self> {
        let mut words = line.split_whitespace().skip_while(|word| *word == "ℹ" || *word == "#");
        let (word, number) = (words.next()?, words.next()?.parse::<u64>().ok()?);
        if words.next().is_some() {
            return None;
        }
        match word {
            "pass" => Some(Self { passed: number, failed: 0 }),
            "fail" | "cancelled" => Some(Self { passed: 0, failed: number }),
            _ => None,
        }
    }

    /// Reads criterion's `Success` under `--test`; a benchmark that fails ends the whole process.
    pub(crate) fn of_criterion_line(line: &str) -> Option<Self> {
        (line.trim() == "Success").then_some(Self { passed: 1, failed: 0 })
    }

    /// Reads the last line of `mfa-conformance prove`: `mutants 299/300 · MUST proven 58/58`.
    pub(crate) fn of_mutants_line(line: &str) -> Option<Self> {
        let (caught, rest) = line.strip_prefix("mutants ")?.split_once('/')?;
        let met = rest.split_once(" · MUST proven ")?.0;
        let (caught, met) = (caught.parse::<u64>().ok()?, met.parse::<u64>().ok()?);
        Some(Self { passed: caught, failed: met.saturating_sub(caught) })
    }

    /// Counts the cases of a JUnit report; a skipped case is neither passed nor failed.
    ///
    /// Elements are counted, not parsed: in well-formed XML a `<` inside text is written `&lt;`.
    pub(crate) fn of_junit(report: &str) -> Self {
        let count = |name: &str| {
            report
                .match_indices(&format!("<{name}"))
                .filter(|(at, found)| {
                    let next = report.get(at + found.len()..).and_then(|rest| rest.chars().next());
                    next.is_some_and(|next| next.is_whitespace() || next == '>' || next == '/')
                })
                .count() as u64
        };
        let failed = count("failure") + count("error");
        Self { passed: count("testcase").saturating_sub(failed + count("skipped")), failed }
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn tally(passed: u64, failed: u64) -> Tally {
        Tally { passed, failed }
    }

    #[test]
    fn nextest_summaries_are_read() {
        let of = Tally::of_nextest_line;
        assert_eq!(
            of("     Summary [   0.512s] 14 tests run: 14 passed, 0 skipped"),
            Some(tally(14, 0))
        );
        assert_eq!(
            of(
                "     Summary [   9.1s] 6/9 tests run: 3 passed (1 slow), 2 failed, 1 timed out, 4 skipped"
            ),
            Some(tally(3, 3))
        );
        assert_eq!(of("     Summary [   0.1s] 1 test run: 1 passed, 0 skipped"), Some(tally(1, 0)));
        assert_eq!(of("        PASS [   0.004s] fixtures::it files::every_file"), None);
    }

    #[test]
    fn libtest_results_are_read() {
        let of = Tally::of_libtest_line;
        let line = "test result: FAILED. 3 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out";
        assert_eq!(of(line), Some(tally(3, 1)));
        assert_eq!(of("test result: ok. 12 passed; 0 failed; 1 ignored"), Some(tally(12, 0)));
        assert_eq!(of("test files::a ... ok"), None);
    }

    #[test]
    fn node_results_are_read_in_both_dialects() {
        let of = Tally::of_node_line;
        assert_eq!(of("ℹ pass 12"), Some(tally(12, 0)));
        assert_eq!(of("# fail 2"), Some(tally(0, 2)));
        assert_eq!(of("ℹ cancelled 1"), Some(tally(0, 1)));
        assert_eq!(of("ℹ tests 14"), None);
        assert_eq!(of("pass 3 of the hurdles"), None);
    }

    #[test]
    fn criterion_successes_are_read() {
        assert_eq!(Tally::of_criterion_line("Success"), Some(tally(1, 0)));
        assert_eq!(Tally::of_criterion_line("Testing engine/enrol"), None);
    }

    #[test]
    fn mutants_that_live_are_failures() {
        let of = Tally::of_mutants_line;
        assert_eq!(of("mutants 300/300 · MUST proven 58/58"), Some(tally(300, 0)));
        assert_eq!(of("mutants 298/300 · MUST proven 58/58"), Some(tally(298, 2)));
        assert_eq!(of("mutants live long"), None);
    }

    #[test]
    fn a_junit_report_is_counted_by_its_elements() {
        let report = r#"<testsuites tests="4" failures="1" errors="1"><testsuite name="s">
            <testcase name="a"/><testcase name="b"><failure message="x">1 &lt;testcase 2</failure></testcase>
            <testcase name="c"><skipped/></testcase><testcase name="d"><error/></testcase>
            </testsuite></testsuites>"#;
        assert_eq!(Tally::of_junit(report), tally(1, 2));
        assert_eq!(Tally::of_junit(""), tally(0, 0));
    }

    #[test]
    fn the_last_line_is_plain() {
        assert_eq!(tally(412, 0).to_string(), "412 passed, 0 failed");
    }
}
