//! Closed vocabularies: one word in text, one number in the database, never renumbered.

/// A word that is in no such vocabulary.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{word}` is not a {vocabulary}; it is one of: {known}")]
pub struct UnknownWord {
    /// What was written.
    pub word: String,
    /// The vocabulary's name in the field's words.
    pub vocabulary: &'static str,
    /// Every word it knows.
    pub known: String,
}

impl From<UnknownWord> for crate::Invalid {
    fn from(e: UnknownWord) -> Self {
        Self { problem: format!("is not a {}", e.vocabulary), cure: format!("write one of: {}", e.known) }
    }
}

macro_rules! vocabulary {
    ($(#[$doc:meta])* $vis:vis enum $name:ident as $label:literal { $($(#[$vdoc:meta])* $variant:ident = $code:literal $word:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        $vis enum $name { $($(#[$vdoc])* #[serde(rename = $word)] $variant),* }

        impl $name {
            /// Every member, in the order of its code.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The word, as in files, pages and policies.
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }

            /// The number in the database; never reused for another meaning.
            pub fn code(self) -> i64 {
                match self { $(Self::$variant => $code),* }
            }

            /// The member with this number.
            pub fn from_code(code: i64) -> Option<Self> {
                match code { $($code => Some(Self::$variant),)* _ => None }
            }
        }

        // By hand: the derive does not see a word that a macro hands on, and would describe the variants' names.
        #[cfg(feature = "openapi")]
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                utoipa::openapi::schema::Object::builder()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .description(Some($label))
                    .enum_values(Some([$($word),*]))
                    .into()
            }
        }

        #[cfg(feature = "openapi")]
        impl utoipa::ToSchema for $name {
            fn name() -> std::borrow::Cow<'static, str> {
                std::borrow::Cow::Borrowed(stringify!($name))
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.word())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::vocabulary::UnknownWord;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let word = text.trim().to_ascii_lowercase();
                match word.as_str() {
                    $($word => Ok(Self::$variant),)*
                    _ => Err($crate::vocabulary::UnknownWord {
                        word: text.trim().chars().take(60).collect(),
                        vocabulary: $label,
                        known: [$($word),*].join(", "),
                    }),
                }
            }
        }
    };
}
pub(crate) use vocabulary;
