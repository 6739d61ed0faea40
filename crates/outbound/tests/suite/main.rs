//! Couriers against real servers in this process, on loopback, which the operator of these tests lists.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on must fail"
)]

mod desk;
mod http;
mod mail;
mod smtp;
mod webhook;

use casework::Letter;
use casework::To;
use model::Micros;
use uuid::Uuid;

/// The letter of these tests.
pub fn letter(to: To) -> Letter {
    let at = |text| Micros::parse(text).unwrap();
    Letter {
        id: Uuid::from_u128(0x01a2_0a3a_3058_7e91_be7b_0553_6ab4_0faf).into(),
        at: at("2026-11-23T21:04:00Z"),
        due: at("2026-11-24T01:05:00Z"),
        count: 3,
        to,
    }
}
