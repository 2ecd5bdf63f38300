//! What users tell about themselves: the writable part of a user.

use serde::{Deserialize, Serialize};

macro_rules! profile {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {
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

        impl Profile {
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
    alias,
    /// Two upper-case letters.
    country,
    /// Given name.
    first_name,
    /// Family name.
    last_name,
    /// Job title.
    job_title,
    /// A telephone number, as typed.
    phone_number,
    /// Size of a shirt.
    t_shirt_size,
    /// Team.
    team,
    /// A unique name.
    username,
}
