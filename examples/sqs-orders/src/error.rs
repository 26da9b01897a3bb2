//! How an order fails: what the log gets, and what the queue's owner can count.

use secure_runtime::prelude::*;

use crate::payments::Refusal;

/// Why an order could not be taken. `#[error]` is for those who mend it; the code is what alarms tell failures apart by.
#[derive(Debug, thiserror::Error, OpaqueError)]
pub enum OrderError {
    /// The same order will fail again, however often it is tried.
    #[error("the card of order {0} is declined")]
    #[opaque(code = "card_declined", status = 402, message = "The card is declined.", poison)]
    Declined(String),
    /// It may succeed in a while, when the queue hands it out again.
    #[error("order {0} can't be charged now")]
    #[opaque(code = "payments_busy", status = 503, message = "Payments are busy. Try again later.", retry)]
    Busy(String),
}

impl OrderError {
    /// Why `order_id` was not charged.
    #[must_use]
    pub fn refused(refusal: Refusal, order_id: String) -> Self {
        match refusal {
            Refusal::Declined => Self::Declined(order_id),
            Refusal::Busy => Self::Busy(order_id),
        }
    }
}

#[cfg(test)]
mod tests {
    use secure_runtime::Codes;

    use super::*;

    #[test]
    fn what_never_succeeds_and_what_passes_are_told_apart() {
        let codes = Codes::of::<OrderError>();
        let of = |wanted| codes.iter().find(|code| code.code() == wanted).unwrap();
        assert!(of("card_declined").is_poison());
        assert!(of("payments_busy").is_retryable());
    }
}
