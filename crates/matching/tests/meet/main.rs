//! What must meet, what must not, and what is said of it.

mod common;
mod exact;
mod ip;
mod lists;
mod pdq;
mod sentences;
mod weaker;
