use crate::common::*;
use model::Kind;
use proptest::prelude::*;

#[test]
fn the_table_of_p2p_holds() {
    table(
        Kind::P2p,
        None,
        &[
            ("{0A1B2C3D-4E5F-6071-8293-A4B5C6D7E8F9}", Sure("0a1b2c3d4e5f60718293a4b5c6d7e8f9")),
            ("0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9", Sure("0a1b2c3d4e5f60718293a4b5c6d7e8f9")),
            ("0A1B2C3D4E5F60718293A4B5C6D7E8F9", Sure("0a1b2c3d4e5f60718293a4b5c6d7e8f9")),
            ("urn:uuid:0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9", Sure("0a1b2c3d4e5f60718293a4b5c6d7e8f9")),
            ("0123456789ABCDEF0123456789ABCDEF01234567", Sure("0123456789abcdef0123456789abcdef01234567")),
            ("-qB4500-AbCdEf", Doubt("-qb4500-abcdef")),
            ("0A1B2C3D-XXXX-XXXX-XXXX-A4B5C6D7E8F9", Partial),
            ("0a1b2c3d…", Partial),
            ("{}", Bad),
            ("--", Bad),
        ],
    );
}

proptest! {
    #[test]
    fn any_string_is_read_without_panic_and_stands_still(s in strings(r#"[{]?[0-9a-fA-FX-]{30,40}[}]?|[a-zA-Z0-9 -]{1,20}"#)) {
        law(Kind::P2p, &s, None);
    }
}
