use crate::common::*;
use model::Kind;
use proptest::prelude::*;

#[test]
fn the_table_of_payment_holds() {
    table(
        Kind::Payment,
        None,
        &[
            ("GB82 WEST 1234 5698 7654 32", Sure("GB82WEST12345698765432")),
            ("gb82west12345698765432", Sure("GB82WEST12345698765432")),
            ("GB83 WEST 1234 5698 7654 32", Doubt("GB83WEST12345698765432")),
            ("$WillyRox", Sure("willyrox")),
            ("@$WillyRox", Sure("willyrox")),
            ("@Willy-Rox", Doubt("willy-rox")),
            ("Willy@Example.org", Doubt("willy@example.org")),
            ("4111 1111 1111 1111", Doubt("4111111111111111")),
            ("4111 **** **** 1111", Partial),
            ("will…", Partial),
            ("$", Bad),
            ("@@", Bad),
        ],
    );
}

proptest! {
    #[test]
    fn any_string_is_read_without_panic_and_stands_still(s in strings(r#"[@$a-zA-Z0-9. -]{1,24}|[A-Z]{2}[0-9]{2}[A-Z0-9 ]{11,30}"#)) {
        law(Kind::Payment, &s, None);
    }
}
