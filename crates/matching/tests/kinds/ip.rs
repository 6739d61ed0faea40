use crate::common::*;
use model::Kind;
use proptest::prelude::*;

#[test]
fn the_table_of_ip_holds() {
    table(
        Kind::Ip,
        None,
        &[
            ("192.0.2.1", Sure("192.0.2.1")),
            ("192.0.2.1:8080", Sure("192.0.2.1")),
            ("192[.]0[.]2[.]1", Sure("192.0.2.1")),
            ("192.0.2.1/32", Sure("192.0.2.1")),
            ("2001:0DB8:0:0:0:0:0:1", Sure("2001:db8::1")),
            ("[2001:db8::1]:443", Sure("2001:db8::1")),
            ("fe80::1%eth0", Sure("fe80::1")),
            ("::ffff:198.51.100.7", Sure("198.51.100.7")),
            ("203.0.113.9", Sure("203.0.113.9")),
            ("192.0.2.x", Partial),
            ("192.0.2.***", Partial),
            ("2001:db8::xxxx", Partial),
            ("192.0.2.0/24", Bad),
            ("192.000.002.001", Bad),
            ("0300.0.2.1", Bad),
            ("3221225985", Bad),
            ("192.0.2.256", Bad),
            ("example.org", Bad),
            ("192.0.2.1:99999", Bad),
            ("::g", Bad),
        ],
    );
}

proptest! {
    #[test]
    fn any_string_is_read_without_panic_and_stands_still(s in strings(r#"[0-9a-fA-FxX.:\[\]%/*]{1,24}|[0-9]{1,3}(\.[0-9]{1,3}){3}(:[0-9]{1,5})?|[0-9a-f]{0,4}(:[0-9a-f]{0,4}){2,7}"#)) {
        law(Kind::Ip, &s, None);
    }
}
