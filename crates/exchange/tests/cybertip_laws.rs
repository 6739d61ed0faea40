//! Laws of CyberTip reports: what is written reads back to the same tip, in both forms and across them.

use exchange::{TipFormat, read_tips, write_tip_json, write_tip_xml};
use model::tip::*;
use model::{Day, FreeText, Micros, ReportNumber, Tip};
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;

fn line() -> impl Strategy<Value = Line> {
    prop_oneof!["\\PC{1,16}", "[&<>\"' a-z\\]]{1,12}", "true|1|0|null|#text|value"]
        .prop_filter_map("a line", |s| Line::parse(&s).ok())
}

fn time() -> impl Strategy<Value = Micros> {
    // Years 1900 to 2200.
    (-2_208_988_800_000_000i64..7_258_118_400_000_000).prop_map(Micros)
}

/// A listed word, or one of next year.
fn code<T: Clone + std::fmt::Debug + 'static>(
    listed: &'static [T],
    parse: fn(&str) -> Result<T, model::Invalid>,
    unlisted: &'static str,
) -> impl Strategy<Value = T> {
    prop_oneof![prop::sample::select(listed), unlisted.prop_filter_map("a code", move |s| parse(&s).ok()),]
}

const WORD: &str = "\\PC{1,12}";
const NAME: &str = "[a-zA-Z_][a-zA-Z0-9_-]{0,12}";

prop_compose! {
    fn phone()(number in of(line()), calling_code in of(line())) -> PhoneNumber {
        PhoneNumber { number, calling_code }
    }
}

prop_compose! {
    fn address()(whole in of(line()), street in of(line()), city in of(line()), zip in of(line()),
        state in of(line()), other_state in of(line()), country in of(line())) -> PostalAddress {
        PostalAddress { whole, street, city, zip, state, other_state, country }
    }
}

prop_compose! {
    fn person()(first_name in of(line()), last_name in of(line()), phones in vec(phone(), 0..3),
        emails in vec(line(), 0..3), addresses in vec(address(), 0..2), age in of(0u8..=150),
        age_discrepancy in of(any::<bool>()), birth in of((1900..2030i32, 1..=12u8, 1..=28u8))) -> Person {
        let birth = birth.and_then(|(y, m, d)| Day::parse(&format!("{y}-{m:02}-{d:02}")).ok());
        Person { first_name, last_name, phones, emails, addresses, age, age_discrepancy, birth }
    }
}

prop_compose! {
    fn ip()(address in line(), event in of(code(EventName::LISTED, EventName::parse, WORD)), at in of(time()),
        possible_proxy in of(any::<bool>()), port in of(1u16..)) -> IpEvent {
        IpEvent { address: Some(address), event, at, possible_proxy, port }
    }
}

prop_compose! {
    fn device()(kind in code(DeviceIdType::LISTED, DeviceIdType::parse, WORD), value in line(),
        event in of(code(EventName::LISTED, EventName::parse, WORD)), at in of(time())) -> DeviceId {
        DeviceId { kind: Some(kind), value: Some(value), event, at }
    }
}

prop_compose! {
    fn presence()(service in of(line()), identifier in of(line()), screen_name in of(line()),
        profile_urls in vec(line(), 0..3), group in of(line()), ip_events in vec(ip(), 0..3),
        devices in vec(device(), 0..3)) -> Presence {
        Presence { service, identifier, screen_name, profile_urls, group, ip_events, devices }
    }
}

prop_compose! {
    fn account()(kind in of(code(AccountType::LISTED, AccountType::parse, WORD)), third_party in of(any::<bool>()),
        platform in of(line()), account_id in of(line()), age in of(0u8..=150), age_discrepancy in of(any::<bool>()),
        phones in vec(phone(), 0..2), emails in vec(line(), 0..2), addresses in vec(address(), 0..2),
        presence in presence()) -> Account {
        Account { kind, third_party, platform, account_id, age, age_discrepancy, phones, emails, addresses, presence }
    }
}

prop_compose! {
    fn party()(person in of(person()), presence in presence(), compromised in of(any::<bool>()),
        third_party in of(any::<bool>()), all_emails in of(any::<bool>()), prior_reports in vec(number(), 0..3),
        accounts in vec(account(), 0..2)) -> Party {
        // A person of whom nothing is known is none.
        let person = person.filter(|p| *p != Person::default());
        Party { person, presence, compromised, third_party, all_emails, prior_reports, accounts }
    }
}

fn number() -> impl Strategy<Value = ReportNumber> {
    "[0-9A-Za-z_./#-]{1,40}".prop_filter_map("a number", |s| ReportNumber::parse(&s).ok())
}

prop_compose! {
    fn details()(kind in prop::sample::select(IncidentKind::ALL.to_vec()), urls in vec(line(), 0..3),
        third_party_hosted in of(any::<bool>()), emails in vec(line(), 0..2), chat_client in of(line()),
        room in of(line()), phones in vec(phone(), 0..2), addresses in vec(address(), 0..2),
        ip_events in vec(ip(), 0..2), client in of(line()), known in any::<bool>()) -> InternetDetails {
        let incident = OnlineIncident {
            kind, urls, third_party_hosted, emails, chat_client, room, phones, addresses, ip_events, client,
        };
        InternetDetails { incidents: if known { vec![incident] } else { Vec::new() } }
    }
}

