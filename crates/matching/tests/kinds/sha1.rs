use crate::common::*;
use model::Kind;
use proptest::prelude::*;

#[test]
fn the_table_of_sha1_holds() {
    table(
        Kind::Sha1,
        None,
        &[
            ("0123456789abcdef0123456789abcdef01234567", Sure("0123456789abcdef0123456789abcdef01234567")),
            ("0123456789ABCDEF0123456789ABCDEF01234567", Sure("0123456789abcdef0123456789abcdef01234567")),
            (" 0123456789abcdef0123456789abcdef01234567\n", Sure("0123456789abcdef0123456789abcdef01234567")),
            ("sha1: 0123456789abcdef0123456789abcdef01234567", Sure("0123456789abcdef0123456789abcdef01234567")),
            ("01234567 89abcdef0123456789abcdef01234567", Sure("0123456789abcdef0123456789abcdef01234567")),
            ("01234567…", Partial),
            ("0123456789abcdef0123456789abcdef0123****", Partial),
            ("0123456789abcdef0123456789abcdef0123XXXX", Partial),
            ("0123456789abcdef0123456789abcdef0123456", Bad),
            ("0123456789abcdef0123456789abcdef012345670", Bad),
            ("g123456789abcdef0123456789abcdef01234567", Bad),
            ("1B2M2Y8AsgTpgAmY7PhCfg==", Bad),
        ],
    );
}

proptest! {
    #[test]
    fn any_string_is_read_without_panic_and_stands_still(s in strings(r#"[0-9a-fA-F]{40}|[0-9a-fA-FxX*: ]{30,66}"#)) {
        law(Kind::Sha1, &s, None);
    }
}
