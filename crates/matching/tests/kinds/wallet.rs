use crate::common::*;
use model::Kind;
use proptest::prelude::*;

#[test]
fn the_table_of_wallet_holds() {
    table(
        Kind::Wallet,
        None,
        &[
            ("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", Sure("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa")),
            ("bitcoin:1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa?amount=1", Sure("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa")),
            ("1a1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", Doubt("1a1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa")),
            ("BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4", Sure("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4")),
            ("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5", Doubt("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5")),
            ("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", Sure("0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed")),
            ("0X5AAEB6053F3E94C9B9A09F33669435E7EF1BEAED", Sure("0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed")),
            ("0x5AAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", Doubt("0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed")),
            ("Willy.ETH.example", Doubt("willy.eth.example")),
            ("1A1zP1...DivfNa", Partial),
            ("AA. ..A0a.a", Partial),
            ("1A1zP1eP5***", Partial),
            ("short", Bad),
            ("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa; DROP", Bad),
            (
                "ａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａａ",
                Bad,
            ),
        ],
    );
}

proptest! {
    #[test]
    fn any_string_is_read_without_panic_and_stands_still(s in strings(r#"(bitcoin:|0x)?[0-9a-fA-F]{38,42}|[13][1-9A-HJ-NP-Za-km-z]{24,34}|bc1[a-z0-9]{6,50}|[A-Za-z0-9:?. ]{8,30}"#)) {
        law(Kind::Wallet, &s, None);
    }
}
