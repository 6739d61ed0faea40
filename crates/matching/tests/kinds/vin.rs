use crate::common::*;
use model::Kind;
use proptest::prelude::*;

#[test]
fn the_table_of_vin_holds() {
    table(
        Kind::Vin,
        None,
        &[
            ("1M8GDM9AXKP042788", Sure("1M8GDM9AXKP042788")),
            ("1m8gdm9axkp042788", Sure("1M8GDM9AXKP042788")),
            ("VIN: 1M8-GDM9A XKP042788", Sure("1M8GDM9AXKP042788")),
            ("11111111111111111", Sure("11111111111111111")),
            ("1M8GDM9A0KP042788", Doubt("1M8GDM9A0KP042788")),
            ("IM8GDM9AXKP042788", Doubt("IM8GDM9AXKP042788")),
            ("124378N123456", Doubt("124378N123456")),
            ("1M8GDM9AXKP******", Partial),
            ("1M8GDM9AXKPXXXXXX", Partial),
            ("1M8GDM9AXKP0427889", Bad),
            ("1M8GDM9AXKP04278Ä", Bad),
            ("AB1", Bad),
        ],
    );
}

proptest! {
    #[test]
    fn any_string_is_read_without_panic_and_stands_still(s in strings(r#"[A-HJ-NPR-Z0-9]{17}|[A-Za-z0-9* -]{4,20}"#)) {
        law(Kind::Vin, &s, None);
    }
}
