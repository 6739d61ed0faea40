//! What is wrong with an input, in words a detective can act on.

/// Why a value was refused and what to do. Lower case, no full stop; the caller adds the field and its place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{problem}; {cure}")]
pub struct Invalid {
    /// What is wrong.
    pub problem: String,
    /// What to do about it.
    pub cure: String,
}

impl Invalid {
    /// Both halves, as sentences without their subject.
    pub fn new(problem: impl Into<String>, cure: impl Into<String>) -> Self {
        Self { problem: problem.into(), cure: cure.into() }
    }

    /// The same, placed: which field, and where in the file.
    pub fn at(self, place: impl Into<String>, field: impl Into<String>) -> Problem {
        Problem { place: place.into(), field: field.into(), problem: self.problem, cure: self.cure }
    }
}

/// One thing wrong with one place of an input file.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Problem {
    /// "line 7" or a JSON pointer (RFC 6901).
    #[serde(rename = "where")]
    pub place: String,
    /// The column or property.
    pub field: String,
    /// What is wrong.
    pub problem: String,
    /// What to do about it.
    pub cure: String,
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}, {}: {}; {}", self.place, self.field, self.problem, self.cure)
    }
}
