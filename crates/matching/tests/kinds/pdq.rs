use crate::common::*;
use model::Kind;
use proptest::prelude::*;

#[test]
fn the_table_of_pdq_holds() {
    table(
        Kind::Pdq,
        None,
        &[
            (
                "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
                Sure("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"),
            ),
            (
                "0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF",
                Sure("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"),
            ),
            (
                "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef:80",
                Sure("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"),
            ),
            (
                "pdq:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
                Sure("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"),
            ),
            (
                "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef:49",
                Doubt("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"),
            ),
            ("0123456789abcdef0123456789abcdef0123456789abcdef0123456789ab****", Partial),
            ("0123456789ab…", Partial),
            ("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde", Bad),
            ("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef:101", Bad),
            ("zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz", Bad),
            ("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef:-1", Bad),
        ],
    );
}

proptest! {
    #[test]
    fn any_string_is_read_without_panic_and_stands_still(s in strings(r#"[0-9a-fA-F]{64}(:[0-9]{1,3})?|[0-9a-f:*]{60,68}"#)) {
        law(Kind::Pdq, &s, None);
    }
}
