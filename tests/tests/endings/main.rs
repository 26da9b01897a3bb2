//! Every way in which an invocation ends, seen from outside: what the caller gets to the byte, what the log says, what is left in
//! memory, that the process lives and the next event is answered rightly.

mod at_once;
mod busy;
mod failures;
mod hooks;
mod lines;
mod payloads;
mod seen;
mod streams;
mod unprotected;
