//! May a case go to this agency? The same question as may it read the case, asked of every entry that goes along.

use model::{AgencyKind, Country, Marking, Source};

use crate::basis::cybertip_basis;

/// The agency a case is to go to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Receiver {
    /// What it is.
    pub kind: AgencyKind,
    /// Where it is.
    pub country: Country,
    /// Suspended by order.
    pub suspended: bool,
    /// Of a foreign agency: a recorded approval of the Attorney General covers today (34 U.S.C. 21115(c)).
    pub approved: bool,
}

/// What policy decides on about the case itself (which has no source), or one entry that goes along.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Travelling {
    /// Where it came from.
    pub source: Option<Source>,
    /// How far it may travel.
    pub marking: Marking,
}

/// What stands against it, counted. An entry may stand against it by more than one rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Bars {
    /// The receiver is suspended by order.
    pub suspended: bool,
    /// The receiver is foreign, and no approval covers today.
    pub unapproved: bool,
    /// Entries from a CyberTip for which the receiver has no basis (18 U.S.C. 2258A(g)(2)(A)).
    pub tips: usize,
    /// Markings that do not release to the receiver's country.
    pub unreleased: usize,
    /// What a partner gave under originator control: one's own may go, for the offer is its originator's agreement.
    pub originators: usize,
}

/// The same as facts for the policies. The default, not weighed, lets nothing go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Carriage {
    /// Neither agency is suspended by order.
    pub ready: bool,
    /// The receiver is of the home country, or a recorded approval covers today.
    pub approved: bool,
    /// The receiver has a basis for every entry that came from a CyberTip.
    pub tips_covered: bool,
    /// Every marking releases to the receiver's country.
    pub released: bool,
    /// No partner's originator control stands on it.
    pub originator_agrees: bool,
}

impl Carriage {
    /// Nothing is carried: an offer that is declined or taken back.
    pub const NONE: Self =
        Self { ready: true, approved: true, tips_covered: true, released: true, originator_agrees: true };
}

impl From<&Bars> for Carriage {
    fn from(bars: &Bars) -> Self {
        Self {
            ready: !bars.suspended,
            approved: !bars.unapproved,
            tips_covered: bars.tips == 0,
            released: bars.unreleased == 0,
            originator_agrees: bars.originators == 0,
        }
    }
}

/// Weighs everything that would go along.
///
/// No basis is recorded for a pair of kinds of agency yet, so a CyberTip goes to a tribal or foreign agency as little as
/// it is read by one.
pub fn weigh(receiver: &Receiver, going: &[Travelling]) -> Bars {
    let foreign = receiver.kind == AgencyKind::Foreign || receiver.country != Country::HOME;
    let count = |stands: &dyn Fn(&Travelling) -> bool| going.iter().filter(|t| stands(t)).count();
    Bars {
        suspended: receiver.suspended,
        unapproved: foreign && !receiver.approved,
        tips: count(&|t| t.source == Some(Source::CyberTip) && cybertip_basis(receiver.kind, &[]).is_none()),
        unreleased: count(&|t| foreign && !t.marking.release.contains(&receiver.country)),
        originators: count(&|t| t.marking.originator_control && t.source == Some(Source::Partner)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn going() -> Vec<Travelling> {
        let marking = |text: &str| text.parse::<Marking>().unwrap();
        vec![
            Travelling { source: None, marking: marking("amber rel CA") },
            Travelling { source: Some(Source::CyberTip), marking: marking("amber") },
            Travelling { source: Some(Source::Partner), marking: marking("amber rel CA orcon") },
            Travelling { source: Some(Source::Open), marking: marking("amber rel CA orcon") },
        ]
    }

    #[test]
    fn each_rule_counts_what_stands_against_it_for_this_receiver() {
        let receiver = |kind, country: &str, approved| Receiver {
            kind,
            country: country.parse().unwrap(),
            suspended: false,
            approved,
        };
        let weighed = |kind, country, approved| {
            let b = weigh(&receiver(kind, country, approved), &going());
            (b.unapproved, b.tips, b.unreleased, b.originators)
        };
        for kind in [AgencyKind::Federal, AgencyKind::State, AgencyKind::Local] {
            assert_eq!(weighed(kind, "US", false), (false, 0, 0, 1), "{kind:?}");
        }
        assert_eq!(weighed(AgencyKind::Tribal, "US", false), (false, 1, 0, 1));
        assert_eq!(weighed(AgencyKind::Foreign, "CA", true), (false, 1, 1, 1));
        assert_eq!(weighed(AgencyKind::Foreign, "GB", false), (true, 1, 4, 1));
    }

    #[test]
    fn what_was_not_weighed_goes_nowhere() {
        let default = Carriage::default();
        assert!(!default.ready && !default.approved && !default.tips_covered && !default.released);
        assert_eq!(Carriage::from(&Bars::default()), Carriage::NONE);
    }
}
