//! "Did you mean …?": the nearest known name.

use crate::OPS;

/// The op name that this one was probably meant to be.
///
/// `None` when nothing is near enough to be worth a hint, or when the name is an op already.
///
/// ```
/// assert_eq!(driver_protocol::did_you_mean("totp.atuh"), Some("totp.auth"));
/// assert_eq!(driver_protocol::did_you_mean("wallet.export"), None);
/// ```
pub fn did_you_mean(name: &str) -> Option<&'static str> {
    nearest(name, OPS.iter().map(|op| op.name))
}

/// The nearest of the candidates, if it is within a third of the name's length.
///
/// Of equally near ones the first wins; the name itself is no candidate.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let bearable = (name.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .filter(|candidate| *candidate != name)
        .map(|candidate| (edit_distance(name, candidate), candidate))
        .filter(|(distance, _)| *distance <= bearable)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Insertions, deletions and substitutions that turn one text into the other.
///
/// Levenshtein, row by row. Comparison ignores ASCII case.
pub fn edit_distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (line, from) in left.chars().enumerate() {
        let mut next = Vec::with_capacity(row.len());
        let mut beside = line + 1;
        next.push(beside);
        // `row` holds the distances of the shorter prefix: above-left, above.
        for (to, above) in right.iter().zip(row.windows(2)) {
            let &[diagonal, up] = above else { continue };
            let change = usize::from(!from.eq_ignore_ascii_case(to));
            beside = (beside + 1).min(up + 1).min(diagonal + change);
            next.push(beside);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances() {
        for (left, right, distance) in [
            ("", "", 0),
            ("", "abc", 3),
            ("abc", "", 3),
            ("kitten", "sitting", 3),
            ("totp.auth", "totp.auth", 0),
            ("TOTP.auth", "totp.auth", 0),
            ("totp.atuh", "totp.auth", 2),
        ] {
            assert_eq!(edit_distance(left, right), distance, "{left} {right}");
        }
    }

    #[test]
    fn hints_are_near_or_absent() {
        assert_eq!(did_you_mean("device.lst"), Some("device.list"));
        assert_eq!(did_you_mean("Totp.Auth"), Some("totp.auth"));
        assert_eq!(did_you_mean("recovery.acknowledge"), None);
        assert_eq!(did_you_mean("totp.auth"), None);
        assert_eq!(did_you_mean(""), None);
    }
}