prop_compose! {
    fn file()(own in any::<bool>(), id in of(line()), uploaded in of(time()),
        (viewed, exif_viewed, public) in (of(any::<bool>()), of(any::<bool>()), of(any::<bool>())),
        relevance in of(code(FileRelevance::LISTED, FileRelevance::parse, WORD)),
        mut annotations in vec(code(FileAnnotation::LISTED, FileAnnotation::parse, NAME), 0..3),
        class in of(code(IndustryClass::LISTED, IndustryClass::parse, WORD)),
        hashes in vec((code(HashType::LISTED, HashType::parse, WORD), "[!-~]{1,80}", "[0-9a-f]{64}"), 0..4),
        ip_events in vec(ip(), 0..2), devices in vec(device(), 0..2)) -> (bool, TipFile) {
        annotations.sort();
        annotations.dedup();
        let context = relevance == Some(FileRelevance::Supplemental);
        if context {
            annotations.retain(|a| *a != FileAnnotation::PotentialMeme);
        }
        let class = class.filter(|_| !context);
        // A listed sort has its digits; one of next year may look like anything.
        let hashes = hashes.into_iter().filter_map(|(kind, any, digits)| {
            let value = kind.digits().map_or(any, |n| digits[..n].to_owned());
            Some(FileHash { kind: Some(kind), value: Some(HashValue::parse(&value).ok()?) })
        });
        let file = TipFile { report: None, id, uploaded, viewed, exif_viewed, public, relevance, annotations, class,
            hashes: hashes.collect(), ip_events, devices };
        (own, file)
    }
}

/// Free texts under keys of the API and of next year, alone, in lists with gaps, and deep.
fn words() -> impl Strategy<Value = Vec<TipWords>> {
    let label = prop_oneof![
        Just("additionalInfo".to_owned()),
        Just(String::new()),
        Just(Tip::ESCALATION.to_owned()),
        Just("lawEnforcement.agencyName".to_owned()),
        Just("reporter.reportingPerson.email 2.type".to_owned()),
        Just("internetDetailsOfNextYear 3.verified 2".to_owned()),
        "new[A-Z](\\.[a-z-]{1,3}( [2-9])?){0,4}".prop_filter("names", |l| l.split('.').all(|k| !k.starts_with('-'))),
    ];
    let text = "[\\PC\r\n\t]{0,30}[a-z<&\"]".prop_filter_map("a free text", |s| FreeText::parse(&s).ok());
    prop::collection::btree_map(label, text, 0..6)
        .prop_map(|all| all.into_iter().map(|(label, text)| TipWords { label, text }).collect())
}

prop_compose! {
    fn tip()(number in number(), received in of(time()), incident_time in of(time()), platform in of(line()),
        response in of(code(ResponseCode::LISTED, ResponseCode::parse, WORD)),
        batched in of(code(BatchReason::LISTED, BatchReason::parse, WORD)),
        incident_type in of(code(IncidentType::LISTED, IncidentType::parse, WORD)),
        mut annotations in vec(code(ReportAnnotation::LISTED, ReportAnnotation::parse, NAME), 0..4),
        details in vec(details(), 0..3), (reported, recipients, victims) in (vec(party(), 0..2), vec(party(), 0..2), vec(party(), 0..2)),
        files in vec(file(), 0..3), words in words(), dropped_names in 0u32..3) -> Tip {
        annotations.sort();
        annotations.dedup();
        let report = number.clone();
        let files = files.into_iter().map(|(own, f)| TipFile { report: own.then(|| report.clone()), ..f }).collect();
        Tip { received, response, batched, incident_type, incident_time, platform, annotations, details, reported,
            recipients, victims, files, words, dropped_names, ..Tip::new(number) }
    }
}

fn back(text: &str, format: TipFormat) -> Result<Tip, TestCaseError> {
    let mut r = read_tips("", text.as_bytes());
    prop_assert!(r.problems.is_empty(), "{:?}\n{text}", r.problems);
    prop_assert_eq!((r.format, r.tips.len()), (format, 1));
    Ok(r.tips.remove(0))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    /// Codes, annotations, events and hash types of next year, and every other text, survive both forms.
    #[test]
    fn what_is_written_reads_back_in_both_forms_and_across_them(tip in tip()) {
        let json = write_tip_json(&tip);
        let from_json = back(&json, TipFormat::Json)?;
        prop_assert!(from_json == tip, "{}", json);
        let xml = write_tip_xml(&from_json);
        let from_xml = back(&xml, TipFormat::Xml)?;
        prop_assert!(from_xml == tip, "{}", xml);
        prop_assert_eq!(write_tip_json(&from_xml), json);
        let sealed = serde_json::to_string(&tip).unwrap();
        prop_assert!(serde_json::from_str::<Tip>(&sealed).unwrap() == tip);
        prop_assert!(from_xml.drafts() == tip.drafts());
    }
}
