//! From a path to what lies there: every path of the API, served or only known.

use std::collections::BTreeMap;

use http::Method;

use super::known::Known;
use super::{Operation, Route};

/// What one method of a path is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Entry {
    /// An operation of this service.
    Served(Operation),
    /// An operation of the API that is not served here, by its name.
    Known(&'static str),
}

/// The methods of one path.
type Entries = Vec<(Method, Entry)>;

/// All paths, as a tree of segments; literals stand above placeholders.
pub(super) struct Map(matchit::Router<Entries>);

/// Where a path has led.
pub(super) struct Place<'map, 'path> {
    entries: &'map Entries,
    /// What stands in the places of the placeholders, in order.
    pub(super) parameters: Vec<&'path str>,
}

impl Map {
    /// Draws the map from two tables: what is served, and what is known.
    pub(super) fn draw(served: impl Iterator<Item = &'static Route>, known: &[Known]) -> Self {
        let mut paths: BTreeMap<String, Entries> = BTreeMap::new();
        let served =
            served.map(|row| (row.below(), row.method.clone(), Entry::Served(row.operation)));
        let known = known.iter().filter_map(|(name, method, template)| {
            Some((*template, method.parse().ok()?, Entry::Known(name)))
        });
        for (template, method, entry) in served.chain(known) {
            let entries = paths.entry(shape(template)).or_default();
            if entries.iter().all(|(taken, _)| *taken != method) {
                entries.push((method, entry));
            }
        }
        let mut tree = matchit::Router::new();
        for (shape, entries) in paths {
            // Shapes are distinct, so none is refused; a test walks to every one of them.
            let _ = tree.insert(shape, entries);
        }
        Self(tree)
    }

    /// What lies at a path below the environment.
    pub(super) fn find<'map, 'path>(&'map self, path: &'path str) -> Option<Place<'map, 'path>> {
        let found = self.0.at(path).ok()?;
        let parameters = found.params.iter().map(|(_, value)| value).collect();
        Some(Place { entries: found.value, parameters })
    }
}

impl Place<'_, '_> {
    /// What a method of this path is.
    pub(super) fn entry(&self, method: &Method) -> Option<Entry> {
        self.entries.iter().find(|(known, _)| known == method).map(|(_, entry)| *entry)
    }

    /// The methods of this path, for the header `Allow`.
    pub(super) fn allowed(&self) -> String {
        let mut allowed: Vec<&str> =
            self.entries.iter().map(|(method, _)| method.as_str()).collect();
        allowed.push("OPTIONS");
        allowed.join(", ")
    }
}

/// A template with its placeholders numbered: two paths may name the same segment differently.
fn shape(template: &str) -> String {
    let mut count = 0;
    let number = |segment: &str| match segment.strip_prefix('{') {
        Some(_) => {
            count += 1;
            format!("{{{count}}}")
        }
        None => segment.to_owned(),
    };
    template.split('/').map(number).collect::<Vec<_>>().join("/")
}

/// The path of the API that was probably meant by one that does not exist.
pub(super) fn meant(path: &str, known: &[Known]) -> Option<&'static str> {
    // Longer than any path of the API, so nothing is near it, and comparing costs the product
    // of the lengths.
    const LONGEST: usize = 160;
    if path.len() > LONGEST {
        return None;
    }
    let bearable = (path.len() / 3).max(1);
    // An id in the path must not make it unlike its template.
    let plain = |segment: &str| match segment.len() == 36 || segment.starts_with('{') {
        true => "*".to_owned(),
        false => segment.to_lowercase(),
    };
    let plain = |path: &str| path.split('/').map(plain).collect::<Vec<_>>().join("/");
    let asked = plain(path.trim_matches('/'));
    known
        .iter()
        .map(|(_, _, template)| (strsim::levenshtein(&asked, &plain(template)), *template))
        .filter(|(distance, _)| *distance <= bearable)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, template)| template)
}
