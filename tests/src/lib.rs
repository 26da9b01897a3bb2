//! End-to-end tests and the acceptance corpus live in this package's `tests/`.
