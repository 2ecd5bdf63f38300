//! Selection: which cases a run plays.
//!
//! Filters narrow: a case is selected when it passes every kind of filter that was given. An
//! unknown name is an error with the nearest known one, never a silently empty run.

use globset::{GlobBuilder, GlobMatcher};

use crate::case::{Case, Guide};
use crate::requirement::{Level, Requirements};
use crate::suggestion;

/// The filters of one run; empty lists select everything.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Exact case ids.
    pub cases: Vec<String>,
    /// Globs over case ids; `*` stays inside one path component, `**` does not.
    pub globs: Vec<String>,
    /// Names of guides.
    pub guides: Vec<String>,
    /// Requirement ids; a case counts when it can decide one of them.
    pub requirements: Vec<String>,
    /// Levels; a case counts when it proves a requirement of one of them.
    pub levels: Vec<Level>,
}

/// A filter names something that does not exist.
#[derive(Debug, thiserror::Error)]
pub enum SelectionError {
    /// No case has this id.
    #[error("unknown case \"{name}\"{hint}")]
    Case {
        /// What was asked for.
        name: String,
        /// The nearest known id, as text.
        hint: String,
    },
    /// No guide has this name.
    #[error("unknown guide \"{name}\"{hint}")]
    Guide {
        /// What was asked for.
        name: String,
        /// The nearest known name, as text.
        hint: String,
    },
    /// No requirement has this id.
    #[error("unknown requirement \"{name}\"{hint}")]
    Requirement {
        /// What was asked for.
        name: String,
        /// The nearest known id, as text.
        hint: String,
    },
    /// The glob does not parse.
    #[error("{0}")]
    Glob(#[from] globset::Error),
}

impl Selection {
    /// Whether this selects every case.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        self.cases.is_empty()
            && self.globs.is_empty()
            && self.guides.is_empty()
            && self.requirements.is_empty()
            && self.levels.is_empty()
    }

    /// The cases of `all` that pass, in their order.
    ///
    /// # Errors
    /// An unknown case, guide or requirement, or a glob that does not parse.
    pub fn pick<'a>(
        &self,
        all: &[&'a Case],
        requirements: &Requirements,
    ) -> Result<Vec<&'a Case>, SelectionError> {
        self.refuse_unknown_cases(all)?;
        self.refuse_unknown_requirements(requirements)?;
        let guides = self.guides.iter().map(|name| guide(name)).collect::<Result<Vec<_>, _>>()?;
        let globs = self.globs.iter().map(|text| glob(text)).collect::<Result<Vec<_>, _>>()?;
        let passes = |case: &Case| {
            let by_level = |level| case.proves.iter().any(|id| requirements.level(id) == level);
            (self.cases.is_empty() || self.cases.iter().any(|id| id == case.id))
                && (globs.is_empty() || globs.iter().any(|glob| glob.is_match(case.id)))
                && (guides.is_empty() || guides.iter().any(|guide| case.guides.contains(guide)))
                && (self.requirements.is_empty()
                    || self.requirements.iter().any(|id| case.proves.contains(&id.as_str())))
                && (self.levels.is_empty() || self.levels.iter().any(|level| by_level(*level)))
        };
        Ok(all.iter().copied().filter(|case| passes(case)).collect())
    }

    /// Why nothing passes, in words, when nothing does.
    #[must_use]
    pub fn why_nothing(&self, all: &[&Case], requirements: &Requirements) -> String {
        let picks = |one: Self| one.pick(all, requirements).map_or(0, |cases| cases.len());
        for text in &self.globs {
            let alone = Self { globs: vec![text.clone()], ..Self::default() };
            if picks(alone) > 0 {
                continue;
            }
            let wider = format!("{}/**", text.trim_end_matches(['*', '/']));
            let many = picks(Self { globs: vec![wider.clone()], ..Self::default() });
            let hint = match many {
                0 => "`list` has every id".to_owned(),
                1 => format!("'{wider}' matches 1"),
                many => format!("'{wider}' matches {many}"),
            };
            return format!("--select '{text}' matches no case, `*` stops at a slash; {hint}");
        }
        "each filter selects cases, but no case passes all of them: leave one out".to_owned()
    }

    fn refuse_unknown_cases(&self, all: &[&Case]) -> Result<(), SelectionError> {
        for name in &self.cases {
            if !all.iter().any(|case| case.id == name) {
                let hint = suggestion::hint(name, all.iter().map(|case| case.id));
                return Err(SelectionError::Case { name: name.clone(), hint });
            }
        }
        Ok(())
    }

    fn refuse_unknown_requirements(&self, rows: &Requirements) -> Result<(), SelectionError> {
        let unknown = self.requirements.iter().find(|name| rows.find(name).is_none());
        match unknown {
            Some(name) => {
                let hint = suggestion::hint(name, rows.ids());
                Err(SelectionError::Requirement { name: name.clone(), hint })
            }
            None => Ok(()),
        }
    }
}

