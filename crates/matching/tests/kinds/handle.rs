use crate::common::*;
use model::Kind;
use proptest::prelude::*;

#[test]
fn the_table_of_handle_holds() {
    table(
        Kind::Handle,
        Some("Instagram"),
        &[
            ("@Willy.Rox", Sure("willy.rox")),
            ("willy.rox", Sure("willy.rox")),
            ("@@willy", Sure("willy")),
            ("@ willy", Sure("willy")),
            ("ＷＩＬＬＹ", Sure("willy")),
            ("willy\u{200b}", Sure("willy")),
            ("Straße", Sure("strasse")),
            ("willy#1234", Sure("willy#1234")),
            ("ΣΑΣ", Sure("σασ")),
            ("WILLY  ROX", Sure("willy rox")),
            ("w***y", Partial),
            ("wil…", Partial),
            ("https://example.org/willy", Doubt("https://example.org/willy")),
            ("@", Bad),
            ("   ", Bad),
        ],
    );
}

proptest! {
    #[test]
    fn any_string_is_read_without_panic_and_stands_still(s in strings(r#"[@#a-zA-Z_.0-9İıßΣς ]{1,20}|@+ ?(u/){0,3}[a-z]{0,3}"#)) {
        law(Kind::Handle, &s, Some("Instagram"));
    }
}

/// A reader that finds no issuer writes "unnamed": two such accounts must not meet as if at one platform.
#[test]
fn an_unnamed_platform_is_no_platform() {
    for nobody in ["unnamed", "Unknown", " n/a "] {
        let identifier = read(Kind::Handle, "at123456890", Some(nobody)).unwrap();
        assert_eq!(identifier.whole().unwrap().platform, None, "{nobody}");
    }
}
