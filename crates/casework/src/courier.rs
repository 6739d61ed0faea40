//! How notices leave the portal: a letter, and what carries one. Casework knows neither HTTP nor SMTP.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use model::{Invalid, LetterId, Micros};

/// Format word of a letter.
pub const LETTER: &str = "concord.notices/1";

/// "You have so many new notices in Concord; sign in": all that leaves. It names no identifier, no subject, no case, and
/// not what the notices are about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// Its id, the same however often it is sent: a receiver that saw it has seen it.
    pub id: LetterId,
    /// When it was made.
    pub at: Micros,
    /// When the first of its notices should be answered.
    pub due: Micros,
    /// How many notices wait.
    pub count: usize,
    /// Where it goes.
    pub to: To,
}

/// Where a letter goes. An address is content: no accident prints it.
#[derive(Clone, PartialEq, Eq)]
pub enum To {
    /// To a member.
    Mail {
        /// Their e-mail address.
        address: String,
    },
    /// To an agency's own system.
    Webhook {
        /// Its URL.
        url: String,
        /// The key of the signature.
        secret: Secret,
    },
}

impl fmt::Debug for To {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Mail { .. } => "Mail(..)",
            Self::Webhook { .. } => "Webhook(..)",
        })
    }
}

/// Words that are printed on purpose only.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Keeps words to itself.
    pub fn new(words: impl Into<String>) -> Self {
        Self(words.into())
    }

    /// The words.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// Why a letter did not arrive. It holds nothing of the letter or its address, so it may stand in a table or a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Undelivered {
    /// The host has no address, or nobody there takes a connection.
    #[error("cannot be reached")]
    Unreachable,
    /// The operator's rules do not let letters go to this address.
    #[error("its address is not allowed here")]
    NotAllowed,
    /// It did not prove who it is, or offered no encryption.
    #[error("no trusted TLS")]
    Untrusted,
    /// It took too long.
    #[error("too slow")]
    Slow,
    /// It answered, and not that it took the letter; three digits of HTTP or SMTP.
    #[error("answered {0}")]
    Answered(u16),
    /// It answered that it never will; three digits of SMTP.
    #[error("refused with {0}")]
    Refused(u16),
    /// It answered what cannot be understood.
    #[error("did not answer as it should")]
    Unintelligible,
    /// Nothing was heard of the one who carried it, as often as it may be tried.
    #[error("lost on the way")]
    Lost,
}

impl Undelivered {
    /// Is it of use to try again?
    pub fn is_final(self) -> bool {
        matches!(self, Self::Refused(_) | Self::Lost)
    }

    pub(crate) fn code(self) -> i64 {
        match self {
            Self::Unreachable => 1,
            Self::NotAllowed => 2,
            Self::Untrusted => 3,
            Self::Slow => 4,
            Self::Unintelligible => 5,
            Self::Lost => 6,
            Self::Answered(digits) => 1_000 + i64::from(digits),
            Self::Refused(digits) => 100_000 + i64::from(digits),
        }
    }

    pub(crate) fn from_code(code: i64) -> Option<Self> {
        let digits = |from: i64| u16::try_from(code - from).ok();
        match code {
            1 => Some(Self::Unreachable),
            2 => Some(Self::NotAllowed),
            3 => Some(Self::Untrusted),
            4 => Some(Self::Slow),
            5 => Some(Self::Unintelligible),
            6 => Some(Self::Lost),
            1_000..100_000 => digits(1_000).map(Self::Answered),
            100_000.. => digits(100_000).map(Self::Refused),
            _ => None,
        }
    }
}

/// A letter on its way.
pub type Sending<'a> = Pin<Box<dyn Future<Output = Result<(), Undelivered>> + Send + 'a>>;

/// Carries letters of one kind.
pub trait Courier: Send + Sync {
    /// Carries one. It may be dropped at any point, and the letter then comes again with the same id.
    fn send<'a>(&'a self, letter: &'a Letter) -> Sending<'a>;

    /// An address in the form in which it is kept.
    ///
    /// # Errors
    /// When this courier would never go there.
    fn address(&self, to: &str) -> Result<String, Invalid>;
}

/// The couriers of an installation; without one, its letters are not made.
#[derive(Clone, Default)]
pub struct Couriers {
    /// Carries mail to members.
    pub mail: Option<Arc<dyn Courier>>,
    /// Calls agencies' webhooks.
    pub webhooks: Option<Arc<dyn Courier>>,
}

impl Couriers {
    /// No courier at all.
    pub fn is_empty(&self) -> bool {
        self.mail.is_none() && self.webhooks.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_reads_back_from_its_code() {
        use Undelivered::*;
        let all = [
            Unreachable,
            NotAllowed,
            Untrusted,
            Slow,
            Unintelligible,
            Lost,
            Answered(100),
            Answered(599),
            Answered(u16::MAX),
            Refused(550),
            Refused(u16::MAX),
        ];
        for why in all {
            assert_eq!(Undelivered::from_code(why.code()), Some(why));
        }
        assert_eq!(Undelivered::from_code(0), None);
        assert_eq!(Undelivered::from_code(-1), None);
    }

    #[test]
    fn no_accident_prints_an_address_or_a_secret() {
        let to = To::Webhook { url: "https://hidden.example.org".to_owned(), secret: Secret::new("hidden") };
        let letter = Letter { id: uuid::Uuid::nil().into(), at: Micros(0), due: Micros(0), count: 1, to };
        assert!(!format!("{letter:?}{:?}", Secret::new("hidden")).contains("hidden"));
        let mail = To::Mail { address: "hidden@example.org".to_owned() };
        assert!(!format!("{mail:?}").contains("hidden"));
    }
}
