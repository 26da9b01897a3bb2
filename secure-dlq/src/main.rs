//! Dead letters, for the people who analyse them.
fn main() {}
