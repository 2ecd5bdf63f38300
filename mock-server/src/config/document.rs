//! A TOML file that remembers where each of its values stands, to point at what is wrong.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use toml::de::{DeTable, DeValue};

/// A parsed file.
pub(crate) struct Document {
    path: PathBuf,
    text: String,
    value: Value,
    /// Where the key and the value of each path stand, such as `environments[0].users[1].email`.
    places: BTreeMap<String, Place>,
}

struct Place {
    key: Range<usize>,
    value: Range<usize>,
}

/// What is wrong, and where. `Display` is for people: place, problem, hint, and the line itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    path: PathBuf,
    line: usize,
    column: usize,
    width: usize,
    source: String,
    message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line, column, source, message, .. } = self;
        let (number, marks) = (line.to_string(), "^".repeat(self.width));
        let (margin, indent) = (" ".repeat(number.len()), " ".repeat(column - 1));
        writeln!(out, "{}:{line}:{column}: {message}", self.path.display())?;
        write!(out, "  {number} | {source}\n  {margin} | {indent}{marks}")
    }
}

impl Document {
    pub(crate) fn parse(path: &Path, text: String) -> Result<Self, Problem> {
        let mut document = Self {
            path: path.to_owned(),
            text: String::new(),
            value: Value::Null,
            places: BTreeMap::new(),
        };
        let parsed = DeTable::parse(&text)
            .map(|table| document.object("", table.get_ref()))
            .map_err(|error| (error.span().unwrap_or(0..0), error.message().to_owned()));
        document.text = text;
        match parsed {
            Ok(value) => {
                document.value = value;
                Ok(document)
            }
            Err((span, message)) => Err(document.problem(span, message)),
        }
    }

    /// The folder of the file, to which the paths in it are relative.
    pub(crate) fn folder(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new(""))
    }

    /// The file as a value of ours.
    pub(crate) fn typed<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        self.read_at("", self.value.clone())
    }

    /// A value that stands at a path, as a value of ours.
    pub(crate) fn read_at<T: DeserializeOwned>(
        &self,
        path: &str,
        value: Value,
    ) -> Result<T, Problem> {
        serde_path_to_error::deserialize(value).map_err(|error| {
            let inside = error.path().to_string();
            let place = joined(path, if inside == "." { "" } else { &inside });
            self.problem_at(&place, &error.inner().to_string())
        })
    }

    /// Points at a value, or at its key if that is what is wrong.
    pub(crate) fn problem_at(&self, path: &str, message: &str) -> Problem {
        let is_about_key = message.starts_with("unknown field");
        let span = match self.nearest(path) {
            Some(place) if is_about_key => place.key.clone(),
            Some(place) => place.value.clone(),
            None => 0..0,
        };
        let message = match path {
            "" => guess(message),
            _ if is_about_key => guess(message),
            _ => format!("{path}: {}", guess(message)),
        };
        self.problem(span, message)
    }

    /// The place of a path, or of what encloses it if it is not in the file.
    fn nearest(&self, path: &str) -> Option<&Place> {
        let mut path = path;
        loop {
            if let Some(place) = self.places.get(path) {
                return Some(place);
            }
            path = path.get(..path.rfind(['.', '['])?)?;
        }
    }

    fn problem(&self, span: Range<usize>, message: String) -> Problem {
        let before = self.text.get(..span.start).unwrap_or(&self.text);
        let begin = before.rfind('\n').map_or(0, |index| index + 1);
        let source = self.text.get(begin..).and_then(|rest| rest.lines().next()).unwrap_or("");
        let column = before.get(begin..).unwrap_or("").chars().count();
        // A problem may lie behind the `\r` of a line break, which is no part of the line.
        let column = column.min(source.chars().count());
        let marked = self.text.get(span).and_then(|marked| marked.lines().next()).unwrap_or("");
        Problem {
            path: self.path.clone(),
            line: before.matches('\n').count() + 1,
            column: column + 1,
            width: marked.chars().count().max(1),
            source: source.to_owned(),
            message,
        }
    }

    fn object(&mut self, path: &str, table: &DeTable<'_>) -> Value {
        let mut fields = Map::new();
        for (key, value) in table {
            let inside = joined(path, key.get_ref());
            let place = Place { key: key.span(), value: value.span() };
            self.places.insert(inside.clone(), place);
            fields.insert(key.get_ref().to_string(), self.json(&inside, value.get_ref()));
        }
        Value::Object(fields)
    }

    fn json(&mut self, path: &str, value: &DeValue<'_>) -> Value {
        match value {
            DeValue::String(text) => Value::from(text.as_ref()),
            DeValue::Integer(number) => {
                let (digits, radix) = (number.as_str(), number.radix());
                let whole = u64::from_str_radix(digits, radix).map(Value::from);
                let below = || i64::from_str_radix(digits, radix).map(Value::from);
                // A number that fits nowhere is shown as it was written, and refused as a text.
                whole.or_else(|_| below()).unwrap_or_else(|_| Value::from(digits))
            }
            DeValue::Float(number) => {
                number.as_str().parse::<f64>().map_or(Value::Null, Value::from)
            }
            DeValue::Boolean(flag) => Value::from(*flag),
            DeValue::Datetime(time) => Value::from(time.to_string()),
            DeValue::Array(items) => {
                let mut list = Vec::new();
                for (index, item) in items.iter().enumerate() {
                    let inside = format!("{path}[{index}]");
                    let place = Place { key: item.span(), value: item.span() };
                    self.places.insert(inside.clone(), place);
                    list.push(self.json(&inside, item.get_ref()));
                }
                Value::Array(list)
            }
            DeValue::Table(table) => self.object(path, table),
        }
    }
}

/// A path and what stands below it.
pub(super) fn joined(path: &str, inside: &str) -> String {
    match (path, inside) {
        ("", inside) => inside.to_owned(),
        (path, "") => path.to_owned(),
        (path, inside) => format!("{path}.{inside}"),
    }
}

/// Adds what was probably meant, where a message lists what could have been.
fn guess(message: &str) -> String {
    let quoted: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    let Some((wrong, known)) = quoted.split_first() else { return message.to_owned() };
    let near = known
        .iter()
        .map(|known| {
            (strsim::damerau_levenshtein(&wrong.to_lowercase(), &known.to_lowercase()), known)
        })
        .min_by_key(|(distance, _)| *distance)
        .filter(|(distance, _)| *distance <= 1 + wrong.chars().count() / 3);
    match (message.split_once(", expected"), near) {
        // The whole list would only hide the one that is meant.
        (Some((what, _)), Some((_, meant))) => format!("{what}; did you mean `{meant}`?"),
        _ => message.to_owned(),
    }
}
