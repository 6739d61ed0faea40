//! CASE files of every shape, and what calls, connections, owners and roles add. All values are synthetic.

use exchange::{Reading, read};
use model::{EntryDraft, EntryRole, Kind};
use serde_json::{Value, json};

fn parse(value: &Value) -> Reading {
    read("case.jsonld", value.to_string().as_bytes())
}

/// The drafts of a file without a problem.
fn drafts(value: Value) -> Vec<EntryDraft> {
    let r = parse(&value);
    assert!(r.problems.is_empty(), "{:?}", r.problems);
    r.drafts
}

fn brief(list: &[EntryDraft]) -> Vec<String> {
    list.iter().map(|d| format!("{} {} {}", d.kind, d.value, d.platform.as_deref().unwrap_or("-"))).collect()
}

fn phone(id: &str, number: &str) -> Value {
    json!({ "@id": id, "@type": "uco-observable:PhoneAccount", "uco-core:hasFacet": [
        { "@type": "uco-observable:PhoneAccountFacet", "uco-observable:phoneNumber": number } ] })
}

fn refer(id: &str) -> Value {
    json!({ "@id": id })
}

#[test]
fn every_shape_of_file_is_read_alike() {
    let node = phone("kb:a", "+12025550123");
    for (file, place) in [
        (json!({ "@graph": [node] }), "/@graph/0/uco-core:hasFacet/0"),
        (json!({ "@type": "uco-core:Bundle", "uco-core:object": [node] }), "/uco-core:object/0/uco-core:hasFacet/0"),
        (json!([node]), "/0/uco-core:hasFacet/0"),
        (node.clone(), "/uco-core:hasFacet/0"),
    ] {
        let list = drafts(file);
        assert_eq!(brief(&list), ["phone +12025550123 -"]);
        assert_eq!(list[0].place, place);
    }
}

#[test]
fn names_are_known_by_any_prefix_in_full_and_by_vocabulary() {
    let new = "https://ontology.unifiedcyberontology.org/uco/observable/";
    let core = "https://ontology.unifiedcyberontology.org/uco/core/hasFacet";
    for file in [
        json!({ "@context": { "x": new, "has": core },
            "has": { "@type": ["x:EmailAddressFacet"], "x:addressValue": { "@value": "a@example.org" } } }),
        json!({ core: [{ "@type": format!("{new}EmailAddressFacet"), format!("{new}addressValue"): ["a@example.org"] }] }),
        json!({ "@context": [{ "@vocab": new, "id": "@id", "type": "@type" }], "id": "a",
            "hasFacet": [{ "type": "EmailAddressFacet", "addressValue": "a@example.org" }] }),
        json!({ "@context": { "o": "http://unifiedcyberontology.org/uco/observable#" },
            "@graph": [{ "@type": "o:EmailAddressFacet", "o:addressValue": "a@example.org" }] }),
    ] {
        assert_eq!(brief(&drafts(file)), ["email a@example.org -"]);
    }
    let foreign = json!({ "@context": { "uco-observable": "http://example.org/" },
        "@type": "uco-observable:EmailAddressFacet", "uco-observable:addressValue": "a@example.org" });
    assert!(parse(&foreign).problems[0].problem.starts_with("is JSON, but not CASE/UCO"));
}

#[test]
fn every_facet_gives_its_kind_and_nothing_else() {
    let facet = |word: &str, property: &str, value: Value| json!({ "@type": format!("uco-observable:{word}"), format!("uco-observable:{property}"): value });
    let hash = |method: &str, value: &str| {
        json!({ "@type": "uco-types:Hash", "uco-types:hashMethod": method,
            "uco-types:hashValue": { "@type": "xsd:hexBinary", "@value": value } })
    };
    let list = drafts(json!([
        facet("MobileAccountFacet", "MSISDN", json!(12_025_550_123_u64)),
        facet("MobileDeviceFacet", "IMEI", json!(["490154203237518", "490154203237526"])),
        facet("MobileDeviceFacet", "MSISDN", json!("2025550124")),
        facet("MobileDeviceFacet", "keypadUnlockCode", json!("1234")),
        facet("AccountAuthenticationFacet", "password", json!("secret")),
        facet("IPv6AddressFacet", "addressValue", json!("2001:db8::1")),
        facet("IPAddressFacet", "addressValue", json!("192.0.2.1")),
        facet("MACAddressFacet", "addressValue", json!("00:00:5e:00:53:01")),
        facet("DomainNameFacet", "value", json!(["HOSTNAME", "example.org", "abc.onion."])),
        facet("URLFacet", "fullValue", json!(["https://example.org/", "file:///C:/x", "FILE:x"])),
        facet("SIMCardFacet", "ICCID", json!("8901260000000000000")),
        facet("FileFacet", "fileName", json!("secret.txt")),
        facet("MessageFacet", "messageText", json!("write to b@example.org")),
        facet(
            "ContentDataFacet",
            "hash",
            json!([
                hash("MD5", "aa"),
                hash("SHA-256", "bb"),
                hash("SHA512", "cc"),
                hash("pdq", "dd"),
                hash("Sha1", " ")
            ])
        ),
    ]));
    assert_eq!(
        brief(&list),
        [
            "phone +12025550123 -",
            "imei 490154203237518 -",
            "imei 490154203237526 -",
            "phone 2025550124 -",
            "ip 2001:db8::1 -",
            "ip 192.0.2.1 -",
            "mac 00:00:5e:00:53:01 -",
            "domain example.org -",
            "onion abc.onion. -",
            "url https://example.org/ -",
            "iccid 8901260000000000000 -",
            "md5 aa -",
            "sha256 bb -",
            "pdq dd -",
        ]
    );
}

