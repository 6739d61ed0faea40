//! What Concord knows of a report, key by key. What is not here is free text.
//!
//! Source: NCMEC's published CyberTipline reporting API, read through Nachtalb/ncmec-cybertip @ab21127.
//! `dateReceived`, `accountId` and `responseCode` are no keys of a report that is sent; they are met in those that
//! come. `namesLeftOut` is our own: how many names of files an earlier reader did not keep.

use model::Tip;
use model::tip::{
    Account, DeviceId, FileAnnotation, FileHash, FileRelevance, IncidentKind, InternetDetails, IpEvent, OnlineIncident,
    Party, PartyRole, Person, PhoneNumber, PostalAddress, Presence, TipFile,
};

use super::pass::Pass;

/// What is said of a hash that can be none.
pub(super) const NO_HASH: (&str, &str) = (
    "is not a hash of the sort it says",
    "write its hexadecimal digits (MD5 32, SHA1 40, SHA256 and PDQ 64), or leave it out",
);

pub(super) fn report<P: Pass>(tip: &mut Tip, p: &mut P) {
    let mut number = Some(tip.number.clone());
    p.one("reportId", &mut number);
    if let Some(number) = number {
        tip.number = number;
    }
    p.one("dateReceived", &mut tip.received);
    p.one("responseCode", &mut tip.response);
    p.within("batchedReport", |p| p.one("reason", &mut tip.batched));
    p.within("incidentSummary", |p| {
        p.one("incidentType", &mut tip.incident_type);
        p.one("platform", &mut tip.platform);
        p.flags("reportAnnotations", &mut tip.annotations);
        p.one("incidentDateTime", &mut tip.incident_time);
    });
    p.parts("internetDetails", &mut tip.details, details);
    p.parts("personOrUserReported", &mut tip.reported, reported);
    p.parts("intendedRecipient", &mut tip.recipients, recipient);
    p.parts("victim", &mut tip.victims, victim);
    p.parts("fileDetails", &mut tip.files, file);
    let own = tip.files.iter().all(|f| f.report.as_ref().is_none_or(|r| *r == tip.number));
    p.rule(own, "fileDetails.reportId", "is the number of another report", "put each file under its own report");
    let mut left = Some(tip.dropped_names).filter(|n| *n > 0);
    p.one("namesLeftOut", &mut left);
    tip.dropped_names = left.unwrap_or(0);
}

fn details<P: Pass>(details: &mut InternetDetails, p: &mut P) {
    let mut all = Vec::new();
    for kind in IncidentKind::ALL {
        let (mut of_kind, rest) = details.incidents.drain(..).partition(|i| i.kind == kind);
        details.incidents = rest;
        p.parts(kind.key(), &mut of_kind, incident);
        all.extend(of_kind.into_iter().map(|i| OnlineIncident { kind, ..i }));
    }
    let cure = "give each incident its own internetDetails";
    p.rule(all.len() <= 1, "internetDetails", "holds more than one incident", cure);
    details.incidents = all;
}

fn incident<P: Pass>(incident: &mut OnlineIncident, p: &mut P) {
    p.one("thirdPartyHostedContent", &mut incident.third_party_hosted);
    p.many("url", &mut incident.urls);
    p.many("emailAddress", &mut incident.emails);
    p.one("chatClient", &mut incident.chat_client);
    p.one("chatRoomName", &mut incident.room);
    p.parts("phoneNumber", &mut incident.phones, phone);
    p.parts("incidentAddress", &mut incident.addresses, address);
    p.one("client", &mut incident.client);
    p.parts("ipCaptureEvent", &mut incident.ip_events, ip_event);
    p.names("fileNames", |_| false);
}

fn reported<P: Pass>(party: &mut Party, p: &mut P) {
    walk_party(party, PartyRole::Reported, p);
}

fn recipient<P: Pass>(party: &mut Party, p: &mut P) {
    walk_party(party, PartyRole::Recipient, p);
}

fn victim<P: Pass>(party: &mut Party, p: &mut P) {
    walk_party(party, PartyRole::Victim, p);
}

fn walk_party<P: Pass>(party: &mut Party, role: PartyRole, p: &mut P) {
    p.part(&[role.person_key(), "person"], &mut party.person, person);
    presence(&mut party.presence, p);
    p.one("compromisedAccount", &mut party.compromised);
    p.one("thirdPartyUserReported", &mut party.third_party);
    p.one("allEmailsReported", &mut party.all_emails);
    p.many("priorCTReports", &mut party.prior_reports);
    p.parts("associatedAccount", &mut party.accounts, account);
}

fn person<P: Pass>(person: &mut Person, p: &mut P) {
    p.one("firstName", &mut person.first_name);
    p.one("lastName", &mut person.last_name);
    p.parts("phone", &mut person.phones, phone);
    p.many("email", &mut person.emails);
    p.parts("address", &mut person.addresses, address);
    p.one("age", &mut person.age);
    p.one("ageAssertionDiscrepancy", &mut person.age_discrepancy);
    p.one("dateOfBirth", &mut person.birth);
}

