use crate::common::*;
use model::Kind;
use proptest::prelude::*;

#[test]
fn the_table_of_md5_holds() {
    table(
        Kind::Md5,
        None,
        &[
            ("0123456789abcdef0123456789abcdef", Sure("0123456789abcdef0123456789abcdef")),
            ("0123456789ABCDEF0123456789ABCDEF", Sure("0123456789abcdef0123456789abcdef")),
            (" 0123456789abcdef0123456789abcdef\n", Sure("0123456789abcdef0123456789abcdef")),
            ("MD5:0123456789abcdef0123456789abcdef", Sure("0123456789abcdef0123456789abcdef")),
            ("01234567 89abcdef0123456789abcdef", Sure("0123456789abcdef0123456789abcdef")),
            ("01234567…", Partial),
            ("0123456789abcdef0123456789ab****", Partial),
            ("0123456789abcdef0123456789abXXXX", Partial),
            ("0123456789abcdef0123456789abcde", Bad),
            ("0123456789abcdef0123456789abcdef0", Bad),
            ("g123456789abcdef0123456789abcdef", Bad),
            ("1B2M2Y8AsgTpgAmY7PhCfg==", Bad),
        ],
    );
}

proptest! {
    #[test]
    fn any_string_is_read_without_panic_and_stands_still(s in strings(r#"[0-9a-fA-F]{32}|[0-9a-fA-FxX*: ]{30,66}"#)) {
        law(Kind::Md5, &s, None);
    }
}
