use crate::common::*;
use model::Kind;
use proptest::prelude::*;

#[test]
fn the_table_of_domain_holds() {
    table(
        Kind::Domain,
        None,
        &[
            ("Example.ORG.", Sure("example.org")),
            ("https://example.org/", Sure("example.org")),
            ("bücher.example", Sure("xn--bcher-kva.example")),
            ("XN--BCHER-KVA.example", Sure("xn--bcher-kva.example")),
            ("example[.]org", Sure("example.org")),
            ("example。org", Sure("example.org")),
            ("_dmarc.example.org", Sure("_dmarc.example.org")),
            ("example.org:8443", Sure("example.org")),
            ("localhost", Sure("localhost")),
            ("xn--a.example", Doubt("xn--a.example")),
            (
                "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example",
                Doubt("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example"),
            ),
            ("exa***.org", Partial),
            ("example.org/page", Bad),
            ("192.0.2.1", Bad),
            ("a..b", Bad),
            ("exa mple.org", Bad),
            ("-- drop table", Bad),
        ],
    );
}

proptest! {
    #[test]
    fn any_string_is_read_without_panic_and_stands_still(s in strings(r#"[a-zA-Z0-9.:/_ßİ。-]{1,24}|xn--[a-z0-9-]{1,10}"#)) {
        law(Kind::Domain, &s, None);
    }
}
