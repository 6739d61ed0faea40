//! What a reader may take without a word: of these nothing is lost, and a report must not be lost for a trifle.

/// Names in [`malformed`](super::malformed), and why each may stand. Of all others a problem must be told.
pub const TOLERATED: &[(&str, &str)] = &[
    ("json-summary-missing-type", "a report without a type is a report; an officer judges its threat area"),
    ("json-summary-a-text", "what stands where parts should is kept as free text"),
    ("json-details-a-number", "what stands where parts should is kept as free text"),
    ("json-event-time-empty", "an empty value is one that was not given: when is unknown"),
    ("json-parties-two", "a key that stands twice is a list of two, as in XML"),
    ("json-array-in-array", "a list in a list holds the same reports"),
    ("json-wrong-nesting", "what stands where the API has nothing is kept as free text, and matched with nothing"),
    ("json-same-number-twice", "the same report twice is one report"),
    ("xml-same-number-twice", "the same report twice is one report"),
    ("xml-unbound-prefix", "names are read without their prefixes"),
    ("xml-late-declaration", "the declaration says nothing that is not seen"),
    ("xml-wrong-version", "every version reads these characters alike"),
];
