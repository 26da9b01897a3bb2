//! The payment provider. This one is in memory: a real one keeps the same interface.

use secure_runtime::Public;

/// Why a card was not charged. It says nothing of the card, so it may leave a secret's closure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, Public)]
pub enum Refusal {
    /// For good.
    #[error("declined")]
    Declined,
    /// For now.
    #[error("busy")]
    Busy,
}

/// The connection.
pub struct Payments;

impl Payments {
    /// Connects with the API key that is stored in AWS Secrets Manager under the name `secret`.
    ///
    /// A real one reads it here, once for each execution environment, with `GetSecretValue` of the `aws-sdk-secretsmanager`
    /// crate. It is in no environment variable, file or template.
    #[must_use]
    pub fn connect(secret: &str) -> Self {
        let _ = secret;
        Self
    }

    /// Charges a card for an order. Numbers that card networks give out for tests say what happens.
    ///
    /// A queue hands an order out more than once now and then. A real provider is given `order_id` as the idempotency key, and
    /// charges the card once.
    ///
    /// # Errors
    /// When the card is not charged.
    pub async fn charge(&self, order_id: &str, card_number: &str) -> Result<(), Refusal> {
        let _ = order_id;
        tokio::task::yield_now().await;
        match card_number {
            "4000000000000002" => Err(Refusal::Declined),
            "4000000000000119" => Err(Refusal::Busy),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn cards_of_the_tests_are_known() {
        let payments = Payments::connect("tests/payments");
        assert_eq!(payments.charge("A-1", "4242424242424242").await, Ok(()));
        assert_eq!(payments.charge("A-1", "4000000000000002").await, Err(Refusal::Declined));
        assert_eq!(payments.charge("A-1", "4000000000000119").await, Err(Refusal::Busy));
    }
}
