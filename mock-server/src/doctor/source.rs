//! What the source of an app says: where its SDK is pointed at, and whether it will notice.

use std::path::{Path, PathBuf};

use super::Finding;
use super::address::{of_base_url, of_environment};

/// What is read of a folder, and no more.
const FILES_MAX: usize = 5_000;
const FILE_BYTES_MAX: u64 = 1 << 20;
const KINDS: [&str; 9] = ["cjs", "cts", "js", "jsx", "mjs", "mts", "svelte", "ts", "tsx"];
const SKIPPED: [&str; 6] = ["node_modules", "dist", "build", "out", "target", "coverage"];

/// Looks through a file or a folder.
///
/// # Errors
/// It cannot be read.
pub(super) fn look(path: &Path) -> Result<Vec<Finding>, String> {
    let mut files = Vec::new();
    collect(path, true, &mut files).map_err(|error| format!("{}: {error}", path.display()))?;
    let mut findings = Vec::new();
    let mut settings = 0;
    for file in &files {
        let Ok(text) = std::fs::read_to_string(file) else { continue };
        for setting in settings_in(&text) {
            settings += 1;
            findings.extend(judge(file, &setting));
        }
    }
    if settings == 0 {
        findings.push(Finding::note(
            format!("source: no apiBaseUrl in {} ({} files)", path.display(), files.len()),
            "without coreConfig.apiBaseUrl the JavaScript SDK talks to production",
        ));
    }
    Ok(findings)
}

fn collect(path: &Path, is_named: bool, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    let about = path.symlink_metadata()?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    if files.len() >= FILES_MAX || (!is_named && about.is_symlink()) {
        return Ok(());
    }
    if path.is_dir() {
        if !is_named && (name.starts_with('.') || SKIPPED.contains(&name.as_ref())) {
            return Ok(());
        }
        let mut inside: Vec<PathBuf> =
            std::fs::read_dir(path)?.filter_map(|entry| Some(entry.ok()?.path())).collect();
        inside.sort();
        return inside.iter().try_for_each(|path| collect(path, false, files));
    }
    let kind = path.extension().unwrap_or_default().to_string_lossy();
    if is_named || (KINDS.contains(&kind.as_ref()) && about.len() <= FILE_BYTES_MAX) {
        files.push(path.to_owned());
    }
    Ok(())
}

/// A key of an object literal that this is about.
#[derive(Debug, PartialEq, Eq)]
struct Setting {
    key: String,
    line: usize,
    /// What the object literal around it belongs to: a key, or a function that is called with it.
    owner: String,
    /// What is written behind it, if that is a text.
    value: Option<String>,
}

fn judge(file: &Path, setting: &Setting) -> Vec<Finding> {
    let place = format!("{}:{}", file.display(), setting.line);
    let mend = "write coreConfig: { apiBaseUrl: … }";
    let mut findings = Vec::new();
    if setting.key == "apiBaseUrl" {
        findings.push(match setting.owner.as_str() {
            "coreConfig" => Finding::well(format!("{place}: coreConfig.apiBaseUrl")),
            "createDynamicClient" => Finding::wrong(
                format!(
                    "{place}: a top-level apiBaseUrl is silently ignored by the JavaScript SDK, \
                     which then talks to production"
                ),
                mend,
            ),
            _ => Finding::note(
                format!("{place}: an apiBaseUrl that is not in a coreConfig"),
                format!("if it goes to createDynamicClient, {mend}"),
            ),
        });
    }
    let found = match (setting.key.as_str(), &setting.value) {
        ("apiBaseUrl", Some(url)) => of_base_url(url),
        ("environmentId", Some(id)) => vec![of_environment(id)],
        _ => Vec::new(),
    };
    // What is right is not worth a line for each place; the address was looked at by itself.
    let wrong = found.into_iter().filter_map(|finding| match finding {
        Finding::Wrong { what, mend } => Some(Finding::wrong(format!("{place}: {what}"), mend)),
        Finding::Well { .. } | Finding::Note { .. } => None,
    });
    findings.extend(wrong);
    findings
}

