//! Laws: no input panics, no draft is empty, and what is written reads back.

use exchange::{read, write_csv};
use model::*;
use proptest::prelude::*;

fn holds(r: &exchange::Reading) {
    assert!(!r.drafts.is_empty() || !r.problems.is_empty(), "a file always says something");
    for d in &r.drafts {
        assert!(!d.value.trim().is_empty() && d.value == d.value.trim(), "{:?}", d.value);
        assert!(!d.place.is_empty(), "a place for {:?}", d.value);
        assert!(d.kind != Kind::Handle || d.platform.is_some());
    }
}

fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z]{0,6}",
        Just("@id".to_owned()),
        Just("@type".to_owned()),
        Just("@context".to_owned()),
        Just("@value".to_owned()),
        Just("@list".to_owned()),
        Just("@graph".to_owned()),
        Just("@vocab".to_owned()),
        prop::sample::select(vec![
            "hasFacet",
            "phoneNumber",
            "addressValue",
            "accountLogin",
            "emailAddress",
            "IMSI",
            "hash",
            "hashValue",
            "from",
            "startTime",
            "src",
            "sourcePort",
            "source",
            "target",
            "kindOfRelationship",
            "familyName",
            "givenName",
            "birthdate",
            "application",
            "name",
            "owner",
        ])
        .prop_map(|w| format!("uco-observable:{w}")),
    ]
}

fn text() -> impl Strategy<Value = serde_json::Value> {
    prop_oneof![
        "\\PC{0,12}",
        "kb:[a-c]",
        prop::sample::select(vec![
            "PhoneAccountFacet",
            "EmailAccountFacet",
            "EmailAddressFacet",
            "DigitalAccountFacet",
            "CallFacet",
            "ContentDataFacet",
            "SimpleNameFacet",
            "BirthInformationFacet",
            "NetworkConnectionFacet",
            "IPv4AddressFacet",
            "SIMCardFacet",
            "MobileAccountFacet",
            "Victim",
        ])
        .prop_map(|w| format!("uco-observable:{w}")),
        Just("Has_Account".to_owned()),
        Just("1980-02-01T00:00:00Z".to_owned()),
        Just(" ".to_owned()),
    ]
    .prop_map(serde_json::Value::from)
}

fn json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![4 => text(), 1 => any::<i64>().prop_map(Into::into), 1 => any::<f64>().prop_map(Into::into),
        1 => Just(serde_json::Value::Null), 1 => any::<bool>().prop_map(Into::into)];
    leaf.prop_recursive(6, 60, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Into::into),
            prop::collection::vec((word(), inner), 0..8)
                .prop_map(|pairs| serde_json::Value::Object(pairs.into_iter().collect())),
        ]
    })
}

fn time() -> impl Strategy<Value = Option<Micros>> {
    // Years 1900 to 2200.
    prop::option::of((-2_208_988_800_000_000i64..7_258_118_400_000_000).prop_map(Micros))
}

fn some<T: Copy + std::fmt::Debug + 'static>(all: &'static [T]) -> impl Strategy<Value = Option<T>> {
    prop::option::of(prop::sample::select(all))
}

/// One line of anything printable, trimmed, with formula signs, separators and quotation marks.
fn cell() -> impl Strategy<Value = String> {
    "[-=+@,;\"'a-z\u{e9}\u{4e2d} ]{0,20}[-=+@,;\"'a-z\u{e9}\u{4e2d}]".prop_map(|s| s.trim().to_owned())
}

fn note() -> impl Strategy<Value = Option<FreeText>> {
    prop::option::of("[a-z,;\"=\r\n ]{0,40}x".prop_filter_map("a free text", |s| FreeText::parse(&s).ok()))
}

prop_compose! {
    fn draft()(
        kind in prop::sample::select(Kind::ALL), value in cell(), platform in cell(), has in any::<bool>(),
        role in prop::sample::select(EntryRole::ALL), age in prop::sample::select(AgeClass::ALL),
        class in some(EntryClass::ALL), source in some(Source::ALL), report in prop::option::of(cell()),
        (a, b) in (time(), time()), port in 1u16.., tlp in some(Tlp::ALL), orcon in any::<bool>(),
        (reliability, validity, level) in (some(Reliability::ALL), some(Validity::ALL), some(Level::ALL)),
        note in note(),
    ) -> EntryDraft {
        let seen = Window::new(a, b).unwrap_or(Window { from: b, to: a });
        EntryDraft {
            platform: (has || kind == Kind::Handle).then_some(platform),
            role, age, class, source, report, seen,
            port: (has && kind == Kind::Ip).then_some(port),
            marking: tlp.map(|tlp| Marking { tlp, release: "CA".parse().into_iter().collect(), originator_control: orcon, ..Marking::default() }),
            reliability, validity, level, note,
            ..EntryDraft::new("", kind, value)
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), name in "\\PC{0,8}") {
        holds(&read(&name, bytes.as_slice()));
        let headed = [b"kind,value,note,seen_from\n", bytes.as_slice()].concat();
        holds(&read("x.csv", headed.as_slice()));
    }

    #[test]
    fn arbitrary_rows_never_panic(rows in "((email|phone|handle|ip|fax)?[,;\t\"\r\n a-z0-9]{0,12}){0,20}") {
        holds(&read("x.csv", format!("kind,value,note\n{rows}").as_bytes()));
    }

    #[test]
    fn arbitrary_json_never_panics(value in json()) {
        holds(&read("x.json", value.to_string().as_bytes()));
    }

    #[test]
    fn what_is_written_reads_back(mut drafts in prop::collection::vec(draft(), 1..6)) {
        let text = write_csv(&drafts);
        let back = read("x.csv", text.as_bytes());
        prop_assert!(back.problems.is_empty(), "{:?}", back.problems);
        prop_assert_eq!(back.drafts.len(), drafts.len());
        for (written, read) in drafts.iter_mut().zip(&back.drafts) {
            written.place.clone_from(&read.place);
        }
        prop_assert!(drafts == back.drafts);
    }
}
