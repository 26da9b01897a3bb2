//! What the functions in `src/bin` have in common. The end-to-end tests and the acceptance corpus live in this package's
//! `tests/`.

pub mod forgetful;
pub mod key_work;
pub mod residue;
