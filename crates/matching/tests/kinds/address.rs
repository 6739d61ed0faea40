use crate::common::*;
use model::Kind;
use proptest::prelude::*;

#[test]
fn the_table_of_address_holds() {
    table(
        Kind::Address,
        None,
        &[
            ("123 North Main Street, Apt. 4, Seattle WA 98101-1234", Sure("123 n main st unit 4 seattle wa 98101")),
            ("123 N. MAIN ST #4, SEATTLE, WA 98101", Sure("123 n main st unit 4 seattle wa 98101")),
            ("P.O. Box 12, Anytown WA", Sure("po box 12 anytown wa")),
            ("1 O'Neil Rd\nAnytown", Sure("1 oneil rd anytown")),
            ("10 Straße 5, Köln", Sure("10 strasse 5 köln")),
            ("１２３ Main St", Sure("123 main st")),
            ("123 Main St., Suite 9", Sure("123 main st unit 9")),
            ("Main Street", Doubt("main st")),
            ("Anytown", Doubt("anytown")),
            ("1** Main St", Partial),
            ("12 Main…", Partial),
            ("...,.", Partial),
            (",,", Bad),
            ("''", Bad),
        ],
    );
}

proptest! {
    #[test]
    fn any_string_is_read_without_panic_and_stands_still(s in strings(r#"[A-Za-z0-9 ,.#'’ßﬁ-]{1,40}|[0-9]{5}-[0-9]{4}"#)) {
        law(Kind::Address, &s, None);
    }
}
