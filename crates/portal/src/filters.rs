//! Filters of the templates.

/// The first letter as a capital: "watch desk 202.." begins a sentence.
#[askama::filter_fn]
pub(crate) fn capitalize_first(text: impl std::fmt::Display, _: &dyn askama::Values) -> askama::Result<String> {
    let text = text.to_string();
    let mut letters = text.chars();
    let first = letters.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    Ok(first + letters.as_str())
}

/// The class that colours a TLP label: its first word, without what follows.
#[askama::filter_fn]
pub(crate) fn tlp_class(marking: impl std::fmt::Display, _: &dyn askama::Values) -> askama::Result<&'static str> {
    let text = marking.to_string();
    Ok(match text.split([' ', '+']).next().unwrap_or_default() {
        "red" => "red",
        "green" => "green",
        "clear" => "clear",
        _ => "amber",
    })
}
