//! The words of the reporting API that come from lists. Lists grow: a word that is not yet listed is kept as written
//! and written back.
//!
//! Source: NCMEC's published CyberTipline reporting API, read through Nachtalb/ncmec-cybertip @ab21127.

use super::{Line, parsed_text};
use crate::problem::Invalid;

/// A word no list holds yet, as written: at most 255 letters on one line.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Unlisted(String);
parsed_text!(Unlisted);

impl Unlisted {
    /// Refuses what is too long to be a word of a list, and what [`Line`] refuses.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let line = Line::parse(text)?;
        if line.as_str().chars().count() > 255 {
            return Err(Invalid::new("is longer than 255 letters", "write one word of the reporting API's list"));
        }
        Ok(Self(line.into()))
    }

    /// The same for a word that stands as a key: a letter first, then letters, digits, `_` and `-`, at most 64.
    fn key(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        let first = text.bytes().next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_');
        let rest = text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'));
        if !first || !rest || text.len() > 64 {
            return Err(Invalid::new("is not the name of an annotation", "write it as the reporting API does"));
        }
        Ok(Self(text.to_owned()))
    }
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident by $unlisted:ident { $($(#[$vdoc:meta])* $variant:ident $word:literal $(| $alias:literal)*),* $(,)? })*) => { $(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub enum $name {
            $($(#[$vdoc])* $variant,)*
            /// A word the list did not hold when this was written.
            Unlisted(Unlisted),
        }

        impl $name {
            /// Every listed word.
            pub const LISTED: &'static [Self] = &[$(Self::$variant),*];

            /// Reads a word in any case; one that is not listed is kept as written.
            pub fn parse(text: &str) -> Result<Self, Invalid> {
                let text = text.trim();
                $(if text.eq_ignore_ascii_case($word) $(|| text.eq_ignore_ascii_case($alias))* {
                    return Ok(Self::$variant);
                })*
                Unlisted::$unlisted(text).map(Self::Unlisted)
            }

            /// The word as the API writes it.
            pub fn word(&self) -> &str {
                match self {
                    $(Self::$variant => $word,)*
                    Self::Unlisted(word) => word.as_str(),
                }
            }
        }

        impl TryFrom<String> for $name {
            type Error = Invalid;
            fn try_from(text: String) -> Result<Self, Invalid> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(code: $name) -> Self {
                code.word().to_owned()
            }
        }

        /// A listed word is no content; an unlisted one may be.
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                match self {
                    Self::Unlisted(_) => f.write_str("Unlisted(..)"),
                    listed => f.write_str(listed.word()),
                }
            }
        }
    )* };
}

codes! {
    /// What a report is about (`incidentType`). NCMEC may re-assign it later; the original is kept.
    IncidentType by parse {
        /// Possession, manufacture and distribution.
        Possession "Child Pornography (possession, manufacture, and distribution)",
        /// Sex trafficking of a child (18 U.S.C. 1591).
        Trafficking "Child Sex Trafficking",
        /// Travel for the purpose.
        Tourism "Child Sex Tourism",
        /// Molestation.
        Molestation "Child Sexual Molestation",
        /// A domain name that misleads (18 U.S.C. 2252B).
        MisleadingDomain "Misleading Domain Name",
        /// Words or images that mislead (18 U.S.C. 2252C).
        MisleadingWords "Misleading Words or Digital Images on the Internet",
        /// Enticement (18 U.S.C. 2422(b)).
        Enticement "Online Enticement of Children for Sexual Acts",
        /// Obscene matter sent to a child (18 U.S.C. 1470).
        Unsolicited "Unsolicited Obscene Material Sent to a Child",
    }

    /// What is said of a report as a whole (`reportAnnotations`).
    ReportAnnotation by key {
        /// Blackmail with images.
        Sextortion "sextortion",
        /// A request for material.
        Solicitation "csamSolicitation",
        /// Between minors.
        MinorToMinor "minorToMinorInteraction",
        /// Sent in bulk.
        Spam "spam",
        /// Groups that coerce children into harm.
        Sadistic "sadisticOnlineExploitation",
        /// Lacks something an agency would need to act.
        Informational "informational",
    }

    /// What is said of a file (`fileAnnotations`).
    FileAnnotation by key {
        /// Drawn or virtual.
        Drawn "animeDrawingVirtualHentai",
        /// Probably spread out of outrage or in jest.
        PotentialMeme "potentialMeme",
        /// Spreads widely.
        Viral "viral",
        /// Perhaps made by the child itself.
        SelfProduction "possibleSelfProduction",
        /// Physical harm.
        PhysicalHarm "physicalHarm",
        /// Violence.
        Violence "violenceGore",
        /// With an animal.
        Bestiality "bestiality",
        /// From a live stream.
        LiveStreaming "liveStreaming",
        /// Of an infant.
        Infant "infant",
        /// Made by a machine.
        GenerativeAi "generativeAi",
    }

    /// Whether a file is itself reported (`fileRelevance`).
    FileRelevance by parse {
        /// The reported content.
        Reported "Reported",
        /// Context only: neither classified nor called a meme.
        Supplemental "Supplemental Reported",
    }

    /// The industry's class of a file (`industryClassification`): A to B by age, 1 to 2 by act.
    IndustryClass by parse {
        /// A1.
        A1 "A1",
        /// A2.
        A2 "A2",
        /// B1.
        B1 "B1",
        /// B2.
        B2 "B2",
    }

    /// What was done when an address or device was captured (`eventName`).
    EventName by parse {
        /// Sign-in.
        Login "Login",
        /// The account was made.
        Registration "Registration",
        /// Something was bought.
        Purchase "Purchase",
        /// Something was uploaded.
        Upload "Upload",
        /// The sender says: another event.
        Other "Other",
        /// The sender does not know.
        Unknown "Unknown",
    }

    /// What sort of device number (`idType`).
    DeviceIdType by parse {
        /// Mobile equipment identity.
        Imei "IMEI",
        /// SIM card number.
        Iccid "ICCID",
        /// Mobile subscriber identity.
        Imsi "IMSI",
        /// Address of a network interface.
        Mac "MAC" | "MAC Address" | "macAddress",
        /// A maker's serial number.
        Serial "Serial Number" | "Serial" | "serialNumber",
        /// Name of a wireless network: not matched, thousands share one.
        Ssid "SSID",
    }

    /// How a file's fingerprint was made (`hashType`).
    HashType by parse {
        /// MD5.
        Md5 "MD5" | "MD-5",
        /// SHA-1.
        Sha1 "SHA1" | "SHA-1",
        /// SHA-256.
        Sha256 "SHA256" | "SHA-256",
        /// PDQ, perceptual.
        Pdq "PDQ",
    }

    /// How an account belongs to a person (`accountType`).
    AccountType by parse {
        /// Pays for it.
        Billing "Billing",
        /// Linked by the person or the provider.
        Linked "Linked",
        /// A business's.
        Business "Business",
        /// A creator's.
        Creator "Creator",
        /// A parent's or guardian's: another person.
        Guardian "Parent/Guardian",
        /// The sender says: another way.
        Other "Other",
    }

    /// Why one report stands for many (`batchedReport.reason`).
    BatchReason by parse {
        /// A meme that spreads.
        ViralMeme "VIRAL_POTENTIAL_MEME",
    }

    /// What NCMEC's machine answered (`responseCode`).
    ResponseCode by parse {
        /// Taken.
        Success "0",
        /// Its server failed.
        ServerError "1000",
        /// Nobody signed in.
        AuthenticationRequired "2000",
        /// Not allowed.
        NotAuthorised "3000",
        /// Not understood.
        InvalidRequest "4000",
        /// Against a rule.
        ValidationFailed "4100",
        /// Not XML.
        MalformedXml "4110",
        /// No such report.
        NoReport "5001",
        /// No such file.
        NoFile "5002",
        /// Withdrawn before.
        AlreadyRetracted "5101",
        /// Finished before.
        AlreadyFinished "5102",
    }
}

