//! A login function: it checks a password and answers with a signed ticket.
//!
//! [`handler`], [`event`] and [`error`] are what `secure-runtime` asks for; [`db`], [`password`] and [`ticket`] know
//! nothing of it.

pub mod db;
pub mod error;
pub mod event;
pub mod handler;
pub mod password;
pub mod ticket;