/// A glob whose `*` does not cross a `/`.
///
/// # Errors
/// The text is not a glob.
pub fn glob(text: &str) -> Result<GlobMatcher, globset::Error> {
    Ok(GlobBuilder::new(text).literal_separator(true).build()?.compile_matcher())
}

fn guide(name: &str) -> Result<Guide, SelectionError> {
    Guide::named(name).ok_or_else(|| SelectionError::Guide {
        name: name.to_owned(),
        hint: suggestion::hint(name, Guide::ALL.map(Guide::name)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::World;

    const fn case(
        id: &'static str,
        proves: &'static [&'static str],
        guide: &'static [Guide],
    ) -> Case {
        Case {
            id,
            title: "",
            proves,
            counter: None,
            guides: guide,
            needs: &[],
            world: World::PLAIN,
            play: |_| Ok(()),
        }
    }

    const ALL: &[&Case] = &[
        &case("totp/wrong-code", &["MFA-TOTP-016"], &[Guide::Totp]),
        &case("totp/enrol/first", &["MFA-TOTP-009"], &[Guide::Totp]),
        &case("recovery/ten-codes", &["MFA-REC-001"], &[Guide::RecoveryCodes]),
    ];

    const ROWS: &str = "
        [[requirement]]
        id = 'MFA-TOTP-016'
        title = 't'
        text = 'x.'
        level = 'SHOULD'
        basis = 'client'
        side = 'sdk'
    ";

    fn picked(selection: &Selection) -> Vec<&'static str> {
        let rows = Requirements::from_files(&[("rows.toml", ROWS)]).unwrap();
        selection.pick(ALL, &rows).unwrap().iter().map(|case| case.id).collect()
    }

    fn list(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn nothing_asked_is_everything() {
        assert_eq!(picked(&Selection::default()).len(), 3);
        assert!(Selection::default().is_everything());
    }

    #[test]
    fn a_star_stays_in_its_component() {
        let select = |glob| picked(&Selection { globs: list(&[glob]), ..Selection::default() });
        assert_eq!(select("totp/*"), ["totp/wrong-code"]);
        assert_eq!(select("totp/**"), ["totp/wrong-code", "totp/enrol/first"]);
        assert!(select("passkey/**").is_empty());
    }

    #[test]
    fn a_case_is_selected_by_its_id_alone() {
        let cases = list(&["recovery/ten-codes"]);
        assert_eq!(picked(&Selection { cases, ..Selection::default() }), ["recovery/ten-codes"]);
    }

    #[test]
    fn filters_of_different_kinds_narrow() {
        let globs = list(&["totp/**"]);
        let levels = vec![Level::Should];
        assert_eq!(
            picked(&Selection { globs, levels, ..Selection::default() }),
            ["totp/wrong-code"]
        );
        let guides = list(&["recovery-codes"]);
        assert_eq!(picked(&Selection { guides, ..Selection::default() }), ["recovery/ten-codes"]);
        let requirements = list(&["MFA-TOTP-016"]);
        let selection = Selection { requirements, ..Selection::default() };
        assert_eq!(picked(&selection), ["totp/wrong-code"]);
        assert!(!selection.is_everything());
    }

    #[test]
    fn an_unknown_name_is_an_error_with_the_nearest() {
        let rows = Requirements::default();
        let cases = list(&["totp/wrongcode"]);
        let error = Selection { cases, ..Selection::default() }.pick(ALL, &rows).unwrap_err();
        assert_eq!(
            error.to_string(),
            "unknown case \"totp/wrongcode\" (did you mean \"totp/wrong-code\"?)"
        );
        let guides = list(&["recovery-code"]);
        let error = Selection { guides, ..Selection::default() }.pick(ALL, &rows).unwrap_err();
        assert!(error.to_string().contains("did you mean \"recovery-codes\"?"), "{error}");
        let rows = Requirements::from_files(&[("rows.toml", ROWS)]).unwrap();
        let requirements = list(&["MFA-TOTP-61"]);
        let error =
            Selection { requirements, ..Selection::default() }.pick(ALL, &rows).unwrap_err();
        assert!(error.to_string().contains("did you mean \"MFA-TOTP-016\"?"), "{error}");
    }
}
