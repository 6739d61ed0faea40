//! Wrong reports in XML.

use super::{Malformed, SOUND_XML, numbered, swapped};

const SWAPS: &[(&str, &str, &str, &str)] = &[
    ("no-number", "<reportId>100000001</reportId><dateReceived>", "<dateReceived>", "reportId is missing"),
    ("two-numbers", "<dateReceived>", "<reportId>100000002</reportId><dateReceived>", "two reportIds in one report"),
    ("port-70000", "51515", "70000", "a port above 65535"),
    ("bad-time", "2026-10-01T07:00:00Z", "2026-10-01", "an event's dateTime is a day"),
    (
        "crossed-tags",
        "<platform>Example Chat</platform>",
        "<platform>Example <b>Chat</platform></b>",
        "elements that cross",
    ),
    ("unclosed-tag", "</incidentSummary>", "", "an element that does not end"),
    ("wrong-end", "</incidentSummary>", "</incidentSummarY>", "an end tag of another name"),
    ("bare-ampersand", "Example Chat</platform>", "Example & Chat</platform>", "an ampersand that begins no reference"),
    ("bare-less-than", "Account reported", "Account < reported", "a bare less-than sign"),
    ("unknown-entity", "Account reported", "Account &provider; reported", "an entity nobody declared"),
    ("html-entity", "Account reported", "Account&nbsp;reported", "an entity of HTML"),
    ("reference-to-nul", "slate_example", "slate&#0;example", "a character reference to NUL"),
    ("reference-beyond", "slate_example", "slate&#x110000;example", "a character reference beyond Unicode"),
    ("open-cdata", "Account reported by the provider.", "<![CDATA[Account reported", "CDATA that does not end"),
    ("open-comment", "Account reported", "<!-- Account reported", "a comment that does not end"),
    ("attribute-without-quotes", "hashType=\"MD5\"", "hashType=MD5", "an attribute without quotation marks"),
    ("attribute-twice", "hashType=\"MD5\"", "hashType=\"MD5\" hashType=\"SHA1\"", "an attribute twice"),
    ("hash-without-type", " hashType=\"MD5\"", "", "an originalFileHash without hashType"),
    (
        "supplemental-with-class",
        "<fileRelevance>Reported</fileRelevance>",
        "<fileRelevance>Supplemental Reported</fileRelevance><industryClassification>A1</industryClassification>",
        "a supplemental file with industryClassification",
    ),
    (
        "supplemental-with-meme",
        "<fileRelevance>Reported</fileRelevance>",
        "<fileRelevance>Supplemental Reported</fileRelevance><fileAnnotations><potentialMeme/></fileAnnotations>",
        "a supplemental file with potentialMeme",
    ),
    ("data-uri", "Account reported by the provider.", "data:image/png;base64,iVBORw0KGgo=", "a data URI in free text"),
    (
        "elements-in-number",
        "<reportId>100000001</reportId><date",
        "<reportId><n>1</n></reportId><date",
        "elements inside reportId",
    ),
    ("address-missing", "<ipAddress>192.0.2.7</ipAddress>", "", "an ipCaptureEvent without ipAddress"),
    (
        "unbound-prefix",
        "<platform>Example Chat</platform>",
        "<x:platform>Example Chat</x:platform>",
        "a prefix no namespace is bound to",
    ),
];

