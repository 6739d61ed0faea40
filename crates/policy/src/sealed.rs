//! What belongs to another agency, under seal.

/// A value that belongs to another agency. It can be carried and dropped; only [`crate::disclosure`] opens it.
///
/// It prints nothing:
/// ```compile_fail,E0277
/// fn print(theirs: &policy::Sealed<String>) -> String {
///     format!("{theirs:?}")
/// }
/// ```
/// It has no open field, no accessor, and no copy:
/// ```compile_fail,E0616
/// fn open(theirs: policy::Sealed<String>) -> String {
///     theirs.0
/// }
/// ```
/// ```compile_fail,E0308
/// fn copy(theirs: &policy::Sealed<String>) -> policy::Sealed<String> {
///     theirs.clone()
/// }
/// ```
pub struct Sealed<T>(T);

impl<T> Sealed<T> {
    /// Puts a value under seal.
    pub fn new(value: T) -> Self {
        Self(value)
    }

    pub(crate) fn open(&self) -> &T {
        &self.0
    }
}
