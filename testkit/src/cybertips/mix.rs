//! How often what is reported: facts with their source, and the words of the published API.

/// Incident types, as often as CyberTipline reports of 2022 held them. Source: NCMEC, CyberTipline 2022 report
/// contents, as collected by apparebit/intransparent, csam-report-contents.csv ("kind of exploitation", 2022).
/// Words: the published reporting API (domain.md section 9).
pub(super) const INCIDENT_TYPES: &[(&str, u64)] = &[
    ("Child Pornography (possession, manufacture, and distribution)", 31_901_234),
    ("Online Enticement of Children for Sexual Acts", 80_524),
    ("Unsolicited Obscene Material Sent to a Child", 35_624),
    ("Child Sex Trafficking", 18_336),
    ("Child Sexual Molestation", 12_906),
    ("Misleading Words or Digital Images on the Internet", 7_517),
    ("Misleading Domain Name", 1_948),
    ("Child Sex Tourism", 940),
];

/// Platforms, as often as they reported in 2022. Source: NCMEC, 2022 reports by electronic service provider, as
/// collected by apparebit/intransparent, csam-reports-per-platform.json. Alphabet's count stands at Google.
pub(super) const PLATFORMS: &[(&str, u64)] = &[
    ("Facebook", 21_165_208),
    ("Instagram", 5_007_902),
    ("Google", 2_174_548),
    ("WhatsApp", 1_017_555),
    ("Snapchat", 551_086),
    ("TikTok", 288_125),
    ("Microsoft", 107_274),
    ("Twitter", 98_050),
    ("Reddit", 52_592),
    ("Pinterest", 34_310),
    ("Tumblr", 4_845),
    ("Quora", 2_242),
    ("LinkedIn", 201),
    ("Wordpress", 190),
];

/// States a report may point at: the fifty and the District of Columbia.
pub(super) const STATES: &[&str] = &[
    "AL", "AK", "AZ", "AR", "CA", "CO", "CT", "DE", "DC", "FL", "GA", "HI", "ID", "IL", "IN", "IA", "KS", "KY", "LA",
    "ME", "MD", "MA", "MI", "MN", "MS", "MO", "MT", "NE", "NV", "NH", "NJ", "NM", "NY", "NC", "ND", "OH", "OK", "OR",
    "PA", "RI", "SC", "SD", "TN", "TX", "UT", "VT", "VA", "WA", "WV", "WI", "WY",
];

/// Countries of reports that resolve elsewhere (ISO 3166-1 alpha-2).
pub(super) const COUNTRIES: &[&str] = &["CA", "MX", "GB", "DE", "PH", "BR", "IN", "AU"];

/// Annotations of a report, in the published order; `informational` is set by itself.
pub(super) const REPORT_ANNOTATIONS: &[&str] =
    &["sextortion", "csamSolicitation", "minorToMinorInteraction", "spam", "sadisticOnlineExploitation"];

/// Annotations of a file; `potentialMeme` is set by itself, for a supplemental file may not carry it.
pub(super) const FILE_ANNOTATIONS: &[&str] = &["viral", "possibleSelfProduction", "liveStreaming", "generativeAi"];

/// Events in which an address or a device was seen.
pub(super) const EVENTS: &[&str] = &["Login", "Registration", "Purchase", "Upload", "Other", "Unknown"];

/// Industry classes of files.
pub(super) const CLASSES: &[&str] = &["A1", "A2", "B1", "B2"];
