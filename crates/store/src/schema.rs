//! The tables as the migrations make them: names, columns and keys, read from their text, so that nothing that copies
//! every table can forget one.

use crate::migrate::TEXTS;

/// What a column holds, in the migrations' words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Int,
    Bool,
    Id,
    Bytes,
    Text,
}

impl Kind {
    fn of(word: &str) -> Option<Self> {
        Some(match word.trim_end_matches([',', ';']) {
            "BIGINT" => Self::Int,
            "BOOLEAN" => Self::Bool,
            "UUID" => Self::Id,
            "BYTEA" => Self::Bytes,
            "TEXT" => Self::Text,
            _ => return None,
        })
    }
}

/// One table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Table {
    pub name: &'static str,
    pub columns: Vec<(&'static str, Kind)>,
    pub key: Vec<&'static str>,
}

impl Table {
    /// Where a column stands.
    pub fn at(&self, column: &str) -> Option<usize> {
        self.columns.iter().position(|(name, _)| *name == column)
    }

    /// The columns' names, as a statement lists them.
    pub fn list(&self) -> String {
        self.columns.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
    }
}

/// Every table of the schema of this version, in the order they were made.
pub(crate) fn tables(version: i64) -> Vec<Table> {
    let mut out: Vec<Table> = Vec::new();
    for line in TEXTS.iter().filter(|(v, _, _)| *v <= version).flat_map(|(_, _, text)| text.lines()) {
        if let Some(rest) = line.strip_prefix("CREATE TABLE ") {
            let name = rest.split_whitespace().next().unwrap_or_default();
            out.push(Table { name, columns: Vec::new(), key: Vec::new() });
        } else if let Some((table, column)) =
            line.strip_prefix("ALTER TABLE ").and_then(|rest| rest.split_once(" ADD COLUMN "))
        {
            if let Some(table) = out.iter_mut().find(|t| t.name == table.trim()) {
                table.columns.extend(column_of(column));
            }
        } else if let Some((table, column)) =
            line.strip_prefix("ALTER TABLE ").and_then(|rest| rest.split_once(" DROP COLUMN "))
        {
            if let Some(table) = out.iter_mut().find(|t| t.name == table.trim()) {
                table.columns.retain(|(name, _)| *name != column.trim_end_matches(';'));
            }
        } else if let (Some(inner), Some(table)) = (line.strip_prefix("    "), out.last_mut()) {
            match inner.strip_prefix("PRIMARY KEY (").and_then(|rest| rest.split_once(')')) {
                Some((key, _)) => table.key = key.split(", ").collect(),
                None => table.columns.extend(column_of(inner)),
            }
        }
    }
    out
}

fn column_of(line: &'static str) -> Option<(&'static str, Kind)> {
    let mut words = line.split_whitespace();
    let name = words.next()?;
    Some((name, Kind::of(words.next()?)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_has_columns_and_a_key_of_its_columns() {
        let newest = tables(i64::MAX);
        let made: usize = TEXTS.iter().map(|(_, _, text)| text.matches("CREATE TABLE ").count()).sum();
        assert_eq!(newest.len(), made);
        for table in &newest {
            assert!(!table.key.is_empty() && table.key.iter().all(|k| table.at(k).is_some()), "{}", table.name);
        }
        assert!(tables(1).len() < newest.len() && tables(0).is_empty());
    }
}