#[test]
fn accounts_take_their_platform_from_application_then_issuer() {
    let account = |facets: Value| json!({ "uco-core:hasFacet": facets });
    let login =
        |name: &str| json!({ "@type": "uco-observable:DigitalAccountFacet", "uco-observable:accountLogin": name });
    let issued = json!({ "@type": "uco-observable:AccountFacet", "uco-observable:accountIssuer": refer("kb:issuer") });
    let of =
        json!({ "@type": "uco-observable:ApplicationAccountFacet", "uco-observable:application": refer("kb:app") });
    let list = drafts(json!([
        { "@id": "kb:issuer", "@type": "uco-identity:Organization", "uco-core:name": "Issuer" },
        { "@id": "kb:app", "uco-core:hasFacet": { "@type": "uco-observable:ApplicationFacet", "uco-core:name": "Chat" } },
        account(json!([login("one"), issued, of])),
        account(json!([login("two"), issued])),
        account(json!([login("three")])),
        account(json!([login("four@example.org"), issued])),
    ]));
    assert_eq!(
        brief(&list),
        ["handle one Chat", "handle two Issuer", "handle three unnamed", "email four@example.org -"]
    );
}

#[test]
fn parties_of_calls_and_messages_are_seen_then_and_equal_identifiers_are_one() {
    let call = |from: &str, start: &str, end: &str| {
        json!({ "uco-core:hasFacet": { "@type": "uco-observable:CallFacet", "uco-observable:from": refer(from),
            "uco-observable:startTime": start, "uco-observable:endTime": { "@value": end } } })
    };
    let list = drafts(json!([
        call("kb:a", "2026-01-02T00:00:00Z", "2026-01-02T00:10:00Z"),
        call("kb:again", "2026-01-01T00:00:00Z", "2026-01-01T00:10:00Z"),
        { "uco-core:hasFacet": { "@type": ["uco-observable:EmailMessageFacet"], "uco-observable:to": [refer("kb:mail")],
            "uco-observable:sentTime": "2026-01-03T00:00:05Z", "uco-observable:receivedTime": "2026-01-03T00:00:00Z" } },
        phone("kb:a", "+12025550123"),
        phone("kb:again", "+12025550123"),
        { "@id": "kb:mail", "uco-core:hasFacet": { "@type": "uco-observable:EmailAccountFacet",
            "uco-observable:emailAddress": refer("kb:address") } },
        { "@id": "kb:address", "uco-core:hasFacet": { "@type": "uco-observable:EmailAddressFacet",
            "uco-observable:addressValue": "a@example.org" } },
    ]));
    let seen: Vec<_> = list
        .iter()
        .map(|d| format!("{} {} {}..{}", d.place, d.value, d.seen.from.unwrap(), d.seen.to.unwrap()))
        .collect();
    assert_eq!(
        seen,
        [
            "/3/uco-core:hasFacet/0 +12025550123 2026-01-01T00:00:00.000000Z..2026-01-02T00:10:00.000000Z",
            "/6/uco-core:hasFacet a@example.org 2026-01-03T00:00:00.000000Z..2026-01-03T00:00:05.000000Z",
        ]
    );
}

#[test]
fn a_call_with_a_bad_time_loses_its_window_and_a_facet_with_one_its_identifiers() {
    let r = parse(&json!([
        { "@type": "uco-observable:CallFacet", "uco-observable:from": refer("kb:a"),
            "uco-observable:startTime": "2026-01-02T00:00:00Z", "uco-observable:endTime": "2026-01-01T00:00:00Z" },
        phone("kb:a", "+12025550123"),
        { "@type": "uco-observable:DigitalAccountFacet", "uco-observable:accountLogin": "willy",
            "uco-observable:firstLoginTime": "yesterday" },
    ]));
    assert_eq!(brief(&r.drafts), ["phone +12025550123 -"]);
    assert!(r.drafts[0].seen.is_unknown());
    let told: Vec<_> = r.problems.iter().map(|p| format!("{} {}", p.place, p.field)).collect();
    assert_eq!(told, ["/0 endTime", "/2 firstLoginTime"]);
}

