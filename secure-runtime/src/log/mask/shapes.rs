//! Credentials by their looks: the table of rule SH016, compiled a second time.

secure_macros::credential_shapes!();
