//! What users tell about themselves: the writable part of a user.

use serde::{Deserialize, Serialize};

use crate::rare::Empty;

macro_rules! profile {
    ($($(#[$doc:meta])* $name:ident => $word:literal),+ $(,)?) => {
        /// What a user told about themself (`UserFields`); absent fields were never told.
        #[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "camelCase", deny_unknown_fields, default)]
        pub struct Profile {
            $($(#[$doc])* #[serde(skip_serializing_if = "Option::is_none")] pub $name: Option<String>,)+
            /// Consent to the policies.
            #[serde(skip_serializing_if = "Option::is_none")]
            pub policies_consent: Option<bool>,
            /// Free-form JSON of the app, as text.
            #[serde(skip_serializing_if = "Option::is_none")]
            pub metadata: Option<String>,
        }

        /// A change of the profile: an outer `None` leaves the field, `Some(None)` clears it.
        #[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields, default)]
        pub struct ProfileUpdate {
            $($(#[$doc])*
            #[serde(deserialize_with = "crate::written::change", skip_serializing_if = "Option::is_none")]
            pub $name: Option<Option<String>>,)+
            /// Consent to the policies.
            pub policies_consent: Option<bool>,
            /// Free-form JSON of the app, as text.
            pub metadata: Option<String>,
        }

        impl Empty for Profile {
            const EMPTY: &'static Self =
                &Self { $($name: None,)+ policies_consent: None, metadata: None };
        }

        impl Profile {
            /// The text fields by the API's names, in a fixed order.
            pub fn texts(&self) -> Vec<(&'static str, Option<&str>)> {
                vec![$(($word, self.$name.as_deref())),+]
            }

            /// Takes from another profile what this one lacks, and the fields that are named.
            pub fn absorb(&mut self, other: &Self, takes: impl Fn(&str) -> bool) {
                $(if other.$name.is_some() && (self.$name.is_none() || takes($word)) {
                    self.$name.clone_from(&other.$name);
                })+
                self.policies_consent = self.policies_consent.or(other.policies_consent);
                if self.metadata.is_none() {
                    self.metadata.clone_from(&other.metadata);
                }
            }

            /// Applies a change.
            pub fn update(&mut self, update: ProfileUpdate) {
                $(if let Some(value) = update.$name { self.$name = value; })+
                if update.policies_consent.is_some() {
                    self.policies_consent = update.policies_consent;
                }
                if update.metadata.is_some() {
                    self.metadata = update.metadata;
                }
            }
        }
    };
}

profile! {
    /// A short name.
    alias => "alias",
    /// Two upper-case letters.
    country => "country",
    /// Given name.
    first_name => "firstName",
    /// Family name.
    last_name => "lastName",
    /// Job title.
    job_title => "jobTitle",
    /// A telephone number, as typed.
    phone_number => "phoneNumber",
    /// Size of a shirt.
    t_shirt_size => "tShirtSize",
    /// Team.
    team => "team",
    /// A unique name.
    username => "username",
}
