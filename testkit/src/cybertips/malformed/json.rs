//! Wrong reports in JSON.

use super::{Malformed, SOUND, numbered, swapped};

/// What stands in place of what, in the sound report.
const SWAPS: &[(&str, &str, &str, &str)] = &[
    ("no-number", r#""reportId":"100000001","dateReceived""#, r#""dateReceived""#, "reportId is missing"),
    ("empty-number", r#"{"reportId":"100000001""#, r#"{"reportId":"""#, "reportId is empty"),
    ("null-number", r#"{"reportId":"100000001""#, r#"{"reportId":null"#, "reportId is null"),
    ("letters-in-number", r#"{"reportId":"100000001""#, r#"{"reportId":"10000000A""#, "reportId is not of digits"),
    ("negative-number", r#"{"reportId":"100000001""#, r#"{"reportId":-5"#, "reportId is negative"),
    ("fraction-number", r#"{"reportId":"100000001""#, r#"{"reportId":1.5"#, "reportId is a fraction"),
    ("rounded-number", r#"{"reportId":"100000001""#, r#"{"reportId":1e300"#, "reportId lost its digits"),
    (
        "listed-number",
        r#"{"reportId":"100000001""#,
        r#"{"reportId":["100000001","100000002"]"#,
        "two reportIds in one report",
    ),
    ("object-number", r#"{"reportId":"100000001""#, r#"{"reportId":{"value":{}}"#, "reportId is an object"),
    ("markup-in-number", r#"{"reportId":"100000001""#, r#"{"reportId":"1<script>2""#, "reportId holds markup"),
    ("path-in-number", r#"{"reportId":"100000001""#, r#"{"reportId":"../../100000001""#, "reportId is a path"),
    (
        "twice-the-key",
        r#"{"reportId":"100000001""#,
        r#"{"reportId":"100000009","reportId":"100000001""#,
        "the key reportId stands twice",
    ),
    ("received-without-offset", "2026-10-02T08:00:00Z", "2026-10-02T08:00:00", "dateReceived has no offset"),
    ("received-no-time", "2026-10-02T08:00:00Z", "yesterday", "dateReceived is no time"),
    ("received-month-13", "2026-10-02T08:00:00Z", "2026-13-02T08:00:00Z", "dateReceived has a thirteenth month"),
    ("received-american", "2026-10-02T08:00:00Z", "10/02/2026 8:00 AM", "dateReceived is in local writing"),
    ("received-year-99999", "2026-10-02T08:00:00Z", "99999-10-02T08:00:00Z", "dateReceived is beyond all calendars"),
    ("received-number", r#""2026-10-02T08:00:00Z""#, "1790928000", "dateReceived is a bare number"),
    (
        "incident-day-31-february",
        "2026-10-01T08:00:00Z",
        "2026-02-31T08:00:00Z",
        "incidentDateTime is on a day that is none",
    ),
    ("summary-missing-type", r#""incidentType":"Child Sex Trafficking","#, "", "incidentType is missing"),
    (
        "summary-a-text",
        r#""incidentSummary":{"incidentType":"Child Sex Trafficking","platform":"Example Chat","incidentDateTime":"2026-10-01T08:00:00Z"}"#,
        r#""incidentSummary":"Child Sex Trafficking""#,
        "incidentSummary is a text",
    ),
    (
        "two-incidents-in-one",
        r#""internetDetails":{"#,
        r#""internetDetails":{"onlineGamingIncident":{"gameName":"Sample Quest"},"#,
        "internetDetails tells of two incidents where one may stand",
    ),
    (
        "details-a-number",
        r#""internetDetails":{"webPageIncident":{"url":["https://page.example.net/1"]}}"#,
        r#""internetDetails":5"#,
        "internetDetails is a number",
    ),
    (
        "url-an-object",
        r#"["https://page.example.net/1"]"#,
        r#"[{"href":{"to":"https://page.example.net/1"}}]"#,
        "a url is an object",
    ),
    ("port-70000", r#""port":51515"#, r#""port":70000"#, "a port above 65535"),
    ("port-0", r#""port":51515"#, r#""port":0"#, "a port of 0"),
    ("port-negative", r#""port":51515"#, r#""port":-1"#, "a negative port"),
    ("port-fraction", r#""port":51515"#, r#""port":515.15"#, "a port with a fraction"),
    ("port-word", r#""port":51515"#, r#""port":"https""#, "a port in words"),
    ("address-missing", r#""ipAddress":"192.0.2.7","#, "", "an ipCaptureEvent without ipAddress"),
    ("event-time-empty", r#""dateTime":"2026-10-01T07:00:00Z""#, r#""dateTime":"""#, "an event's dateTime is empty"),
    (
        "event-time-no-time",
        r#""dateTime":"2026-10-01T07:00:00Z""#,
        r#""dateTime":"07:00""#,
        "an event's dateTime has no day",
    ),
    (
        "proxy-maybe",
        r#""possibleProxy":false"#,
        r#""possibleProxy":"perhaps""#,
        "possibleProxy is neither true nor false",
    ),
    ("age-151", r#""age":41"#, r#""age":151"#, "an age above 150"),
    ("age-negative", r#""age":41"#, r#""age":-1"#, "a negative age"),
    ("age-in-words", r#""age":41"#, r#""age":"forty""#, "an age in words"),
    (
        "born-american",
        r#""dateOfBirth":"1985-02-01""#,
        r#""dateOfBirth":"02/01/1985""#,
        "dateOfBirth is in local writing",
    ),
    (
        "born-day-30-february",
        r#""dateOfBirth":"1985-02-01""#,
        r#""dateOfBirth":"1985-02-30""#,
        "dateOfBirth is a day that is none",
    ),
    ("device-without-type", r#""idType":"IMEI","#, "", "a deviceId without idType"),
    ("device-without-value", r#","idValue":"001017000000017""#, "", "a deviceId without idValue"),
    ("hash-without-type", r#""hashType":"MD5","#, "", "an originalFileHash without hashType"),
    ("hash-too-short", "0123456789abcdef0123456789abcdef", "0123456789abcdef", "an MD5 of half its digits"),
    (
        "hash-no-digits",
        "0123456789abcdef0123456789abcdef",
        "zzzz456789abcdef0123456789abcdef",
        "an MD5 with letters beyond f",
    ),
    (
        "supplemental-with-class",
        r#""fileRelevance":"Reported""#,
        r#""fileRelevance":"Supplemental Reported""#,
        "a supplemental file with industryClassification",
    ),
    (
        "supplemental-with-meme",
        r#""fileRelevance":"Reported","industryClassification":"B2""#,
        r#""fileRelevance":"Supplemental Reported","fileAnnotations":{"potentialMeme":true}"#,
        "a supplemental file with potentialMeme",
    ),
    (
        "file-of-another-report",
        r#""fileDetails":[{"reportId":"100000001""#,
        r#""fileDetails":[{"reportId":"100000002""#,
        "a file under another report's number",
    ),
    (
        "open-list",
        r#""fileDetails":[{"#,
        r#""fileDetails":[[{"#,
        "fileDetails is a list in a list, and its end is missing",
    ),
    (
        "parties-two",
        r#""personOrUserReported":{"#,
        r#""personOrUserReported":{"screenName":"first"},"personOrUserReported":{"#,
        "the key personOrUserReported stands twice",
    ),
    (
        "name-control-characters",
        r#""screenName":"slate_example""#,
        "\"screenName\":\"slate\\u0007\\u001b[31mexample\"",
        "a screenName with control characters",
    ),
    ("name-nul", r#""screenName":"slate_example""#, "\"screenName\":\"slate\\u0000example\"", "a screenName with NUL"),
    (
        "name-lone-surrogate",
        r#""screenName":"slate_example""#,
        "\"screenName\":\"slate\\ud800example\"",
        "half of a surrogate pair",
    ),
    (
        "data-uri-in-text",
        "Account reported by the provider.",
        "See data:image/png;base64,iVBORw0KGgo= there.",
        "a data URI in free text",
    ),
    (
        "data-uri-in-name",
        r#""screenName":"slate_example""#,
        r#""screenName":"data:image/png;base64,iVBORw0KGgo=""#,
        "a data URI for a screenName",
    ),
    (
        "data-uri-in-profile",
        r#""screenName":"slate_example""#,
        r#""profileUrl":["data:image/gif;base64,R0lGODlh"]"#,
        "a data URI for a profileUrl",
    ),
    (
        "bytes-of-a-file",
        r#""fileId":"f1""#,
        r#""fileId":"f1","fileData":"/9j/4AAQSkZJRgABAQ""#,
        "a file's bytes where only its details may stand",
    ),
];

pub(super) fn all() -> Vec<Malformed> {
    let swap = |(name, part, by, why): &(&str, &str, &str, &'static str)| {
        (format!("json-{name}"), swapped(SOUND, part, by).into_bytes(), *why)
    };
    let mut all: Vec<Malformed> = SWAPS.iter().map(swap).collect();
    let info = |by: String| swapped(SOUND, "Account reported by the provider.", &by);
    let whole = [
        ("not-a-report", "{\"hello\":\"world\"}".to_owned(), "an object that is no report"),
        ("empty-object", "{}".to_owned(), "an empty object"),
        ("empty-array", "[]".to_owned(), "an array without reports"),
        ("bare-word", "reports".to_owned(), "a word, not JSON"),
        ("a-text", "\"100000001\"".to_owned(), "a text where a report should be"),
        ("a-number", "100000001".to_owned(), "a number where a report should be"),
        ("null", "null".to_owned(), "null where a report should be"),
        ("array-of-texts", "[\"a\",1,null,true]".to_owned(), "an array of things that are no reports"),
        ("array-with-one-text", format!("[{SOUND},\"stray\"]"), "a text among the reports of an array"),
        ("array-in-array", format!("[[{SOUND}]]"), "an array in an array"),
        ("same-number-twice", format!("[{SOUND},{SOUND}]"), "one reportId twice in a file"),
        (
            "same-number-other-report",
            format!("[{SOUND},{}]", swapped(SOUND, "slate_example", "amber_example")),
            "one reportId for two different reports",
        ),
        ("cut", SOUND.get(..SOUND.len() / 2).unwrap_or_default().to_owned(), "the file ends in the middle"),
        (
            "cut-in-a-text",
            SOUND.split("Larkspur").next().unwrap_or_default().to_owned() + "Lark",
            "the file ends inside a text",
        ),
        ("cut-array", format!("[{SOUND},"), "the array does not end"),
        ("open-comma", swapped(SOUND, "\"age\":41,", "\"age\":41,,"), "two commas"),
        ("open-quotes", swapped(SOUND, "\"age\":41", "'age':41"), "single quotation marks"),
        ("open-comment", swapped(SOUND, "\"age\":41", "/* stated */\"age\":41"), "a comment"),
        ("open-nan", swapped(SOUND, "\"age\":41", "\"age\":NaN"), "NaN"),
        ("open-trailing", format!("{SOUND} and so on"), "words after the report"),
        (
            "lines-one-broken",
            format!("{SOUND}\n{{\"reportId\":\n{}\n", numbered(SOUND, "100000002")),
            "a broken line between two reports",
        ),
        (
            "lines-one-blank-report",
            format!("{SOUND}\n{{}}\n{}\n", numbered(SOUND, "100000002")),
            "an empty report between two",
        ),
        ("deep-100", swapped(SOUND, "41", &format!("{}{}", "[".repeat(100), "]".repeat(100))), "an age 100 lists deep"),
        ("deep-objects", format!("{}1{}", "{\"report\":".repeat(200), "}".repeat(200)), "objects 200 deep"),
        ("cut-deep", "[".repeat(100_000), "a hundred thousand lists that do not end"),
        (
            "base64-jpeg",
            info(format!("Appended: /9j/4AAQSkZJRg{}", "A".repeat(120))),
            "free text with a base64 run that begins as a JPEG does",
        ),
        (
            "base64-jpeg-lines",
            info(format!("/9j/4AAQSkZJRg{}", "AAAAAAAA\\n".repeat(16))),
            "the same, broken over lines",
        ),
        (
            "base64-png-in-bio",
            swapped(
                SOUND,
                "\"screenName\":\"slate_example\"",
                &format!("\"profileBio\":\"iVBORw0KGgo{}\"", "A".repeat(121)),
            ),
            "a profileBio with a base64 run that begins as a PNG does",
        ),
        (
            "hex-png",
            info(format!("89504e470d0a1a0a{}", "00".repeat(64))),
            "free text with a run of hexadecimal digits that begins as a PNG does",
        ),
        ("text-100-kib", info("Reported content. ".repeat(6_000)), "free text longer than 64 KiB"),
        ("name-10000", swapped(SOUND, "slate_example", &"x".repeat(10_000)), "a screenName of ten thousand letters"),
        (
            "key-10000",
            swapped(SOUND, "\"age\"", &format!("\"{}\"", "k".repeat(10_000))),
            "a key of ten thousand letters",
        ),
        (
            "many-captures",
            swapped(
                SOUND,
                "\"ipCaptureEvent\":[",
                &format!("\"ipCaptureEvent\":[{}", "{\"eventName\":\"Login\"},".repeat(2_000)),
            ),
            "two thousand events without an address",
        ),
        (
            "wrong-nesting",
            swapped(
                SOUND,
                "\"personOrUserReported\":{",
                "\"reporter\":{\"personOrUserReported\":{},\"screenName\":\"x\"},\"personOrUserReported\":{\"victim\":[{\"screenName\":\"y\"}],",
            ),
            "a victim inside the reported person, and reporter twice",
        ),
    ];
    all.extend(whole.into_iter().map(|(name, text, why)| (format!("json-{name}"), text.into_bytes(), why)));
    all
}
