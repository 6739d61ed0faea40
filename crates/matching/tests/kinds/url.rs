use crate::common::*;
use model::Kind;
use proptest::prelude::*;

#[test]
fn the_table_of_url_holds() {
    table(
        Kind::Url,
        None,
        &[
            ("HTTPS://Example.ORG", Sure("https://example.org/")),
            ("https://example.org:443/a#top", Sure("https://example.org/a")),
            ("http://willy:secret@example.org/", Sure("http://example.org/")),
            ("https://example.org/?utm_source=x", Sure("https://example.org/?utm_source=x")),
            ("hxxps://example[.]org/a", Sure("https://example.org/a")),
            ("https://example.org/%7ea%3f", Sure("https://example.org/%7Ea%3F")),
            ("https://bücher.example/", Sure("https://xn--bcher-kva.example/")),
            ("https://example.org/a/../b", Sure("https://example.org/b")),
            ("https://example.org./", Sure("https://example.org/")),
            ("https://example.org/?", Sure("https://example.org/")),
            ("http://[2001:DB8::1]:80/", Sure("http://[2001:db8::1]/")),
            (
                "magnet:?xt=urn:btih:0123456789abcdef0123456789abcdef01234567",
                Sure("magnet:?xt=urn:btih:0123456789abcdef0123456789abcdef01234567"),
            ),
            ("example.org/room", Doubt("https://example.org/room")),
            (
                "ed2k://|file|a.bin|1|0123456789abcdef0123456789abcdef|/",
                Doubt("ed2k://|file|a.bin|1|0123456789abcdef0123456789abcdef|/"),
            ),
            ("https://example.org/a***", Partial),
            ("https://example.org/abc...", Partial),
            ("http://exa%2Ample.org/", Partial),
            ("data:text/html,hello", Bad),
            ("javascript:alert(1)", Bad),
            ("mailto:a@example.org", Bad),
            ("https://", Bad),
            ("willy", Bad),
        ],
    );
}

proptest! {
    #[test]
    fn any_string_is_read_without_panic_and_stands_still(s in strings(r#"(https?|ftp|ed2k|magnet|hxxp|foo)?:?/{0,3}[a-z0-9.:@%?#/\\\[\]A-F-]{1,30}"#)) {
        law(Kind::Url, &s, None);
    }
}
