//! Social sign-in: the providers, and what is asked of the page that stands in for them.
//!
//! The real service sends people to a provider and gets a code back. Here the provider is a
//! page of this service, so that a whole sign-in runs on one machine and without an account.

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::command::Proof;
use crate::secret::Secret;
use crate::session::Client;
use crate::trusted_device::PresentedDevice;

mod account;
mod flow;
mod redirect;

pub(crate) use account::{account_for, is_meant};
pub(crate) use flow::{Flow, Flows, Granted, Phase};
pub(crate) use redirect::is_allowed as is_allowed_redirect;

/// The text names no provider of social sign-in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no provider of social sign-in")]
pub struct UnknownProvider(pub String);

macro_rules! providers {
    ($($name:ident => $word:literal),+ $(,)?) => {
        /// A provider of social sign-in, of those in the API's `ProviderEnum` that speak OAuth.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum SocialProvider {
            $(#[doc = concat!("`", $word, "`")] #[serde(rename = $word)] $name,)+
        }

        impl SocialProvider {
            /// Every provider, in alphabetical order.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The word on the wire.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word),+ }
            }
        }

        impl FromStr for SocialProvider {
            type Err = UnknownProvider;
            fn from_str(text: &str) -> Result<Self, UnknownProvider> {
                match text {
                    $($word => Ok(Self::$name),)+
                    _ => Err(UnknownProvider(text.to_owned())),
                }
            }
        }
    };
}

// Farcaster and Telegram have calls of their own, Okta belongs to single sign-on, and Shopify
// needs a shop's address.
providers! {
    Apple => "apple",
    Bitbucket => "bitbucket",
    Coinbase => "coinbasesocial",
    Discord => "discord",
    EpicGames => "epicgames",
    Facebook => "facebook",
    Github => "github",
    Gitlab => "gitlab",
    Google => "google",
    Instagram => "instagram",
    Kraken => "kraken",
    Line => "line",
    Linkedin => "linkedin",
    Microsoft => "microsoft",
    Spotify => "spotify",
    Steam => "steam",
    Tiktok => "tiktok",
    Twitch => "twitch",
    Twitter => "twitter",
}

impl fmt::Display for SocialProvider {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl SocialProvider {
    /// Whether the provider posts its answer as a form, as the SDK asks Apple to.
    pub const fn posts_its_answer(self) -> bool {
        matches!(self, Self::Apple)
    }
}

/// What is asked in the course of a social sign-in by somebody who is signed out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum SocialCommand {
    /// `POST providers/{providerType}/initAuth`
    Begin {
        /// Which provider.
        provider: SocialProvider,
        /// A value of the client's own, good for one sign-in.
        state: String,
        /// Where the app wants to be called back; absent: it will ask for the result.
        redirect_url: Option<String>,
    },
    /// `GET providers/{providerType}/login`, `…/loginUrl`
    Locate {
        /// Which provider.
        provider: SocialProvider,
        /// The address of its page, handed through where the provider is on.
        url: String,
    },
    /// `GET providers/{providerType}/authorizeHtml`: the provider's page, and its buttons.
    Ask {
        /// Which provider.
        provider: SocialProvider,
        /// Which sign-in.
        state: String,
        /// `code_challenge` (RFC 7636), always of the method S256.
        challenge: Option<String>,
        /// What the person has decided; none yet: the page is shown.
        decision: Option<Decision>,
    },
    /// `GET` and `POST providers/{providerType}/redirect`: back from the provider.
    Return {
        /// Which provider.
        provider: SocialProvider,
        /// Which sign-in.
        state: String,
        /// The provider's code; absent where the person has refused.
        code: Option<String>,
    },
    /// `POST providers/{providerType}/oauthResult`
    Poll {
        /// Which provider.
        provider: SocialProvider,
        /// Which sign-in.
        state: String,
    },
    /// `POST providers/{providerType}/signIn`
    SignIn {
        /// What came back.
        answer: ProviderAnswer,
        /// Who is signing in.
        client: Client,
        /// How the device shows itself.
        device: PresentedDevice,
    },
}

