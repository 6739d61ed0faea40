use crate::common::*;
use matching::{BadLists, Lists};
use model::Kind;

#[test]
fn what_everybody_has_is_suppressed_and_named() {
    let lists = Lists::built_in();
    for (kind, value, list) in [
        (Kind::Ip, "10.1.2.3", "private"),
        (Kind::Ip, "172.31.0.1", "private"),
        (Kind::Ip, "192.168.1.1", "private"),
        (Kind::Ip, "::ffff:192.168.1.1", "private"),
        (Kind::Ip, "100.64.0.1", "shared"),
        (Kind::Ip, "127.0.0.1", "loopback"),
        (Kind::Ip, "::1", "loopback"),
        (Kind::Ip, "169.254.1.1", "link-local"),
        (Kind::Ip, "fe80::1%eth0", "link-local"),
        (Kind::Ip, "0.0.0.0", "unspecified"),
        (Kind::Ip, "::", "unspecified"),
        (Kind::Ip, "224.0.0.1", "multicast"),
        (Kind::Ip, "ff02::1", "multicast"),
        (Kind::Ip, "fd00::1", "unique-local"),
        (Kind::Ip, "8.8.8.8", "public-resolver"),
        (Kind::Ip, "2001:4860:4860::8888", "public-resolver"),
        (Kind::Ip, "9.9.9.9:53", "public-resolver"),
        (Kind::Md5, "D41D8CD98F00B204E9800998ECF8427E", "empty-file"),
        (Kind::Sha1, "da39a3ee5e6b4b0d3255bfef95601890afd80709", "empty-file"),
        (Kind::Sha256, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "empty-file"),
        (Kind::Md5, "00000000000000000000000000000000", "one-digit"),
        (Kind::Pdq, "0000000000000000000000000000000000000000000000000000000000000000", "one-digit"),
        (Kind::Mac, "00:00:00:00:00:00", "one-digit"),
        (Kind::Mac, "ff:ff:ff:ff:ff:ff", "no-interface"),
        (Kind::Imei, "000000000000000", "one-digit"),
        (Kind::Serial, "To be filled by O.E.M.", "unset-serial"),
        (Kind::Serial, "System Serial Number", "unset-serial"),
        (Kind::Email, "Abuse@example.org", "role-mailbox"),
        (Kind::Email, "no-reply+x@example.org", "role-mailbox"),
        (Kind::Email, "root@localhost", "local-name"),
        (Kind::Domain, "localhost", "local-name"),
        (Kind::Domain, "printer.local", "local-name"),
        (Kind::Domain, "desktop-1", "local-name"),
        (Kind::Url, "http://192.168.1.1/admin", "private"),
        (Kind::Url, "http://localhost:8080/", "local-name"),
        (Kind::Url, "http://[::1]/", "loopback"),
        (Kind::Handle, "Unknown", "placeholder"),
    ] {
        let found = lists.suppressed(&read(kind, value)).unwrap_or_else(|| panic!("{value} is on no list"));
        assert_eq!((found.list.as_str(), found.list_version.as_str()), (list, lists.version()), "{value}");
        assert!(!found.why.is_empty() && !found.why.contains(value));
    }
}

#[test]
fn what_only_looks_so_is_not() {
    let lists = Lists::built_in();
    for (kind, value) in [
        (Kind::Ip, "172.32.0.1"),
        (Kind::Ip, "100.128.0.1"),
        (Kind::Ip, "11.0.0.1"),
        (Kind::Ip, "2001:db8::1"),
        (Kind::Email, "abuser@example.org"),
        (Kind::Email, "info@example.org"),
        (Kind::Domain, "mylocal.example"),
        (Kind::Domain, "notlocal.example.org"),
        (Kind::Domain, "xlocalhost.example"),
        (Kind::Url, "https://example.org/localhost"),
        (Kind::Mac, "00:00:5e:00:53:01"),
        (Kind::Md5, "d41d8cd98f00b204e9800998ecf8427f"),
    ] {
        assert_eq!(lists.suppressed(&read(kind, value)), None, "{value}");
    }
}

/// Every value on a list must be written as the normaliser writes it, or it can never be found.
#[test]
fn every_listed_value_is_in_canonical_form() {
    let json: serde_json::Value = serde_json::from_str(include_str!("../../data/lists.json")).unwrap();
    for list in json["values"].as_array().unwrap() {
        let kind: Kind = list["kind"].as_str().unwrap().parse().unwrap();
        for value in list["values"].as_array().unwrap() {
            let value = value.as_str().unwrap();
            assert_eq!(read(kind, value).text, value, "{kind}");
        }
    }
    for list in json["networks"].as_array().unwrap() {
        assert!(list["source"].is_string() && list["why"].is_string());
    }
}

#[test]
fn parameters_are_the_designs_and_a_site_can_replace_them() {
    let lists = Lists::built_in();
    assert_eq!((lists.cap(), lists.clock_tolerance_seconds(), lists.recycle_gap_days()), (100, 300, 365));
    assert!(!lists.is_carrier_nat("198.51.100.1".parse().unwrap()));
    let site = nat_lists();
    assert_eq!(site.version(), "test.1");
    assert!(site.is_carrier_nat("198.51.100.1".parse().unwrap()));
}

#[test]
fn unusable_lists_are_refused_with_their_place() {
    let with = |f: fn(&mut serde_json::Value)| {
        let mut json: serde_json::Value = serde_json::from_str(include_str!("../../data/lists.json")).unwrap();
        f(&mut json);
        Lists::from_json(&json.to_string())
    };
    assert!(matches!(Lists::from_json("{"), Err(BadLists::Form(_))));
    assert!(matches!(with(|j| j["version"] = " ".into()), Err(BadLists::Version)));
    assert!(matches!(with(|j| j["parameters"]["cap"] = 1.into()), Err(BadLists::Parameter("cap"))));
    assert!(matches!(with(|j| j["parameters"]["clock_tolerance_seconds"] = (-1).into()), Err(BadLists::Parameter(_))));
    let bad = with(|j| j["networks"][0]["ranges"][1] = "172.16.0.0/33".into());
    assert!(matches!(bad, Err(BadLists::Range { ref list, at: 2 }) if list == "private"));
}
