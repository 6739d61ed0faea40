//! Typed ids: a case's id is not an agency's.

use sha2::{Digest, Sha256};
use uuid::{Builder, Uuid};

use crate::time::{Chance, Clock};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// A new UUIDv7 (RFC 9562): sorts by time, so inserts stay at the right edge of a B-tree.
            pub fn new(clock: &dyn Clock, chance: &dyn Chance) -> Self {
                Self(uuid_v7(clock, chance))
            }

            /// The id as 16 bytes, as it goes into digests and associated data.
            pub fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, uuid::Error> {
                Uuid::parse_str(text).map(Self)
            }
        }
    )*};
}

ids! {
    /// A credentialed organisation.
    AgencyId,
    /// An Attorney General approval of a foreign agency (34 U.S.C. 21115(c)).
    ApprovalId,
    /// A bulk job; derived from the request that asked for it.
    BulkId,
    /// A person with an account at one agency.
    MemberId,
    /// An agency's investigation.
    CaseId,
    /// The facts that make suspicion reasonable (28 CFR 23.20(a)).
    PredicateId,
    /// An identifier held in a case.
    EntryId,
    /// One submission or check; also the id of its receipt.
    SubmissionId,
    /// The caller's id of one request: sent again, it gets the same receipt and answer.
    RequestId,
    /// Two cases that meet; derived from the pair.
    ConflictId,
    /// Two entries that meet; derived from the pair of entries and the rule.
    MatchId,
    /// Conflicts that share an identifier; derived from the shared token.
    GatheringId,
    /// One thing to tell one recipient; derived from recipient and matter.
    NoticeId,
    /// One message of a conflict's thread.
    MessageId,
    /// One offer of a case to another agency.
    TransferId,
    /// One act, read or refusal in the ledger.
    EventId,
    /// One mail or call of a webhook; derived from channel, target and notices, so that sent again it is the same.
    LetterId,
    /// One address of an agency's own system that is told of notices.
    WebhookId,
}

fn uuid_v7(clock: &dyn Clock, chance: &dyn Chance) -> Uuid {
    let mut tail = [0; 10];
    chance.fill(&mut tail);
    let millis = u64::try_from(clock.now().0 / 1_000).unwrap_or(0);
    Builder::from_unix_timestamp_millis(millis, &tail).into_uuid()
}

/// An id derived from a natural key (UUIDv8 over SHA-256), so that two writers who find the same thing write the
/// same row. `domain` keeps ids of different things apart; each part is length-prefixed, so parts cannot run together.
pub fn derived_id(domain: &str, parts: &[&[u8]]) -> Uuid {
    let mut hash = Sha256::new();
    for part in std::iter::once(domain.as_bytes()).chain(parts.iter().copied()) {
        hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(part);
    }
    let digest: [u8; 32] = hash.finalize().into();
    let mut bytes = [0; 16];
    for (to, from) in bytes.iter_mut().zip(digest) {
        *to = from;
    }
    Builder::from_custom_bytes(bytes).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_derived_id_depends_on_every_part_and_on_where_parts_end() {
        let id = derived_id("conflict", &[b"ab", b"c"]);
        assert_eq!(id, derived_id("conflict", &[b"ab", b"c"]));
        assert_ne!(id, derived_id("conflict", &[b"a", b"bc"]));
        assert_ne!(id, derived_id("match", &[b"ab", b"c"]));
        assert_eq!(id.get_version_num(), 8);
    }
}
