use crate::common::*;
use model::Kind;
use proptest::prelude::*;

#[test]
fn the_table_of_serial_holds() {
    table(
        Kind::Serial,
        None,
        &[
            ("c02xk1abjg5h", Sure("C02XK1ABJG5H")),
            (" C02 XK1 ABJG5H ", Sure("C02XK1ABJG5H")),
            ("S/N: C02XK1", Sure("C02XK1")),
            ("AB-12", Sure("AB-12")),
            ("serial: x1", Sure("X1")),
            ("To be filled by O.E.M.", Sure("TOBEFILLEDBYO.E.M.")),
            ("straße1", Sure("STRASSE1")),
            ("ﬁ9", Sure("FI9")),
            ("C02***", Partial),
            ("C02XK…", Partial),
            ("---", Bad),
            ("\u{0}", Bad),
        ],
    );
}

proptest! {
    #[test]
    fn any_string_is_read_without_panic_and_stands_still(s in strings(r#"[A-Za-z0-9 /:.ßﬁ-]{1,20}|(s/n:? ?){1,3}[a-z]{0,3}"#)) {
        law(Kind::Serial, &s, None);
    }
}
