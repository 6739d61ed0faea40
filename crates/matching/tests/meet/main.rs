//! What must meet, what must not, and what is said of it.

#[cfg(test)]
mod common;
#[cfg(test)]
mod exact;
#[cfg(test)]
mod ip;
#[cfg(test)]
mod lists;
#[cfg(test)]
mod pdq;
#[cfg(test)]
mod sentences;
#[cfg(test)]
mod weaker;
