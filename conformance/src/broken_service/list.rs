//! Every broken service, with the requirement that must fail because of it.

use super::BrokenService;

mod narrow;
mod plain;
mod subjects;

macro_rules! broken {
    ($($name:literal $breaks:literal $sin:literal $kind:ident $edit:path;)+) => {
        pub(super) const ROWS: &[BrokenService] = &[
            $(BrokenService { name: $name, sin: $sin, breaks: $breaks, edit: Edit::$kind($edit) }),+
        ];
    };
}
use broken;

/// The lists of the rows.
const LISTS: [&[BrokenService]; 3] = [plain::ROWS, subjects::ROWS, narrow::ROWS];
const COUNT: usize = plain::ROWS.len() + subjects::ROWS.len() + narrow::ROWS.len();

/// Every broken service.
pub const BROKEN_SERVICES: &[BrokenService] = &joined();

#[expect(clippy::indexing_slicing, reason = "the compiler counts the rows, and would not go on")]
const fn joined() -> [BrokenService; COUNT] {
    let mut all = [LISTS[0][0]; COUNT];
    let (mut list, mut row, mut at) = (0, 0, 0);
    while at < COUNT {
        if row == LISTS[list].len() {
            (list, row) = (list + 1, 0);
        }
        all[at] = LISTS[list][row];
        (row, at) = (row + 1, at + 1);
    }
    all
}
