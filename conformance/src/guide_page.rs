//! Which guides the vendor publishes for which platform.
//!
//! A guide that is not published for a platform can still be tested there; its cell in the matrix
//! then says so, because nobody promised anything.

use crate::case::Guide;
use crate::event::GuidePage;

/// The columns of the vendor's documentation, by the platforms that drivers name.
const COLUMNS: [(&str, &[&str]); 6] = [
    ("JavaScript", &["javascript", "js", "node", "browser", "web", "deno", "bun"]),
    ("React", &["react"]),
    ("React Native", &["react-native"]),
    ("Swift", &["swift", "ios", "macos"]),
    ("Kotlin", &["kotlin", "android", "jvm"]),
    ("Flutter", &["flutter", "dart"]),
];

/// The guides and the columns in which each was found, as of 2026-04.
const PUBLISHED: [(Guide, &[&str]); 8] = [
    (Guide::Totp, &["JavaScript", "Swift", "Kotlin"]),
    (Guide::Passkey, &["JavaScript", "Swift", "Kotlin"]),
    (Guide::AccountBased, &["JavaScript", "React", "React Native", "Swift", "Kotlin"]),
    (Guide::ActionBased, &["JavaScript", "React", "React Native", "Swift", "Kotlin"]),
    (Guide::StepUp, &["JavaScript", "React", "React Native", "Swift", "Kotlin", "Flutter"]),
    (Guide::SessionMfa, &["JavaScript"]),
    (Guide::DeviceManagement, &["JavaScript", "React", "React Native"]),
    (Guide::RecoveryCodes, &["JavaScript"]),
];

/// The column of the documentation that a platform's developers read.
#[must_use]
pub fn column(platform: &str) -> Option<&'static str> {
    let platform = platform.to_lowercase();
    let named = |(_, names): &&(&str, &[&str])| names.contains(&platform.as_str());
    COLUMNS.iter().find(named).map(|(column, _)| *column)
}

/// Every guide, in the order of the matrix, for a driver's platform.
#[must_use]
pub fn pages(platform: Option<&str>) -> Vec<GuidePage> {
    let column = platform.and_then(column);
    let published = |guide| {
        let columns = PUBLISHED.iter().find(|(known, _)| *known == guide).map(|(_, list)| *list);
        column.is_some_and(|column| columns.is_some_and(|columns| columns.contains(&column)))
    };
    Guide::ALL.map(|guide| GuidePage { guide, published: published(guide) }).to_vec()
}

/// Every guide, for a service: whatever the platform, its calls are the same.
#[must_use]
pub fn pages_of_a_service() -> Vec<GuidePage> {
    Guide::ALL.map(|guide| GuidePage { guide, published: true }).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_guide_has_a_row_and_every_column_is_known() {
        for (guide, (row, columns)) in Guide::ALL.iter().zip(PUBLISHED) {
            assert_eq!(*guide, row);
            for column in columns {
                assert!(COLUMNS.iter().any(|(known, _)| known == column), "{column}");
            }
        }
    }

    #[test]
    fn node_reads_the_javascript_pages_and_a_stranger_reads_none() {
        assert!(pages(Some("node")).iter().all(|page| page.published));
        assert_eq!(pages(Some("Flutter")).iter().filter(|page| page.published).count(), 1);
        assert_eq!(pages(Some("react-native")).iter().filter(|page| page.published).count(), 4);
        assert!(pages(Some("reference")).iter().all(|page| !page.published));
        assert!(pages(None).iter().all(|page| !page.published));
    }
}
