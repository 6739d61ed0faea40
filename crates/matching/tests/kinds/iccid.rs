use crate::common::*;
use model::Kind;
use proptest::prelude::*;

#[test]
fn the_table_of_iccid_holds() {
    table(
        Kind::Iccid,
        None,
        &[
            ("8901410321111851072", Sure("8901410321111851072")),
            ("8901410321111851072F", Sure("8901410321111851072")),
            ("8901 410321111851072", Sure("8901410321111851072")),
            ("ICCID: 8901410321111851072", Sure("8901410321111851072")),
            ("8901410321111851073", Doubt("8901410321111851073")),
            ("7901410321111851072", Doubt("7901410321111851072")),
            ("8901410321XXXXXXXXX", Partial),
            ("89014103211118510", Bad),
            ("88888888888888888888888", Bad),
            ("89014103211118A1072", Bad),
        ],
    );
}

proptest! {
    #[test]
    fn any_string_is_read_without_panic_and_stands_still(s in strings(r#"[0-9XfF ]{16,24}"#)) {
        law(Kind::Iccid, &s, None);
    }
}
