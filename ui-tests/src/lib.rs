//! What compiles and what does not: each folder of `ui` is one subject, `pass_*.rs` programs run, `fail_*.rs` programs show
//! the diagnostics in their `.stderr`.
