use crate::common::*;
use model::Kind;
use proptest::prelude::*;

#[test]
fn the_table_of_imei_holds() {
    table(
        Kind::Imei,
        None,
        &[
            ("490154203237518", Sure("49015420323751")),
            ("49-015420-323751-8", Sure("49015420323751")),
            ("49015420323751", Sure("49015420323751")),
            ("4901542032375109", Sure("49015420323751")),
            ("IMEI: 490154203237518", Sure("49015420323751")),
            ("490154203237510", Doubt("49015420323751")),
            ("35540607448XXXX", Partial),
            ("***************", Partial),
            ("4901542032375", Bad),
            ("49015420323751899", Bad),
            ("4901542032375A8", Bad),
            ("imei", Bad),
        ],
    );
}

proptest! {
    #[test]
    fn any_string_is_read_without_panic_and_stands_still(s in strings(r#"[0-9X* -]{10,20}|[0-9]{13,17}"#)) {
        law(Kind::Imei, &s, None);
    }
}
