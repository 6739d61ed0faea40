use crate::common::*;
use model::Kind;
use proptest::prelude::*;

#[test]
fn the_table_of_onion_holds() {
    table(
        Kind::Onion,
        None,
        &[
            (
                "aaaqeayeaudaocajbifqydiob4ibceqtcqkrmfyydenbwha5dyp3kead.onion",
                Sure("aaaqeayeaudaocajbifqydiob4ibceqtcqkrmfyydenbwha5dyp3kead.onion"),
            ),
            (
                "AAAQEAYEAUDAOCAJBIFQYDIOB4IBCEQTCQKRMFYYDENBWHA5DYP3KEAD",
                Sure("aaaqeayeaudaocajbifqydiob4ibceqtcqkrmfyydenbwha5dyp3kead.onion"),
            ),
            (
                "http://aaaqeayeaudaocajbifqydiob4ibceqtcqkrmfyydenbwha5dyp3kead.onion/index.html",
                Sure("aaaqeayeaudaocajbifqydiob4ibceqtcqkrmfyydenbwha5dyp3kead.onion"),
            ),
            (
                "www.aaaqeayeaudaocajbifqydiob4ibceqtcqkrmfyydenbwha5dyp3kead.onion",
                Sure("aaaqeayeaudaocajbifqydiob4ibceqtcqkrmfyydenbwha5dyp3kead.onion"),
            ),
            (
                "aaaqeayeaudaocajbifqydiob4ibceqtcqkrmfyydenbwha5dyp3kead.onion:80",
                Sure("aaaqeayeaudaocajbifqydiob4ibceqtcqkrmfyydenbwha5dyp3kead.onion"),
            ),
            (
                "aaaqeayeaudaocajbifqydiob4ibceqtcqkrmfyydenbwha5dyp3aaad.onion",
                Doubt("aaaqeayeaudaocajbifqydiob4ibceqtcqkrmfyydenbwha5dyp3aaad.onion"),
            ),
            ("abcdefghij234567.onion", Doubt("abcdefghij234567.onion")),
            ("aaaqeayeaudaocajbifq…", Partial),
            ("aaaqeayeaudaocajbifqydiob4ibceqtcqkrmfyydenbwha5dyp3kea", Bad),
            ("example.org", Bad),
            ("00000000000000000000000000000000000000000000000000000000", Bad),
        ],
    );
}

proptest! {
    #[test]
    fn any_string_is_read_without_panic_and_stands_still(s in strings(r#"[a-z2-7]{56}(\.onion)?|[a-z2-7]{16}|[a-z2-7./:]{1,60}"#)) {
        law(Kind::Onion, &s, None);
    }
}