impl HashType {
    /// How many hexadecimal digits a fingerprint of this sort has (RFC 1321, FIPS 180-4, PDQ's 256 bits).
    pub fn digits(&self) -> Option<usize> {
        match self {
            Self::Md5 => Some(32),
            Self::Sha1 => Some(40),
            Self::Sha256 | Self::Pdq => Some(64),
            Self::Unlisted(_) => None,
        }
    }
}

/// The ways in which something happened (`internetDetails`): the published list; another way stays free text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub enum IncidentKind {
    /// On a web page.
    #[default]
    WebPage,
    /// By e-mail.
    Email,
    /// In a newsgroup.
    Newsgroup,
    /// In a chat.
    Chat,
    /// In a game.
    Gaming,
    /// By mobile telephone.
    CellPhone,
    /// Without any network.
    NonInternet,
    /// Peer to peer.
    PeerToPeer,
}

impl IncidentKind {
    /// All of them, in the order of the API.
    pub const ALL: [Self; 8] = [
        Self::WebPage,
        Self::Email,
        Self::Newsgroup,
        Self::Chat,
        Self::Gaming,
        Self::CellPhone,
        Self::NonInternet,
        Self::PeerToPeer,
    ];

    /// The key under which the API puts it.
    pub fn key(self) -> &'static str {
        match self {
            Self::WebPage => "webPageIncident",
            Self::Email => "emailIncident",
            Self::Newsgroup => "newsgroupIncident",
            Self::Chat => "chatImIncident",
            Self::Gaming => "onlineGamingIncident",
            Self::CellPhone => "cellPhoneIncident",
            Self::NonInternet => "nonInternetIncident",
            Self::PeerToPeer => "peer2peerIncident",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lists grow: a word that is not yet listed is kept as written.
    #[test]
    fn unknown_words_survive_and_known_ones_are_met_in_any_case() {
        assert_eq!(HashType::parse("sha-256").unwrap(), HashType::Sha256);
        assert_eq!(ReportAnnotation::parse("SEXTORTION").unwrap().word(), "sextortion");
        let new = IncidentType::parse(" A type of next year ").unwrap();
        assert_eq!(new.word(), "A type of next year");
        assert_eq!(IncidentType::try_from(String::from(new.clone())).unwrap(), new);
        assert_eq!(format!("{new:?}"), "Unlisted(..)");
        assert!(ReportAnnotation::parse("two words").is_err());
        assert!(EventName::parse(&"x".repeat(256)).is_err());
        for known in IncidentType::LISTED {
            assert_eq!(&IncidentType::parse(known.word()).unwrap(), known);
        }
    }
}
