//! What is written: lines for people, JSON, new files.

pub(crate) mod json;
pub(crate) mod new_file;
pub(crate) mod terminal;
pub(crate) mod text;
