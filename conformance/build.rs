//! Lists `requirements/*.toml` and the frozen sets, so that a new file needs no line of code.

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let rows = Path::new(&env::var("CARGO_MANIFEST_DIR").map_err(io::Error::other)?)
        .join("requirements")
        .canonicalize()?;
    list(&rows, "requirement_files.rs", true)?;
    list(&rows.join("sets"), "set_files.rs", false)
}

/// Writes the names and texts of a folder's TOML files as a Rust array.
fn list(folder: &Path, into: &str, with_extension: bool) -> io::Result<()> {
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            println!("cargo::rerun-if-changed={}", path.display());
            names.push(path);
        }
    }
    names.sort();

    let mut list = String::from("&[\n");
    for path in &names {
        let name = if with_extension { path.file_name() } else { path.file_stem() };
        let name = name.and_then(|name| name.to_str()).unwrap_or_default();
        let _ = writeln!(list, "    ({name:?}, include_str!({:?})),", path.display().to_string());
    }
    list.push(']');
    let out = env::var("OUT_DIR").map_err(io::Error::other)?;
    fs::write(Path::new(&out).join(into), list)
}
