//! Pages of a list: some rows, and where the next page begins.

use model::{Invalid, Micros};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::error::Error;

/// Rows of a page, by default and at most.
pub const PAGE_ROWS: usize = 50;

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Page<T> {
    /// Which list, with its version.
    pub format: String,
    /// Its rows, in the list's order.
    pub rows: Vec<T>,
    /// What to ask after for the next page; none when this is the last. To be handed back as it is: what stands in it
    /// may change.
    pub next: Option<String>,
}

/// How many rows are wanted.
pub(crate) fn wanted(limit: Option<usize>) -> usize {
    limit.unwrap_or(PAGE_ROWS).clamp(1, PAGE_ROWS)
}

/// One row more than wanted is read: it says whether there is a next page.
pub(crate) fn one_more(wanted: usize) -> i64 {
    i64::try_from(wanted.saturating_add(1)).unwrap_or(i64::MAX)
}

/// Cuts what was read to what is wanted, and says where the next page begins.
pub(crate) fn cut<T>(rows: &mut Vec<T>, wanted: usize, mark: impl Fn(&T) -> String) -> Option<String> {
    if rows.len() <= wanted {
        return None;
    }
    rows.truncate(wanted);
    rows.last().map(mark)
}

/// Marks a row of a list that is ordered by a time and then by ids.
pub(crate) fn mark<const N: usize>(at: Micros, ids: [Uuid; N]) -> String {
    let ids = ids.iter().flat_map(|id| *id.as_bytes());
    hex::encode(at.0.to_be_bytes().into_iter().chain(ids).collect::<Vec<u8>>())
}

/// Reads such a mark.
///
/// # Errors
/// [`Error::Argument`] for what no page of such a list gave out.
pub(crate) fn after<const N: usize>(text: Option<&str>) -> Result<Option<(Micros, [Uuid; N])>, Error> {
    let Some(text) = text else { return Ok(None) };
    let read = || {
        let bytes = hex::decode(text.trim()).ok()?;
        let (at, rest) = bytes.split_first_chunk::<8>()?;
        let (ids, left) = rest.as_chunks::<16>();
        let ids: [[u8; 16]; N] = ids.try_into().ok().filter(|_| left.is_empty())?;
        Some((Micros(i64::from_be_bytes(*at)), ids.map(Uuid::from_bytes)))
    };
    read().map(Some).ok_or_else(no_page)
}

/// Reads the mark of a list that is ordered by an id alone, which is the mark.
///
/// # Errors
/// As [`after`].
pub(crate) fn after_id<T: From<Uuid>>(text: Option<&str>) -> Result<Option<T>, Error> {
    text.map(|t| Uuid::try_parse(t.trim()).map(T::from).map_err(|_| no_page())).transpose()
}

pub(crate) fn no_page() -> Error {
    Error::argument("after")(Invalid::new(
        "is not where a page of this list ended",
        "give back what the page before called next, or leave it out for the first page",
    ))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_mark_reads_back_and_nothing_else_is_one() {
        let ids = [Uuid::from_u128(7), Uuid::max()];
        for at in [Micros(i64::MIN), Micros(0), Micros(1_796_000_000_000_000)] {
            assert_eq!(after(Some(&mark(at, ids))).unwrap(), Some((at, ids)));
        }
        assert!(after::<1>(None).unwrap().is_none());
        let longer = mark(Micros(1), ids);
        for bad in ["", "zz", "00", &longer, &longer[..longer.len() - 1], "é"] {
            assert!(matches!(after::<1>(Some(bad)), Err(Error::Argument { .. })), "{bad}");
        }
        assert!(after_id::<Uuid>(Some("1")).is_err());
    }

    #[test]
    fn a_page_is_cut_to_what_is_wanted_and_a_whole_one_has_no_next() {
        assert_eq!((wanted(None), wanted(Some(0)), wanted(Some(7)), wanted(Some(1_000))), (50, 1, 7, 50));
        let mut rows = vec![1, 2, 3];
        assert_eq!(cut(&mut rows, 2, ToString::to_string).as_deref(), Some("2"));
        assert_eq!(cut(&mut rows, 2, ToString::to_string), None);
        assert_eq!(rows, [1, 2]);
    }
}
