use crate::common::*;
use model::Kind;
use proptest::prelude::*;

#[test]
fn the_table_of_plate_holds() {
    table(
        Kind::Plate,
        None,
        &[
            ("WA ABC123", Sure("WA ABC123")),
            ("wa-abc 123", Sure("WA ABC123")),
            ("WA: ABC-123", Sure("WA ABC123")),
            ("BC 12-345A", Sure("BC 12345A")),
            ("US G10 12345", Sure("US G1012345")),
            ("abc 123", Doubt("ABC123")),
            ("ABC123", Doubt("ABC123")),
            ("XX ABC123", Doubt("XXABC123")),
            ("WA", Doubt("WA")),
            ("WA ABC1**", Partial),
            ("WA ABC12?", Partial),
            ("--", Bad),
            ("\n", Bad),
        ],
    );
}

proptest! {
    #[test]
    fn any_string_is_read_without_panic_and_stands_still(s in strings(r#"[A-Z]{2}[ -][A-Z0-9 -]{1,8}|[A-Za-z0-9 ßﬁ-]{1,12}"#)) {
        law(Kind::Plate, &s, None);
    }
}
