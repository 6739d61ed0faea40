//! Reports that are wrong, each in one named way: a reader refuses them or takes them with a problem, except those of
//! [`TOLERATED`], of which nothing is lost; it never falls over and never keeps media. The names say the form first.
//! Nothing here decodes to a picture of anything: where media is told by its first bytes, those bytes are followed by
//! nothing that could be shown.

mod bytes;
mod json;
mod tolerated;
mod xml;

pub use tolerated::TOLERATED;

/// Name, bytes, what is wrong.
pub type Malformed = (String, Vec<u8>, &'static str);

/// Every malformed file, in a fixed order; names are unique. A file may hold sound reports beside the wrong one.
pub fn malformed() -> Vec<Malformed> {
    let mut all = json::all();
    all.extend(xml::all());
    all.extend(bytes::all());
    all
}

/// A small sound report, to be broken.
pub const SOUND: &str = r#"{"reportId":"100000001","dateReceived":"2026-10-02T08:00:00Z","incidentSummary":{"incidentType":"Child Sex Trafficking","platform":"Example Chat","incidentDateTime":"2026-10-01T08:00:00Z"},"internetDetails":{"webPageIncident":{"url":["https://page.example.net/1"]}},"reporter":{"reportingPerson":{"firstName":"Trust","lastName":"Desk","email":["reports@provider.example.com"]}},"personOrUserReported":{"personOrUserReportedPerson":{"firstName":"Quinn","lastName":"Larkspur","age":41,"dateOfBirth":"1985-02-01","email":["quinn.larkspur@example.org"]},"espService":"Example Chat","screenName":"slate_example","ipCaptureEvent":[{"ipAddress":"192.0.2.7","eventName":"Login","dateTime":"2026-10-01T07:00:00Z","possibleProxy":false,"port":51515}],"deviceId":[{"idType":"IMEI","idValue":"001017000000017"}]},"fileDetails":[{"reportId":"100000001","fileId":"f1","originalFileName":"file-1.jpg","fileViewedByEsp":true,"fileRelevance":"Reported","industryClassification":"B2","originalFileHash":[{"hashType":"MD5","value":"0123456789abcdef0123456789abcdef"}]}],"additionalInfo":"Account reported by the provider."}"#;

/// The same report as XML, without its declaration.
pub const SOUND_XML: &str = r#"<report xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><reportId>100000001</reportId><dateReceived>2026-10-02T08:00:00Z</dateReceived><incidentSummary><incidentType>Child Sex Trafficking</incidentType><platform>Example Chat</platform><incidentDateTime>2026-10-01T08:00:00Z</incidentDateTime></incidentSummary><personOrUserReported><espService>Example Chat</espService><screenName>slate_example</screenName><ipCaptureEvent><ipAddress>192.0.2.7</ipAddress><eventName>Login</eventName><dateTime>2026-10-01T07:00:00Z</dateTime><port>51515</port></ipCaptureEvent></personOrUserReported><fileDetails><reportId>100000001</reportId><fileId>f1</fileId><fileRelevance>Reported</fileRelevance><originalFileHash hashType="MD5">0123456789abcdef0123456789abcdef</originalFileHash></fileDetails><additionalInfo>Account reported by the provider.</additionalInfo></report>"#;

/// A sound text with one part put in another's place.
fn swapped(sound: &str, part: &str, by: &str) -> String {
    assert!(sound.contains(part), "the sound report has no {part}");
    sound.replacen(part, by, 1)
}

/// The same report under another number.
fn numbered(sound: &str, number: &str) -> String {
    sound.replace("100000001", number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn there_are_sixty_kinds_or_more_and_each_is_wrong_in_its_own_way() {
        let all = malformed();
        assert!(all.len() >= 60, "{}", all.len());
        assert_eq!(all.iter().map(|(name, ..)| name).collect::<HashSet<_>>().len(), all.len());
        assert_eq!(all.iter().map(|(_, bytes, _)| bytes).collect::<HashSet<_>>().len(), all.len());
        assert!(all.iter().all(|(_, bytes, _)| bytes != SOUND.as_bytes() && bytes != SOUND_XML.as_bytes()));
        assert!(all.iter().all(|(_, _, why)| !why.is_empty()));
        assert_eq!(malformed(), all, "the list repeats");
    }

    #[test]
    fn the_report_they_are_broken_from_is_sound() {
        let value: serde_json::Value = serde_json::from_str(SOUND).unwrap();
        assert_eq!(value["reportId"], "100000001");
        let reads = |name: &str, text: &[u8]| {
            let told_of_syntax = ["json-cut", "json-open", "json-bare"].iter().any(|p| name.starts_with(p));
            (serde_json::from_slice::<serde_json::Value>(text).is_err(), told_of_syntax)
        };
        for (name, bytes, _) in malformed() {
            let (broken, said) = reads(&name, &bytes);
            assert!(!said || broken, "{name} is JSON after all");
        }
    }

    #[test]
    fn no_file_here_is_large() {
        // A reader's guard against size is tested by a stream, not by a fixture.
        assert!(malformed().iter().all(|(_, bytes, _)| bytes.len() < 300_000));
    }
}
