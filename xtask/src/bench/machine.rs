//! The machine, named in one line, so that nobody takes a table for a law of nature.

use std::fs;
use std::process::Command;

/// Processor, cores, what of it speeds hashing up, and the compiler.
pub(crate) fn told() -> String {
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let field = |name: &str| {
        let line = info.lines().find(|line| line.starts_with(name))?;
        line.split_once(": ").map(|(_, value)| value.trim().to_owned())
    };
    let model = field("model name").unwrap_or_else(|| std::env::consts::ARCH.to_owned());
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let flags = field("flags").unwrap_or_default();
    let sha = if flags.split(' ').any(|flag| flag == "sha_ni") { "SHA-NI" } else { "no SHA-NI" };
    let rustc = Command::new("rustc").arg("--version").output().ok();
    let rustc = rustc.and_then(|output| String::from_utf8(output.stdout).ok()).unwrap_or_default();
    let version = rustc.split(' ').nth(1).unwrap_or("of unknown version");
    format!("Measured on {model}, {cores} cores, {sha}, Rust {version}.")
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_machine_is_told_in_one_line() {
        let told = super::told();
        assert!(told.starts_with("Measured on ") && told.contains(" cores, "), "{told}");
        assert_eq!(told.lines().count(), 1);
    }
}
