//! Who is told what. Sentences are built only from the reader's own submission and what disclosure opened.

use model::{AgencyId, EntryRole, Level, Pair};
use policy::disclosure;
use store::{Hit, Matter, NewConflict, NewNotice, NewSilentHit, Tx, desk_recipient};
use uuid::Uuid;

use crate::answer::Other;
use crate::error::Error;
use crate::verbs::detail::Detail;
use crate::verbs::look::Looking;

/// Whom to call, with the way on when nobody answers.
pub(crate) fn call(agency: &str, contact: &str, telephone: &str, watch_desk: &str, conflict: Option<&str>) -> Other {
    let quote = conflict.map_or_else(String::new, |c| format!(", quote {c}"));
    Other {
        agency: agency.to_owned(),
        contact: contact.to_owned(),
        telephone: telephone.to_owned(),
        if_no_answer: format!("watch desk {watch_desk}{quote}"),
    }
}

fn desk(matter: Matter, about: Vec<u8>, due: model::Micros) -> NewNotice {
    NewNotice {
        recipient: desk_recipient(),
        agency: AgencyId::from(Uuid::nil()),
        matter,
        about,
        conflict: None,
        case: None,
        entry: None,
        other_case: None,
        due,
        words: None,
    }
}

/// Both sides of a conflict, each by what it may see, and the desk when either sees only the desk. One notice a
/// gathering and member: 60 agencies that hold one handle get 60 notices, not 3,540.
pub(crate) fn both_sides(c: &NewConflict) -> Vec<NewNotice> {
    let Some(pair) = Pair::new(c.mine.case, c.theirs.case) else { return Vec::new() };
    let mut out = Vec::new();
    let mut any_desk = false;
    for (me, you, sees) in [
        (&c.mine, &c.theirs, c.matches.iter().map(|m| m.to_mine).min()),
        (&c.theirs, &c.mine, c.matches.iter().map(|m| m.to_theirs).min()),
    ] {
        any_desk |= sees != Some(Level::Open);
        let open = sees == Some(Level::Open);
        out.push(NewNotice {
            recipient: me.member,
            agency: me.agency,
            matter: if open { Matter::Conflict } else { Matter::Desk },
            about: [&me.case.as_bytes()[..], c.gathering.as_bytes()].concat(),
            conflict: Some(pair.conflict()),
            case: Some(me.case),
            entry: None,
            other_case: Some(you.case),
            due: c.due,
            words: None,
        });
    }
    if any_desk || c.matches.iter().any(|m| m.to_mine == Level::Desk || m.to_theirs == Level::Desk) {
        out.push(NewNotice {
            conflict: Some(pair.conflict()),
            case: Some(pair.low()),
            other_case: Some(pair.high()),
            ..desk(Matter::Desk, pair.conflict().as_bytes().to_vec(), c.due)
        });
    }
    out
}

/// The desk hears of every silent hit.
pub(crate) fn desk_of_silent(hit: &NewSilentHit) -> NewNotice {
    NewNotice {
        case: Some(hit.case),
        entry: Some(hit.entry),
        other_case: hit.other_case,
        ..desk(Matter::Silent, hit.key().as_bytes().to_vec(), model::Micros(0))
    }
}

/// A persona was met: the supervisors of both cases are told to call the desk; the officers' screens show nothing else.
pub(crate) fn persona_supervisors<'a>(
    meetings: impl Iterator<Item = (&'a Hit, EntryRole)>,
    looking: &Looking<'_>,
) -> Vec<NewNotice> {
    let mut out = Vec::new();
    for (hit, mine) in meetings {
        if hit.role != EntryRole::Undercover && mine != EntryRole::Undercover {
            continue;
        }
        let theirs = hit.supervisor.map(|s| (s, hit.agency, Some(hit.case), Some(hit.entry)));
        let ours = looking.supervisor.map(|s| (s, looking.pending.agency, looking.pending.case, None));
        for (recipient, agency, case, entry) in [theirs, ours].into_iter().flatten() {
            out.push(NewNotice {
                recipient,
                agency,
                matter: Matter::Desk,
                about: [&b"persona"[..], hit.entry.as_bytes(), looking.pending.id.as_bytes()].concat(),
                conflict: None,
                case,
                entry,
                other_case: None,
                due: looking.pending.at,
                words: Some(b"An identity of an undercover operation was met: call the watch desk.".to_vec()),
            });
        }
    }
    out
}

/// A question by nexus makes no conflict: each owner of what it met is told who asked, why, and whom to call back.
pub(crate) async fn owners_of_a_question(
    tx: &mut Tx,
    looking: &Looking<'_>,
    detail: &Detail,
    hits: impl Iterator<Item = &Hit>,
) -> Result<(), Error> {
    let mut notices = Vec::new();
    let asker = tx.caller(looking.pending.member).await?;
    for hit in hits {
        let words = match disclosure::show(&hit.reader, &asker) {
            disclosure::Shown::Open { agency, contact, telephone } => {
                format!("{agency} asked about this identifier: {contact}, {telephone}. Purpose: {}", detail.purpose)
            }
            disclosure::Shown::Desk | disclosure::Shown::Nothing => {
                "This identifier was asked about: call the watch desk.".to_owned()
            }
        };
        notices.push(NewNotice {
            recipient: hit.lead,
            agency: hit.agency,
            matter: Matter::Asked,
            about: [&hit.entry.as_bytes()[..], looking.pending.id.as_bytes()].concat(),
            conflict: None,
            case: Some(hit.case),
            entry: Some(hit.entry),
            other_case: None,
            due: looking.pending.at,
            words: Some(words.into_bytes()),
        });
        if hit.level != Level::Open {
            notices.push(NewNotice {
                case: Some(hit.case),
                entry: Some(hit.entry),
                ..desk(
                    Matter::Asked,
                    [&hit.entry.as_bytes()[..], looking.pending.id.as_bytes()].concat(),
                    looking.pending.at,
                )
            });
        }
    }
    tx.notify(notices).await?;
    Ok(())
}
