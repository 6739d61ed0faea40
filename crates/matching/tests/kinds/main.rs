//! Each kind of identifier: a table of how it is written and what is read, and two laws: no string panics, and reading
//! twice changes nothing.

mod address;
mod common;
mod domain;
mod email;
mod handle;
mod iccid;
mod imei;
mod imsi;
mod ip;
mod mac;
mod md5;
mod onion;
mod p2p;
mod payment;
mod pdq;
mod person;
mod phone;
mod plate;
mod room;
mod serial;
mod sha1;
mod sha256;
mod url;
mod vin;
mod wallet;