pub(super) fn all() -> Vec<Malformed> {
    let swap = |(name, part, by, why): &(&str, &str, &str, &'static str)| {
        (format!("xml-{name}"), swapped(SOUND_XML, part, by).into_bytes(), *why)
    };
    let mut all: Vec<Malformed> = SWAPS.iter().map(swap).collect();
    let uses_entity = swapped(SOUND_XML, "Account reported", "&e; reported");
    let bomb: String = (1..10).fold("<!ENTITY e0 \"ha\">".to_owned(), |text, n| {
        text + &format!("<!ENTITY e{n} \"{}\">", format!("&e{};", n - 1).repeat(10))
    });
    let whole = [
        ("entity-bomb", format!("<!DOCTYPE report [{bomb}]>{}", uses_entity.replace("&e;", "&e9;")), "entities that swell to a thousand million"),
        ("entity-of-a-file", format!("<!DOCTYPE report [<!ENTITY e SYSTEM \"file:///etc/hostname\">]>{uses_entity}"), "an entity that reads a file"),
        ("entity-of-the-net", format!("<!DOCTYPE report [<!ENTITY e SYSTEM \"https://page.example.net/e\">]>{uses_entity}"), "an entity that asks the network"),
        ("entity-in-itself", format!("<!DOCTYPE report [<!ENTITY e \"&e;\">]>{uses_entity}"), "an entity that holds itself"),
        ("parameter-entity", format!("<!DOCTYPE report [<!ENTITY % p SYSTEM \"https://page.example.net/p\"> %p;]>{SOUND_XML}"), "a parameter entity"),
        ("dtd", format!("<!DOCTYPE report SYSTEM \"https://page.example.net/report.dtd\">{SOUND_XML}"), "a DTD from elsewhere"),
        ("dtd-inside", format!("<!DOCTYPE report [<!ELEMENT report ANY>]>{SOUND_XML}"), "a DTD"),
        ("html", "<!DOCTYPE html><html><body><p>Sign in to continue.</p></body></html>".to_owned(), "a page of a web site"),
        ("response", "<reportResponse><responseCode>2000</responseCode><responseDescription>authentication required</responseDescription></reportResponse>".to_owned(), "the API's response, not a report"),
        ("other-root", "<note><to>Desk</to></note>".to_owned(), "a root that is no report"),
        ("empty-root", "<report/>".to_owned(), "an empty report"),
        ("no-reports", "<reports></reports>".to_owned(), "no report inside"),
        ("two-roots", format!("{SOUND_XML}{}", numbered(SOUND_XML, "100000002")), "two roots"),
        ("same-number-twice", format!("<reports>{SOUND_XML}{SOUND_XML}</reports>"), "one reportId twice in a file"),
        ("report-in-report", swapped(SOUND_XML, "<additionalInfo>", &format!("{}<additionalInfo>", numbered(SOUND_XML, "100000002"))), "a report inside a report"),
        ("text-among-reports", format!("<reports>{SOUND_XML}stray{}</reports>", numbered(SOUND_XML, "100000002")), "words among the reports"),
        ("one-of-three-broken", format!("<reports>{SOUND_XML}{}{}</reports>", swapped(&numbered(SOUND_XML, "100000002"), "51515", "70000"), numbered(SOUND_XML, "100000003")), "the second of three reports has a port above 65535"),
        ("cut", SOUND_XML.get(..SOUND_XML.len() / 2).unwrap_or_default().to_owned(), "the file ends in the middle"),
        ("cut-in-a-tag", SOUND_XML.get(..SOUND_XML.len() - 4).unwrap_or_default().to_owned(), "the file ends inside a tag"),
        ("deep-100", swapped(SOUND_XML, "Account reported by the provider.", &format!("{}x{}", "<a>".repeat(100), "</a>".repeat(100))), "elements 100 deep"),
        ("cut-deep", "<report>".repeat(20_000), "twenty thousand elements that do not end"),
        ("late-declaration", format!("\n<!-- first -->\n<?xml version=\"1.0\"?>{SOUND_XML}"), "the declaration stands late"),
        ("wrong-version", format!("<?xml version=\"9.9\"?>{SOUND_XML}"), "a version of XML nobody wrote"),
        ("unknown-encoding", format!("<?xml version=\"1.0\" encoding=\"X-EXAMPLE\"?>{SOUND_XML}"), "an encoding nobody knows"),
        ("lying-encoding", format!("<?xml version=\"1.0\" encoding=\"UTF-16\"?>{SOUND_XML}"), "UTF-16 is declared and UTF-8 stands there"),
        ("attributes-1000", swapped(SOUND_XML, "hashType=\"MD5\"", &(0..1_000).map(|n| format!("a{n}=\"\" ")).collect::<String>()), "a thousand attributes and not the one that is needed"),
    ];
    all.extend(whole.into_iter().map(|(name, text, why)| (format!("xml-{name}"), text.into_bytes(), why)));
    all
}
