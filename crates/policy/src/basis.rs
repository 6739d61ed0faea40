//! Who may learn of a CyberTip: 18 U.S.C. 2258A(g)(2)(A).

use model::AgencyKind;

/// The seven exceptions under which an agency that received a CyberTip may disclose it, in our own words.
/// Source: 18 U.S.C. 2258A(g)(2)(A)(i)-(vii), text to PL 117-81.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Basis {
    /// (i) To an attorney for the government, for the performance of official duties.
    I,
    /// (ii) To officers and employees of the agency, as they need it to investigate.
    II,
    /// (iii) To other government personnel, of a State or its subdivisions too, whom an attorney for the
    /// government finds necessary to help that attorney enforce federal criminal law.
    III,
    /// (iv) To an official of a State or its subdivision, to enforce State criminal law.
    IV,
    /// (v) To a defendant or their counsel, as 18 U.S.C. 3509(m) allows.
    V,
    /// (vi) To a provider, to answer legal process; never a visual depiction.
    VI,
    /// (vii) As a court orders.
    VII,
}

/// The exception under which a reader of this kind may learn whom to call about a CyberTip.
///
/// Federal, State and local readers have one by themselves. None names a tribe or a foreign agency: they have
/// what counsel recorded for the pair, or none, and then the answer is the watch desk.
///
/// A recorded (v) or (vi) is no basis here: it reaches a defendant or a provider, and neither reads this system.
pub fn cybertip_basis(reader: AgencyKind, recorded: &[Basis]) -> Option<Basis> {
    match reader {
        AgencyKind::Federal => Some(Basis::III),
        AgencyKind::State | AgencyKind::Local => Some(Basis::IV),
        AgencyKind::Tribal | AgencyKind::Foreign => {
            recorded.iter().copied().find(|basis| !matches!(basis, Basis::V | Basis::VI))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 18 U.S.C. 2258A(g)(2)(A): (iii) and (iv) reach a State and its subdivisions, nothing reaches the others.
    #[test]
    fn tribal_and_foreign_readers_have_no_basis_until_counsel_records_one() {
        for kind in [AgencyKind::Tribal, AgencyKind::Foreign] {
            assert_eq!(cybertip_basis(kind, &[]), None);
            assert_eq!(cybertip_basis(kind, &[Basis::V, Basis::VI]), None);
            assert_eq!(cybertip_basis(kind, &[Basis::VI, Basis::VII]), Some(Basis::VII));
        }
        for kind in [AgencyKind::Federal, AgencyKind::State, AgencyKind::Local] {
            assert!(cybertip_basis(kind, &[]).is_some());
        }
    }
}
