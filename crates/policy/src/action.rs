//! The acts policy knows, one for each verb of casework and each worker.

/// A word that names no act.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an action of the policies")]
pub struct UnknownAction(
    /// What was written, at most 60 letters of it.
    pub String,
);

macro_rules! actions {
    ($($(#[$doc:meta])* $variant:ident = $word:literal $phrase:literal),* $(,)?) => {
        /// What somebody wants to do. The word stands in the Cedar policies, the ledger and the matrix.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Action { $($(#[$doc])* $variant),* }

        impl Action {
            /// Every action, in the order of the matrix.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The word, as in policies and events.
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }

            /// The same in a sentence: "may *submit to a case*".
            pub fn phrase(self) -> &'static str {
                match self { $(Self::$variant => $phrase),* }
            }
        }

        impl std::str::FromStr for Action {
            type Err = UnknownAction;
            fn from_str(text: &str) -> Result<Self, UnknownAction> {
                match text.trim() {
                    $($word => Ok(Self::$variant),)*
                    other => Err(UnknownAction(other.chars().take(60).collect())),
                }
            }
        }
    };
}

actions! {
    /// Make an installation: first keys, first row.
    Init = "init" "make an installation",
    /// Add an agency.
    AddAgency = "add-agency" "add an agency",
    /// Record an Attorney General approval of a foreign agency (34 U.S.C. 21115(c)).
    RecordApproval = "record-approval" "record an approval of a foreign agency",
    /// Add a member to an agency.
    AddMember = "add-member" "add a member to an agency",
    /// Say in which time zone one's own agency's telephones ring.
    SetTimeZone = "set-time-zone" "set an agency's time zone",
    /// List the members of one's own agency.
    ListMembers = "list-members" "list the members of an agency",
    /// See the directory of agencies: public names, kinds, places and duty numbers.
    ListAgencies = "list-agencies" "see the directory of agencies",
    /// Open a case.
    OpenCase = "open-case" "open a case",
    /// See a case of one's own agency.
    ViewCase = "view-case" "see a case",
    /// Search the cases, entries and threads of one's own agency by their words.
    Search = "search" "search an agency's own cases",
    /// Close a case with an outcome.
    CloseCase = "close-case" "close a case",
    /// Leave entries in a case; later matches reach the officer.
    Submit = "submit" "submit to a case",
    /// Take in a CyberTip: a case of class tip, without a predicate yet (18 U.S.C. 2258A).
    ReceiveTip = "receive-tip" "take in a CyberTip",
    /// State the facts that turn a tip into a case on reasonable suspicion (28 CFR 23.20(a)).
    StatePredicate = "state-predicate" "state a tip's predicate",
    /// Approve that entries stay silent.
    ApproveSilent = "approve-silent" "approve that entries stay silent",
    /// Ask without leaving an entry.
    Check = "check" "check identifiers",
    /// Take entries out of matching.
    Withdraw = "withdraw" "withdraw entries",
    /// Correct entries; everybody told is told again (28 CFR 23.20(h)).
    Correct = "correct" "correct entries",
    /// Offer a case to another agency, or take the offer back.
    OfferTransfer = "offer-transfer" "offer a case to another agency",
    /// Accept or decline a case that another agency offers.
    AcceptTransfer = "accept-transfer" "accept a case from another agency",
    /// Ask or submit more values than one person may in one go: a job that a second person approves.
    AskBulk = "ask-bulk" "ask for a bulk job",
    /// Approve or refuse a colleague's bulk job.
    ApproveBulk = "approve-bulk" "approve a bulk job",
    /// End a bulk job before its end.
    CancelBulk = "cancel-bulk" "cancel a bulk job",
    /// See one's agency's bulk jobs and what they answered.
    ViewBulk = "view-bulk" "see a bulk job",
    /// List one's agency's sides of conflicts.
    Inbox = "inbox" "see the inbox",
    /// See one's own side of a conflict.
    ShowConflict = "show-conflict" "see a conflict",
    /// Take note of a conflict, by name.
    Acknowledge = "acknowledge" "acknowledge a conflict",
    /// Write to the other side.
    Message = "message" "write in a conflict's thread",
    /// Propose how a conflict ends.
    Propose = "propose" "propose how a conflict ends",
    /// Accept how a conflict ends.
    Accept = "accept" "accept how a conflict ends",
    /// Take up a resolved conflict again, with a reason.
    Reopen = "reopen" "reopen a conflict",
    /// Ask that neither side starts new contact.
    Hold = "hold" "propose a hold",
    /// End a hold before its time.
    LiftHold = "lift-hold" "lift a hold",
    /// Act in spite of a hold, for rescue, with a reason.
    ActAgainstHold = "act-against-hold" "act against a hold",
    /// Read a receipt of one's own agency.
    GetReceipt = "get-receipt" "read a receipt",
    /// Carry one's own agency's data away, whole; 34 U.S.C. 21115(e)(2) forbids to limit it.
    Export = "export" "export an agency's own data",
    /// See the watch desk's queue.
    DeskQueue = "desk-queue" "see the watch desk's queue",
    /// Step into an officer of a trial: nobody proves who they are.
    StepIn = "step-in" "step into an officer",
    /// Keep, lock or end one's own session (CJIS AC-11, AC-12).
    KeepSession = "keep-session" "keep a session",
    /// Verify the ledger.
    VerifyLedger = "verify-ledger" "verify the ledger",
    /// Read or sign a checkpoint of the ledger.
    Checkpoint = "checkpoint" "read a checkpoint of the ledger",
    /// Copy the installation's data, never its keys.
    Backup = "backup" "back up the installation",
    /// Bring back a backup, with the purge list applied again.
    Restore = "restore" "restore the installation",
    /// Examine the installation: what is old, missing or weak. No row of an agency is read.
    Doctor = "doctor" "examine the installation",
    /// Have a system of one's own agency told that there are notices.
    AddWebhook = "add-webhook" "add a webhook of an agency",
    /// See where one's own agency's notices are told, and how it goes.
    ListWebhooks = "list-webhooks" "see the webhooks of an agency",
    /// Have a system told no longer.
    EndWebhook = "end-webhook" "end a webhook of an agency",
    /// Choose whether one's own notices come by mail too.
    ChooseMail = "choose-mail" "choose whether notices come by mail",
    /// The matcher's look for a submission or check, in the asker's name.
    Look = "look" "have the matcher look",
    /// The sweeper's round: unlooked submissions, abandoned transactions, ends of orders.
    Sweep = "sweep" "sweep",
    /// The look at every submission ten minutes after commit.
    SecondLook = "second-look" "look a second time",
    /// The look at silent postings, which are never asked in a request.
    SilentLook = "silent-look" "look at silent postings",
    /// Work approved bulk jobs, each slice in the asker's name.
    RunBulk = "run-bulk" "work bulk jobs",
    /// Integrate events into the ledger.
    Sequence = "sequence" "sequence events",
    /// Deliver notices.
    Deliver = "deliver" "deliver notices",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_has_one_word_that_reads_back() {
        for action in Action::ALL {
            assert_eq!(action.word().parse(), Ok(*action));
        }
        assert!("drop-table".parse::<Action>().is_err());
    }
}
