//! Paths outside the API: most of them were meant for it.

use http::Method;

use super::{BASE, Rejection, recognise};

/// Why a path outside the API leads nowhere.
pub(super) fn rejection(method: &Method, path: &str) -> Rejection {
    let is_aimed_at_it = path.contains("/sdk/") || lies_below(method, path);
    Rejection::OutsideTheApi { is_aimed_at_it }
}

/// Whether the path would name something of the API if its beginning were not missing.
fn lies_below(method: &Method, path: &str) -> bool {
    // Something else than a slash would make another first segment of the base.
    if !path.starts_with('/') || path == "/" {
        return false;
    }
    match recognise(method, &format!("{BASE}{path}")) {
        Ok(_) => true,
        Err(rejection) => {
            !matches!(rejection, Rejection::UnknownPath { .. } | Rejection::DoubleSlash)
        }
    }
}
