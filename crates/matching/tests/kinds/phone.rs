use crate::common::*;
use model::Kind;
use proptest::prelude::*;

#[test]
fn the_table_of_phone_holds() {
    table(
        Kind::Phone,
        None,
        &[
            ("206-555-0100", Sure("+12065550100")),
            ("(206) 555-0100", Sure("+12065550100")),
            ("+1 206.555.0100", Sure("+12065550100")),
            ("tel:+1-206-555-0100", Sure("+12065550100")),
            ("1 206 555 0100", Sure("+12065550100")),
            ("206-555-0100 ext. 12", Doubt("+12065550100")),
            ("2065550100x12", Doubt("+12065550100")),
            ("206-555-0100 #12", Doubt("+12065550100")),
            ("011 44 20 7946 0958", Sure("+442079460958")),
            ("0044 20 7946 0958", Sure("+442079460958")),
            ("+44 (0)20 7946 0958", Sure("+442079460958")),
            ("٢٠٦٥٥٥٠١٠٠", Sure("+12065550100")),
            ("２０６－５５５－０１００", Sure("+12065550100")),
            ("800-FLOWERS", Sure("+18003569377")),
            ("1235551337", Doubt("+11235551337")),
            ("555-0123", Doubt("+15550123")),
            ("+1 000 000 0000", Doubt("+10000000000")),
            ("+999999999999999999999", Doubt("+999999999999999999999")),
            ("31618300XXX", Partial),
            ("555-01**", Partial),
            ("(206) 555-01xx", Partial),
            ("•••-•••-0100", Partial),
            ("206-555-01??", Partial),
            ("call me", Bad),
            ("12", Bad),
            ("911 <script>", Bad),
            ("+999999999999999999999999999999999999999999999999999999999999", Bad),
        ],
    );
}

proptest! {
    #[test]
    fn any_string_is_read_without_panic_and_stands_still(s in strings(r#"(tel:)?[+0-9(). xXeExt#*;-]{1,24}|[+]?[0-9]{3,20}"#)) {
        law(Kind::Phone, &s, None);
    }
}

/// The law holds wherever an agency is, known to the library or not; and one line has one text in its own country
/// and abroad.
#[test]
fn every_country_reads_its_own_numbers() {
    use matching::{Identifier, Reading, normalise};
    let read = |value: &str, country: &str| match normalise(
        Kind::Phone,
        value,
        None,
        &Reading { country: country.parse().unwrap() },
    )
    .unwrap()
    {
        Identifier::Whole(n) => n.text,
        partial => panic!("{partial:?}"),
    };
    for (country, value, text) in [
        ("GB", "020 7946 0958", "+442079460958"),
        ("GB", "001 206 555 0100", "+12065550100"),
        ("CA", "206-555-0100", "+12065550100"),
        ("DE", "030 23125 000", "+493023125000"),
        ("IT", "06 6982 1234", "+390669821234"),
        ("ZZ", "206-555-0100", "2065550100"),
        ("AQ", "206-555-0100", "2065550100"),
    ] {
        let once = read(value, country);
        assert_eq!((once.as_str(), read(&once, country).as_str()), (text, text), "{value} in {country}");
    }
}

proptest! {
    #[test]
    fn digits_stand_still_in_every_country(s in "[+]?[0-9]{3,18}", at in prop::sample::select(vec!["GB", "IT", "BR", "MX", "AR", "RU", "ZZ"])) {
        use matching::{Identifier, Reading, normalise};
        let reading = Reading { country: at.parse().unwrap() };
        if let Ok(Identifier::Whole(n)) = normalise(Kind::Phone, &s, None, &reading) {
            let again = normalise(Kind::Phone, &n.text, None, &reading).unwrap();
            prop_assert_eq!(&again.whole().unwrap().text, &n.text);
        }
    }
}
