use crate::common::*;
use model::Kind;
use proptest::prelude::*;

#[test]
fn the_table_of_person_holds() {
    table(
        Kind::Person,
        None,
        &[
            ("Doe, Jane; 1980-02-01", Sure("doe, jane; 1980-02-01")),
            ("DOE,JANE ;1980-02-01", Sure("doe, jane; 1980-02-01")),
            ("Müller-Lüdenscheidt, José; 1980-02-01", Sure("muller ludenscheidt, jose; 1980-02-01")),
            ("O'Neil, Siân; 1980-02-01", Sure("oneil, sian; 1980-02-01")),
            ("Łukasz, Søren; 1980-02-01", Sure("lukasz, soren; 1980-02-01")),
            ("Иванов, Пётр; 1980-02-01", Sure("иванов, петр; 1980-02-01")),
            ("김, 민수; 1980-02-01", Sure("김, 민수; 1980-02-01")),
            ("Jane Doe; 1980-02-01", Doubt("doe, jane; 1980-02-01")),
            ("Madonna; 1980-02-01", Doubt("madonna,; 1980-02-01")),
            ("Doe, Jane; 1880-02-01", Doubt("doe, jane; 1880-02-01")),
            ("Doe, Jane", Partial),
            ("Doe, Jane; 1980-02-31", Partial),
            ("Doe, Jane; 02/01/1980", Partial),
            ("Doe, J***; 1980-02-01", Partial),
            ("Doe, Jane; 1980", Partial),
            ("; 1980-02-01", Bad),
            (",;1980-02-01", Bad),
            ("--- ; 1980-02-01", Bad),
        ],
    );
}

proptest! {
    #[test]
    fn any_string_is_read_without_panic_and_stands_still(s in strings(r#"[A-Za-zÀ-ÿ' ,.ıßŁ-]{1,20}(; ?[12][0-9]{3}-[01][0-9]-[0-3][0-9])?"#)) {
        law(Kind::Person, &s, None);
    }
}
