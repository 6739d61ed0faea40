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

vocabulary! {
    /// What a reader must also know before handing it on.
    pub enum Caveat as "caveat" {
        /// Law enforcement sensitive.
        LawEnforcement = 1 "les",
        /// Criminal intelligence under 28 CFR Part 23: need and right to know (23.20(d), (e)).
        Part23 = 2 "part23",
        /// Would identify a child: only people with a reason to know (18 U.S.C. 3509(d)).
        Child = 3 "child",
        /// From a CyberTip: only as 18 U.S.C. 2258A(g) lets it.
        CyberTip = 4 "2258a",
    }
}

vocabulary! {
    /// On which ground it may be handed on (18 U.S.C. 2258A(g)(2)(A)(i) to (vii), or an agreement).
    pub enum LegalBasis as "legal basis" {
        /// (i) to an attorney for the government.
        Attorney = 1 "basis-i",
        /// (ii) to one's own officers.
        OwnOfficers = 2 "basis-ii",
        /// (iii) to other government personnel an attorney finds necessary.
        Personnel = 3 "basis-iii",
        /// (iv) to a State official, for State criminal law.
        State = 4 "basis-iv",
        /// (v) to a defendant under 18 U.S.C. 3509(m).
        Defendant = 5 "basis-v",
        /// (vi) to a provider, to answer legal process.
        Provider = 6 "basis-vi",
        /// (vii) by order of a court.
        Court = 7 "basis-vii",
        /// An agreement between the agencies.
        Agreement = 8 "basis-agreement",
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
    /// What a reader must also know, each once, in the order of the vocabulary.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub caveats: Vec<Caveat>,
    /// On which ground it may be handed on, where one was recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basis: Option<LegalBasis>,
}

impl Default for Marking {
    fn default() -> Self {
        Self { tlp: Tlp::AmberStrict, release: Vec::new(), originator_control: false, caveats: Vec::new(), basis: None }
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
            let word = word.to_ascii_lowercase();
            if word == "orcon" {
                marking.originator_control = true;
            } else if let Ok(caveat) = word.parse::<Caveat>() {
                marking.caveats.push(caveat);
            } else if let Ok(basis) = word.parse::<LegalBasis>() {
                marking.basis = Some(basis);
            } else if word == "rel" {
                in_release = true;
            } else if in_release {
                marking.release.push(word.parse()?);
            } else {
                return Err(crate::Invalid::new(
                    "is not a marking",
                    "write a TLP label, then `rel` and countries, `orcon`, a caveat (les, part23, child, 2258a) or a basis, for example: amber rel CA GB les",
                ));
            }
        }
        marking.caveats.sort_unstable();
        marking.caveats.dedup();
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
        for caveat in &self.caveats {
            write!(f, " {caveat}")?;
        }
        if let Some(basis) = self.basis {
            write!(f, " {basis}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markings_read_and_print_alike() {
        let m: Marking = "TLP:AMBER les rel GB CA orcon basis-iv part23 les".parse().unwrap();
        assert_eq!(m.to_string(), "amber rel CA GB orcon les part23 basis-iv");
        assert_eq!(m.to_string().parse::<Marking>().unwrap(), m);
        assert!("purple".parse::<Marking>().is_err());
        assert!("amber xyzzy".parse::<Marking>().is_err());
    }
}
