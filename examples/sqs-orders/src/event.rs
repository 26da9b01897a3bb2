//! What a record of the queue holds.

use secure_runtime::prelude::*;

/// An order: `{"order_id": "A-1001", "card_number": ".."}`.
#[secure_event]
#[derive(Debug)]
pub struct Order<'inv> {
    /// What logs and errors may name it by.
    #[public]
    pub order_id: String,
    /// The card that is charged.
    pub card_number: Secret<'inv, String>,
}
