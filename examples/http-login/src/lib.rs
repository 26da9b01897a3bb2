//! A login over HTTP: `POST /login` checks a password and opens a session, `GET /health` says that the function runs.
//!
//! [`handler`], [`request`] and [`error`] are what `secure-runtime` asks for; [`users`], [`password`] and [`session`] know
//! nothing of it.

pub mod error;
pub mod handler;
pub mod password;
pub mod request;
pub mod session;
pub mod users;
