use crate::common::*;
use model::Kind;
use proptest::prelude::*;

#[test]
fn the_table_of_email_holds() {
    table(
        Kind::Email,
        None,
        &[
            ("Willy.Rox@Example.ORG", Sure("willy.rox@example.org")),
            (" mailto:willy@example.org?subject=hi", Sure("willy@example.org")),
            ("Willy Rox <WILLY@example.org>", Sure("willy@example.org")),
            ("willy+x@gmail.com", Sure("willy+x@gmail.com")),
            ("\"willy rox\"@example.org", Doubt("\"willy rox\"@example.org")),
            ("\"willy\"@example.org", Sure("willy@example.org")),
            ("\"a\\\"b\"@example.org", Doubt("\"a\\\"b\"@example.org")),
            ("willy@bücher.example", Sure("willy@xn--bcher-kva.example")),
            ("ＷＩＬＬＹ＠example.org", Sure("willy@example.org")),
            ("willy[at]example[.]org", Sure("willy@example.org")),
            ("willy\u{200b}@example.org.", Sure("willy@example.org")),
            ("w***y@example.org", Partial),
            ("willy…@example.org", Partial),
            ("willy@localhost", Doubt("willy@localhost")),
            ("willy@[192.0.2.1]", Doubt("willy@[192.0.2.1]")),
            ("willy@[IPv6:2001:DB8::1]", Doubt("willy@[IPv6:2001:db8::1]")),
            ("a..b@example.org", Doubt("a..b@example.org")),
            ("a@b@example.org", Bad),
            ("@example.org", Bad),
            ("willy@", Bad),
            ("willy", Bad),
            ("wil ly@example.org", Bad),
            ("\"open@example.org", Bad),
            ("", Bad),
        ],
    );
}

proptest! {
    #[test]
    fn any_string_is_read_without_panic_and_stands_still(s in strings(r#"[a-zA-Z.\"@\\<> +*\[\]:0-9ıßÅ]{1,20}(@[a-z.İ-]{1,10})?"#)) {
        law(Kind::Email, &s, None);
    }
}