/// What a signed-in user asks about a social account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum SocialRequest {
    /// `POST providers/{providerType}/verify`: proves an account again, or links a new one.
    Verify {
        /// What came back.
        answer: ProviderAnswer,
        /// How the device shows itself.
        device: PresentedDevice,
        /// `requestedScopes`
        scopes: Vec<String>,
        /// Needed to link an account.
        proof: Proof,
    },
}

/// What a person decides on the provider's page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Decision {
    /// To sign in with the account of this name, address or id.
    As(String),
    /// Not to sign in.
    Refuse,
}

/// What the client brings back from the provider (`OauthRequest`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProviderAnswer {
    /// Which provider.
    pub provider: SocialProvider,
    /// Which sign-in.
    pub state: String,
    /// The provider's code.
    pub code: String,
    /// `codeVerifier` (RFC 7636)
    pub verifier: Option<String>,
}

/// What becomes of a step of a social sign-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SocialOutcome {
    /// The address of the provider's page.
    Located(String),
    /// The provider's page.
    Page(ConsentPage),
    /// The provider sends the person back.
    Consented(Consent),
    /// The app is called back there, or nowhere if it asks for the result itself.
    Returned {
        /// Where to.
        redirect_url: Option<String>,
        /// Which sign-in.
        state: String,
        /// The code; none if the person has refused.
        code: Option<Secret>,
    },
    /// The result of a sign-in, as far as there is one (`OauthResultResponse`).
    Pending,
    /// It has come back with a code.
    Completed(Secret),
    /// The person has refused.
    Refused,
}

/// The page that stands in for a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsentPage {
    /// Which provider.
    pub provider: SocialProvider,
    /// Which sign-in.
    pub state: String,
    /// `code_challenge`
    pub challenge: Option<String>,
    /// Where the app will be called back: the page's form must be allowed to lead there.
    pub redirect_url: Option<String>,
    /// Accounts to choose from, by what names them best.
    pub accounts: Vec<String>,
}

/// The provider's answer on its way back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consent {
    /// Which provider.
    pub provider: SocialProvider,
    /// Which sign-in.
    pub state: String,
    /// The code; none if the person has refused.
    pub code: Option<Secret>,
    /// Where the app will be called back.
    pub redirect_url: Option<String>,
}

/// Why a step of a social sign-in is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SocialRefusal {
    /// The provider is switched off.
    #[error("{provider} is not among the providers of this environment")]
    ProviderOff {
        /// Which provider.
        provider: SocialProvider,
    },
    /// The app may not be called back there.
    #[error("the app may not be called back at this address")]
    RedirectNotAllowed,
    /// Another sign-in has this state.
    #[error("a sign-in with this state is under way")]
    StateTaken,
    /// No such sign-in, or it has ended, or is not there yet.
    #[error("no sign-in of this state and provider has come this far, or it has expired")]
    NoSuchFlow,
    /// The code is not the one of this sign-in, was used before, or has expired.
    #[error("the code is not that of this sign-in, was used before, or has expired")]
    WrongCode,
    /// The verifier does not fit the challenge (RFC 7636 section 4.6).
    #[error("the code verifier does not fit the challenge")]
    WrongVerifier,
    /// Another user has the account's e-mail address.
    #[error("another user has the account's e-mail address, by way of {way}")]
    KnownEmail {
        /// The address.
        email: String,
        /// How that user signs in: a provider by the API's name.
        way: String,
    },
}

impl SocialRefusal {
    /// The rule behind the refusal.
    pub const fn rule(&self) -> &'static str {
        match self {
            Self::ProviderOff { .. } => "wire ProviderEnum",
            Self::RedirectNotAllowed => "S8",
            Self::StateTaken | Self::NoSuchFlow | Self::WrongCode => "wire OauthRequest",
            Self::WrongVerifier => "RFC 7636",
            Self::KnownEmail { .. } => "W5",
        }
    }
}
