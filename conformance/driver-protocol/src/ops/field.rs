//! One named value among the arguments or results of an op.

use serde_json::Value;

/// A value that an op takes or gives, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// Name in the JSON object.
    pub name: &'static str,
    /// What JSON it is.
    pub form: Form,
    /// May the runner leave it out?
    ///
    /// Only arguments can be optional; a result that the SDK does not have is `null`.
    pub is_optional: bool,
    /// What it says, for people.
    pub meaning: &'static str,
}

impl Field {
    /// A field that is always there.
    pub(crate) const fn of(name: &'static str, form: Form, meaning: &'static str) -> Self {
        Self { name, form, is_optional: false, meaning }
    }

    /// An argument that may be left out.
    pub(crate) const fn may(name: &'static str, form: Form, meaning: &'static str) -> Self {
        Self { name, form, is_optional: true, meaning }
    }
}

/// The JSON that a field may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A string.
    Text,
    /// A string, or null when there is none.
    TextOrNull,
    /// `true` or `false`.
    Flag,
    /// A whole number from 0.
    Integer,
    /// A whole number from 0, or null when there is none.
    IntegerOrNull,
    /// An array of strings.
    Texts,
    /// An array of whole numbers from 0.
    Integers,
    /// An object.
    Object,
    /// An array of objects.
    Objects,
}

impl Form {
    /// What this form is called in the protocol reference.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Text => "string",
            Self::TextOrNull => "string or null",
            Self::Flag => "boolean",
            Self::Integer => "integer",
            Self::IntegerOrNull => "integer or null",
            Self::Texts => "array of strings",
            Self::Integers => "array of integers",
            Self::Object => "object",
            Self::Objects => "array of objects",
        }
    }

    /// The same with its article.
    pub(super) fn said(self) -> String {
        let article = if self.word().starts_with(['a', 'i', 'o']) { "an" } else { "a" };
        format!("{article} {}", self.word())
    }

    /// Is this value of the form?
    ///
    /// ```
    /// use driver_protocol::Form;
    /// use serde_json::json;
    ///
    /// assert!(Form::TextOrNull.fits(&json!(null)));
    /// assert!(!Form::Integer.fits(&json!("7")));
    /// ```
    #[must_use]
    pub fn fits(self, value: &Value) -> bool {
        let all = |of: fn(&Value) -> bool| value.as_array().is_some_and(|all| all.iter().all(of));
        match self {
            Self::Text => value.is_string(),
            Self::TextOrNull => value.is_string() || value.is_null(),
            Self::Flag => value.is_boolean(),
            Self::Integer => value.is_u64(),
            Self::IntegerOrNull => value.is_u64() || value.is_null(),
            Self::Texts => all(Value::is_string),
            Self::Integers => all(Value::is_u64),
            Self::Object => value.is_object(),
            Self::Objects => all(Value::is_object),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_form_takes_its_own_and_nothing_else() {
        let values = [json!(null), json!("a"), json!(true), json!(7), json!(["a"]), json!([7])];
        let fitting = |form: Form| -> Vec<usize> {
            values
                .iter()
                .enumerate()
                .filter(|(_, value)| form.fits(value))
                .map(|(at, _)| at)
                .collect()
        };
        assert_eq!(fitting(Form::Text), [1]);
        assert_eq!(fitting(Form::TextOrNull), [0, 1]);
        assert_eq!(fitting(Form::Flag), [2]);
        assert_eq!(fitting(Form::Integer), [3]);
        assert_eq!(fitting(Form::IntegerOrNull), [0, 3]);
        assert_eq!(fitting(Form::Texts), [4]);
        assert_eq!(fitting(Form::Integers), [5]);
        assert_eq!(fitting(Form::Object), [] as [usize; 0]);
        assert!(Form::Object.fits(&json!({})) && Form::Objects.fits(&json!([{}])));
        assert!(!Form::Integer.fits(&json!(-1)) && !Form::Objects.fits(&json!({})));
    }
}
