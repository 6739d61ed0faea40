//! Bulk jobs: more values than one person may ask or submit in one go.

use crate::vocabulary::vocabulary;

vocabulary! {
    /// What a bulk job does with its values.
    pub enum BulkVerb as "verb of a bulk job" {
        /// Asks, and keeps nothing of what meets nothing.
        Check = 1 "check",
        /// Leaves entries in the case; later matches reach the officer.
        Submit = 2 "submit",
    }
}

vocabulary! {
    /// Where a bulk job stands.
    pub enum BulkState as "state of a bulk job" {
        /// A second person of the agency has to approve it.
        Waiting = 1 "waiting",
        /// Approved, and not begun.
        Approved = 2 "approved",
        /// Some of its values may have been worked.
        Running = 3 "running",
        /// All of its values were worked.
        Done = 4 "done",
        /// Ended before its end, by the asker or a supervisor.
        Cancelled = 5 "cancelled",
        /// The second person said no.
        Refused = 6 "refused",
        /// It could not go on: nobody approved it in time, or the asker may not do it any more.
        Failed = 7 "failed",
    }
}

impl BulkState {
    /// Nothing more of it will be worked, and its upload is gone.
    pub fn has_ended(self) -> bool {
        matches!(self, Self::Done | Self::Cancelled | Self::Refused | Self::Failed)
    }
}

vocabulary! {
    /// The legal process or authority the values of a bulk job came from. This project's list, version 1: no statute
    /// prescribes one for deconfliction; 28 CFR 23.20(c) only asks that nothing unlawfully obtained is entered.
    pub enum Authority as "legal process or authority" {
        /// A search warrant.
        SearchWarrant = 1 "search-warrant",
        /// A subpoena, administrative or of a grand jury.
        Subpoena = 2 "subpoena",
        /// Another order of a court, for example under 18 U.S.C. 2703(d).
        CourtOrder = 3 "court-order",
        /// The consent of whoever may give it.
        Consent = 4 "consent",
        /// What a provider returned to legal process.
        ProviderReturn = 5 "provider-return",
        /// A CyberTip (18 U.S.C. 2258A).
        CyberTip = 6 "cybertip",
        /// What the agency holds already in its own cases.
        OwnHoldings = 7 "agency-own-holdings",
        /// Another, said in words.
        Other = 8 "other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_numbers_of_a_job_read_back() {
        for state in BulkState::ALL {
            assert_eq!((state.word().parse(), BulkState::from_code(state.code())), (Ok(*state), Some(*state)));
        }
        for authority in Authority::ALL {
            assert_eq!(authority.word().parse(), Ok(*authority));
        }
        assert_eq!(BulkState::ALL.iter().filter(|s| s.has_ended()).count(), 4);
    }
}
