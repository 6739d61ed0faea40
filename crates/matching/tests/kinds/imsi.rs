use crate::common::*;
use model::Kind;
use proptest::prelude::*;

#[test]
fn the_table_of_imsi_holds() {
    table(
        Kind::Imsi,
        None,
        &[
            ("310150123456789", Sure("310150123456789")),
            ("IMSI 310-150-123456789", Sure("310150123456789")),
            ("31015012345678", Sure("31015012345678")),
            ("3101501234", Doubt("3101501234")),
            ("010150123456789", Doubt("010150123456789")),
            ("310150XXXXXXXXX", Partial),
            ("310150?????????", Partial),
            ("310150", Bad),
            ("3101501234567890", Bad),
            ("31015012345678A", Bad),
        ],
    );
}

proptest! {
    #[test]
    fn any_string_is_read_without_panic_and_stands_still(s in strings(r#"[0-9X* -]{8,18}"#)) {
        law(Kind::Imsi, &s, None);
    }
}
