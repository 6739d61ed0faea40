//! Each kind of identifier: a table of how it is written and what is read, and two laws: no string panics, and reading
//! twice changes nothing.

#[cfg(test)]
mod address;
#[cfg(test)]
mod common;
#[cfg(test)]
mod domain;
#[cfg(test)]
mod email;
#[cfg(test)]
mod handle;
#[cfg(test)]
mod iccid;
#[cfg(test)]
mod imei;
#[cfg(test)]
mod imsi;
#[cfg(test)]
mod ip;
#[cfg(test)]
mod mac;
#[cfg(test)]
mod md5;
#[cfg(test)]
mod onion;
#[cfg(test)]
mod p2p;
#[cfg(test)]
mod payment;
#[cfg(test)]
mod pdq;
#[cfg(test)]
mod person;
#[cfg(test)]
mod phone;
#[cfg(test)]
mod plate;
#[cfg(test)]
mod room;
#[cfg(test)]
mod serial;
#[cfg(test)]
mod sha1;
#[cfg(test)]
mod sha256;
#[cfg(test)]
mod url;
#[cfg(test)]
mod vin;
#[cfg(test)]
mod wallet;