/// Every `apiBaseUrl` and `environmentId` that is a key of an object literal.
///
/// No parser of the language: braces, texts and comments are enough to know what belongs to what.
fn settings_in(text: &str) -> Vec<Setting> {
    let mut found: Vec<Setting> = Vec::new();
    // The owners of the brackets that are open, the last word, and whether a value is due.
    let (mut owners, mut word, mut line) = (vec![String::new()], String::new(), 1);
    let (mut owner, mut is_value) = (String::new(), false);
    let mut rest = text.chars().peekable();
    while let Some(letter) = rest.next() {
        match letter {
            '\n' => line += 1,
            '/' if matches!(rest.peek(), Some('/' | '*')) => line += comment(&mut rest),
            '"' | '\'' | '`' => {
                let (content, lines) = literal(letter, &mut rest);
                if is_value && let Some(setting) = found.last_mut() {
                    setting.value.get_or_insert_with(|| content.clone());
                }
                (word, is_value) = (content, false);
                line += lines;
            }
            '{' | '(' | '[' => {
                let opener = if word.is_empty() { owner.clone() } else { word.clone() };
                owners.push(match letter {
                    '[' => String::new(),
                    _ => opener,
                });
                (word, is_value) = (String::new(), false);
                owner = owners.last().cloned().unwrap_or_default();
            }
            ':' | ',' | '}' | ')' | ']' => {
                let is_key = ["apiBaseUrl", "environmentId"].contains(&word.as_str());
                // With a colon, or short for a variable of the same name.
                if is_key && matches!(letter, ':' | ',' | '}') {
                    let owner = owners.last().cloned().unwrap_or_default();
                    found.push(Setting { key: word.clone(), line, owner, value: None });
                }
                is_value = is_key && letter == ':';
                owner = match letter {
                    ':' => std::mem::take(&mut word),
                    _ => String::new(),
                };
                if matches!(letter, '}' | ')' | ']') && owners.len() > 1 {
                    owners.pop();
                }
                word.clear();
            }
            _ if letter.is_alphanumeric() || letter == '_' || letter == '$' => {
                word.push(letter);
                while rest.peek().is_some_and(|next| next.is_alphanumeric() || "_$".contains(*next))
                {
                    word.extend(rest.next());
                }
                is_value = false;
            }
            _ if letter.is_whitespace() => {}
            _ => (word, is_value) = (String::new(), false),
        }
        if letter.is_whitespace() && rest.peek().is_some_and(|next| next.is_alphanumeric()) {
            word.clear();
        }
    }
    found
}

/// Skips the rest of a comment, and yields how many lines it spans.
fn comment(rest: &mut std::iter::Peekable<std::str::Chars<'_>>) -> usize {
    if rest.next() == Some('/') {
        // The line break stays, to be counted like any other.
        while rest.next_if(|next| *next != '\n').is_some() {}
        return 0;
    }
    let (mut last, mut lines) = (' ', 0);
    for next in rest {
        lines += usize::from(next == '\n');
        if last == '*' && next == '/' {
            break;
        }
        last = next;
    }
    lines
}

/// The content of a text up to its closing mark, and how many lines it spans.
fn literal(mark: char, rest: &mut impl Iterator<Item = char>) -> (String, usize) {
    let (mut content, mut lines) = (String::new(), 0);
    while let Some(letter) = rest.next() {
        match letter {
            '\\' => content.extend(rest.next()),
            _ if letter == mark => break,
            _ => {
                lines += usize::from(letter == '\n');
                content.push(letter);
            }
        }
    }
    (content, lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owners(text: &str) -> Vec<(String, String, Option<String>, usize)> {
        let settings = settings_in(text).into_iter();
        settings.map(|it| (it.key, it.owner, it.value, it.line)).collect()
    }

    #[test]
    fn a_setting_belongs_to_the_object_around_it() {
        let right = "
            // apiBaseUrl: 'http://comment'
            const client = createDynamicClient({
              environmentId: 'abc', autoInitialize: false, /* apiBaseUrl: 1, */
              metadata: { name: \"it's\" },
              coreConfig: { fetch, apiBaseUrl: `${mock}/api/v0` } });";
        assert_eq!(
            owners(right),
            [
                ("environmentId".into(), "createDynamicClient".into(), Some("abc".into()), 4),
                ("apiBaseUrl".into(), "coreConfig".into(), Some("${mock}/api/v0".into()), 6),
            ]
        );
        let wrong =
            "createDynamicClient({ 'apiBaseUrl': \"http://a/\", environmentId, coreConfig: {} })";
        assert_eq!(
            owners(wrong),
            [
                ("apiBaseUrl".into(), "createDynamicClient".into(), Some("http://a/".into()), 1),
                ("environmentId".into(), "createDynamicClient".into(), None, 1),
            ]
        );
        let short = "createDynamicClient({\n coreConfig: {\n apiBaseUrl } })";
        assert_eq!(owners(short), [("apiBaseUrl".into(), "coreConfig".into(), None, 3)]);
        let variable = "const config = { apiBaseUrl: process.env.URL ?? 'http://b' };";
        assert_eq!(owners(variable), [("apiBaseUrl".into(), "".into(), None, 1)]);
        assert_eq!(owners("const apiBaseUrl = 'x'; go(apiBaseUrl);"), []);
        assert_eq!(owners("} ) ] '"), []);
    }

    #[test]
    fn each_kind_of_setting_is_judged() {
        let judged = |text: &str| -> Vec<Finding> {
            settings_in(text).iter().flat_map(|it| judge(Path::new("a.ts"), it)).collect()
        };
        let top = judged("createDynamicClient({ apiBaseUrl: 'http://localhost:1/api/v0' })");
        assert!(matches!(&top[..], [Finding::Wrong { what, .. }] if what.contains("production")));
        let slash = judged("x({ coreConfig: { apiBaseUrl: 'http://localhost:1/api/v0/' } })");
        assert!(matches!(&slash[..], [Finding::Well { .. }, Finding::Wrong { what, .. }]
            if what.starts_with("a.ts:1: base URL: ")));
        let elsewhere = judged("const c = { apiBaseUrl }");
        assert!(matches!(&elsewhere[..], [Finding::Note { .. }]), "{elsewhere:?}");
        let id = judged("createDynamicClient({ environmentId: 'my-env' })");
        assert!(matches!(&id[..], [Finding::Wrong { .. }]), "{id:?}");
    }
}
