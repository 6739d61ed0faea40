//! How far a thing may travel.

use crate::vocabulary::vocabulary;

vocabulary! {
    /// Traffic Light Protocol 2.0 (FIRST, August 2022).
    pub enum Tlp as "TLP label" {
        /// Named recipients only.
        Red = 1 "red",
        /// The recipient's organisation only.
        AmberStrict = 2 "amber+strict",
        /// The recipient's organisation and its clients.
        Amber = 3 "amber",
        /// The community.
        Green = 4 "green",
        /// Everybody.
        Clear = 5 "clear",
    }
}

/// A marking: TLP label, release and caveats. Default: amber+strict, home country only.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Marking {
    /// Handling label.
    pub tlp: Tlp,
    /// Countries beside the home country that may see it, ISO 3166-1 alpha-2, sorted; empty means home only.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub release: Vec<crate::Country>,
    /// The originator must agree to any further release (ORCON).
    #[serde(default)]
    pub originator_control: bool,
}

impl Default for Marking {
    fn default() -> Self {
        Self { tlp: Tlp::AmberStrict, release: Vec::new(), originator_control: false }
    }
}

impl std::str::FromStr for Marking {
    type Err = crate::Invalid;
    /// Reads "amber", "TLP:RED", "amber rel CA GB", "amber orcon".
    fn from_str(text: &str) -> Result<Self, crate::Invalid> {
        let mut marking = Self::default();
        let mut words = text.split([' ', '/', ',']).filter(|w| !w.is_empty());
        let first =
            words.next().ok_or_else(|| crate::Invalid::new("is empty", "write a TLP label, for example amber"))?;
        let label = first.to_ascii_lowercase();
        marking.tlp = label.strip_prefix("tlp:").unwrap_or(&label).parse()?;
        let mut in_release = false;
        for word in words {
            match word.to_ascii_lowercase().as_str() {
                "orcon" => marking.originator_control = true,
                "rel" => in_release = true,
                _ if in_release => marking.release.push(word.parse()?),
                _ => {
                    return Err(crate::Invalid::new(
                        "is not a marking",
                        "write a TLP label, then `rel` and countries or `orcon`, for example: amber rel CA GB",
                    ));
                }
            }
        }
        marking.release.sort_unstable();
        marking.release.dedup();
        Ok(marking)
    }
}

impl std::fmt::Display for Marking {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.tlp)?;
        if !self.release.is_empty() {
            f.write_str(" rel")?;
            for country in &self.release {
                write!(f, " {country}")?;
            }
        }
        if self.originator_control {
            f.write_str(" orcon")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markings_read_and_print_alike() {
        let m: Marking = "TLP:AMBER rel GB CA orcon".parse().unwrap();
        assert_eq!(m.to_string(), "amber rel CA GB orcon");
        assert_eq!(m.to_string().parse::<Marking>().unwrap(), m);
        assert!("purple".parse::<Marking>().is_err());
        assert!("amber xyzzy".parse::<Marking>().is_err());
    }
}
