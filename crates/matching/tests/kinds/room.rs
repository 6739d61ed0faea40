use crate::common::*;
use model::Kind;
use proptest::prelude::*;

#[test]
fn the_table_of_room_holds() {
    table(
        Kind::Room,
        Some("IRC"),
        &[
            ("#Hidden", Sure("hidden")),
            ("hidden", Sure("hidden")),
            ("##hidden", Sure("##hidden")),
            ("https://chat.example.org/AbC/", Sure("chat.example.org/abc")),
            ("#room:example.org", Sure("room:example.org")),
            ("# hidden", Sure("hidden")),
            ("HIDDEN\u{202e}", Sure("hidden")),
            ("123456789012345678", Sure("123456789012345678")),
            ("hid***", Partial),
            ("hid…", Partial),
            ("#", Bad),
            ("//", Bad),
        ],
    );
}

proptest! {
    #[test]
    fn any_string_is_read_without_panic_and_stands_still(s in strings(r#"[#!a-zA-Z0-9:./ -]{1,20}|#{1,3} ?#?[a-z]{0,3}"#)) {
        law(Kind::Room, &s, Some("IRC"));
    }
}