#[test]
fn an_address_keeps_its_port_only_while_connections_agree() {
    let link = |port: Value| {
        json!({ "@type": "uco-observable:NetworkConnectionFacet", "uco-observable:startTime": "2026-01-01T00:00:00Z",
            "uco-observable:src": refer("kb:a"), "uco-observable:sourcePort": port,
            "uco-observable:dst": refer("kb:b"), "uco-observable:destinationPort": 443 })
    };
    let host = |id: &str, ip: &str| {
        json!({ "@id": id, "uco-core:hasFacet": [
            { "@type": "uco-observable:IPv4AddressFacet", "uco-observable:addressValue": ip },
            { "@type": "uco-observable:DeviceFacet", "uco-observable:serialNumber": id } ] })
    };
    let list =
        drafts(json!([link(json!(5000)), link(json!("5001")), host("kb:a", "192.0.2.1"), host("kb:b", "192.0.2.2")]));
    let ports: Vec<_> = list.iter().map(|d| (d.kind, d.port, d.seen.is_unknown())).collect();
    let (ip, serial) = (Kind::Ip, Kind::Serial);
    assert_eq!(ports, [(ip, None, false), (serial, None, true), (ip, Some(443), false), (serial, None, true)]);
}

#[test]
fn roles_reach_what_belongs_to_a_person_and_a_victim_outranks_a_subject() {
    let person = |id: &str, word: &str| json!({ "@id": id, "@type": ["uco-identity:Person", word] });
    let has = |from: &str, kind: &str, to: Value| {
        json!({ "@type": "uco-core:Relationship", "uco-core:source": refer(from), "uco-core:target": to,
            "uco-core:kindOfRelationship": kind })
    };
    let list = drafts(json!([
        person("kb:s", "case-investigation:Subject"),
        person("kb:v", "uco-identity:Person"),
        { "@id": "kb:role", "@type": "uco-victim:Victim" },
        has("kb:v", "Has_Role", refer("kb:role")),
        has("kb:s", "Has_Account", json!([refer("kb:1"), refer("kb:shared")])),
        has("kb:v", "Has_Device", refer("kb:phone")),
        has("kb:phone", "Has_Account", refer("kb:shared")),
        has("kb:shared", "Associated_Account", refer("kb:other")),
        has("kb:w", "Witness_Of", refer("kb:case")),
        has("kb:2", "Owned_By", refer("kb:w")),
        phone("kb:1", "+12025550101"),
        phone("kb:2", "+12025550102"),
        phone("kb:shared", "+12025550103"),
        phone("kb:other", "+12025550104"),
    ]));
    let roles: Vec<_> = list.iter().map(|d| d.role).collect();
    assert_eq!(roles, [EntryRole::Subject, EntryRole::Witness, EntryRole::Victim, EntryRole::Unknown]);
}

#[test]
fn a_person_needs_both_names_and_a_birthday() {
    let person = |given: Value, birth: Value| {
        json!({ "uco-core:hasFacet": [
            { "@type": "uco-identity:SimpleNameFacet", "uco-identity:familyName": "Doe", "uco-identity:givenName": given },
            { "@type": "uco-identity:BirthInformationFacet", "uco-identity:birthdate": birth } ] })
    };
    let list = drafts(json!([
        person(json!(["Jane", "Q."]), json!({ "@value": "1980-02-01T00:00:00Z" })),
        person(json!("Jane Q."), json!("1980-02-01")),
        person(json!("Jane"), json!("")),
        person(json!(null), json!("1980-02-01")),
    ]));
    assert_eq!(brief(&list), ["person Doe, Jane Q.; 1980-02-01 -"]);
    let r = parse(&person(json!("Jane"), json!("1 Feb 1980")));
    assert_eq!((r.problems[0].place.as_str(), r.problems[0].field.as_str()), ("/uco-core:hasFacet/1", "birthdate"));
}

/// Ten thousand accounts that name one address object of ten thousand values: 100 million meetings in one megabyte.
#[test]
fn references_cannot_multiply_a_small_file() {
    let values: Vec<_> = (0..10_000).map(|i| format!("a{i}@example.org")).collect();
    let mut nodes = vec![json!({ "@id": "kb:a", "@type": "uco-observable:EmailAddressFacet",
        "uco-observable:addressValue": values })];
    nodes.extend(
        (0..10_000).map(
            |_| json!({ "@type": "uco-observable:EmailAccountFacet", "uco-observable:emailAddress": refer("kb:a") }),
        ),
    );
    let r = parse(&Value::from(nodes));
    assert!(r.drafts.is_empty());
    assert_eq!(r.problems.len(), 1);
    assert_eq!(r.problems[0].problem, "holds more than 1000000 identifiers");
}

/// Found by the laws: RFC 6901 points at a whole file with an empty text, and a draft without a place cannot be found again.
#[test]
fn a_facet_that_is_the_whole_file_has_a_place() {
    let read = read(
        "card.json",
        br#"{"@type": "uco-observable:SIMCardFacet", "uco-observable:IMSI": "001010123456789"}"#.as_slice(),
    );
    let places: Vec<&str> = read.drafts.iter().map(|d| d.place.as_str()).collect();
    assert_eq!(places, ["the whole file"]);
}
