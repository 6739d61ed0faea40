//! placeholder
/// placeholder
pub fn malformed() -> Vec<(String, Vec<u8>, &'static str)> { Vec::new() }
