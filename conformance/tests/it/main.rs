//! The runner against drivers good and bad.

mod command_line;
mod process;
mod reference;
mod saboteurs;
mod scenes;
