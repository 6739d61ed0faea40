use crate::common::*;
use model::Kind;
use proptest::prelude::*;

#[test]
fn the_table_of_mac_holds() {
    table(
        Kind::Mac,
        None,
        &[
            ("00:00:5E:00:53:01", Sure("00005e005301")),
            ("00-00-5e-00-53-01", Sure("00005e005301")),
            ("0000.5e00.5301", Sure("00005e005301")),
            ("00005E005301", Sure("00005e005301")),
            ("BSSID: 00:00:5e:00:53:01", Sure("00005e005301")),
            ("00:00:5e:ff:fe:00:53:01", Sure("00005efffe005301")),
            ("02:00:5e:00:53:01", Doubt("02005e005301")),
            ("00:00:5E:XX:XX:XX", Partial),
            ("00:00:5e:**:**:**", Partial),
            ("00:00:5e:00:53", Bad),
            ("00:00:5e:00:53:0g", Bad),
            ("192.0.2.1", Bad),
        ],
    );
}

proptest! {
    #[test]
    fn any_string_is_read_without_panic_and_stands_still(s in strings(r#"[0-9a-fA-F:. -]{12,23}|([0-9a-f]{2}:){5}[0-9a-fX*]{2}"#)) {
        law(Kind::Mac, &s, None);
    }
}