fn account<P: Pass>(account: &mut Account, p: &mut P) {
    p.one("accountType", &mut account.kind);
    p.one("thirdPartyUser", &mut account.third_party);
    p.one("platform", &mut account.platform);
    p.one("accountId", &mut account.account_id);
    p.one("approximateAge", &mut account.age);
    p.one("ageAssertionDiscrepancy", &mut account.age_discrepancy);
    p.parts("phone", &mut account.phones, phone);
    p.many("email", &mut account.emails);
    p.parts("address", &mut account.addresses, address);
    presence(&mut account.presence, p);
}

fn presence<P: Pass>(presence: &mut Presence, p: &mut P) {
    p.one("espService", &mut presence.service);
    p.one("espIdentifier", &mut presence.identifier);
    p.one("screenName", &mut presence.screen_name);
    p.many("profileUrl", &mut presence.profile_urls);
    p.one("groupIdentifier", &mut presence.group);
    p.parts("ipCaptureEvent", &mut presence.ip_events, ip_event);
    p.parts("deviceId", &mut presence.devices, device);
}

fn phone<P: Pass>(phone: &mut PhoneNumber, p: &mut P) {
    p.own(&mut phone.number);
    p.one("countryCallingCode", &mut phone.calling_code);
}

fn address<P: Pass>(address: &mut PostalAddress, p: &mut P) {
    p.own(&mut address.whole);
    p.one("address", &mut address.street);
    p.one("city", &mut address.city);
    p.one("zipCode", &mut address.zip);
    p.one("state", &mut address.state);
    p.one("nonUsaState", &mut address.other_state);
    p.one("country", &mut address.country);
}

fn ip_event<P: Pass>(event: &mut IpEvent, p: &mut P) {
    p.one("ipAddress", &mut event.address);
    p.rule(event.address.is_some(), "ipAddress", "is missing", "give the address of the event, or leave the event out");
    p.one("eventName", &mut event.event);
    p.one("dateTime", &mut event.at);
    p.one("possibleProxy", &mut event.possible_proxy);
    p.one("port", &mut event.port);
}

fn device<P: Pass>(device: &mut DeviceId, p: &mut P) {
    p.one("idType", &mut device.kind);
    p.rule(device.kind.is_some(), "idType", "is missing", "say what sort of number it is, for example IMEI");
    p.one("idValue", &mut device.value);
    p.rule(device.value.is_some(), "idValue", "is missing", "give the device's number, or leave the device out");
    p.one("eventName", &mut device.event);
    p.one("dateTime", &mut device.at);
}

fn hash<P: Pass>(hash: &mut FileHash, p: &mut P) {
    p.one("hashType", &mut hash.kind);
    p.rule(hash.kind.is_some(), "hashType", "is missing", "say how the hash was made, for example MD5");
    p.own(&mut hash.value);
    p.rule(hash.value.is_some(), "", "is empty", "give the hash, or leave it out");
    let (problem, cure) = NO_HASH;
    p.rule(hash.can_be(), "", problem, cure);
}

fn file<P: Pass>(file: &mut TipFile, p: &mut P) {
    p.one("reportId", &mut file.report);
    p.one("fileId", &mut file.id);
    p.names("originalFileName", |_| false);
    p.names("locationOfFile", is_web);
    p.one("uploadedToEspTimestamp", &mut file.uploaded);
    p.one("fileViewedByEsp", &mut file.viewed);
    p.one("exifViewedByEsp", &mut file.exif_viewed);
    p.one("publiclyAvailable", &mut file.public);
    p.one("fileRelevance", &mut file.relevance);
    p.flags("fileAnnotations", &mut file.annotations);
    p.one("industryClassification", &mut file.class);
    p.parts("originalFileHash", &mut file.hashes, hash);
    p.pairs(&mut file.hashes);
    p.parts("ipCaptureEvent", &mut file.ip_events, ip_event);
    p.parts("deviceId", &mut file.devices, device);
    let context = file.relevance == Some(FileRelevance::Supplemental);
    let cure = "leave it out, or mark the file as Reported: the API allows it for reported files only";
    let is_meme = file.annotations.contains(&FileAnnotation::PotentialMeme);
    let problem = "stands at a file that is Supplemental Reported";
    p.rule(!(context && file.class.is_some()), "industryClassification", problem, cure);
    p.rule(!(context && is_meme), "fileAnnotations.potentialMeme", problem, cure);
}

/// Anything else is a path, and its end a name.
fn is_web(text: &str) -> bool {
    ["http://", "https://"].iter().any(|s| text.get(..s.len()).is_some_and(|t| t.eq_ignore_ascii_case(s)))
}
