//! The function itself.

use secure_runtime::prelude::*;

use crate::{error::OrderError, event::Order, payments::Payments};

/// Takes one order. It is called once for each record of a batch, for up to four at a time: charging is waiting.
#[secure_handler(sqs, concurrency = 4)]
pub async fn take_order(record: Record<Order<'_>>, payments: &Payments) -> Result<(), OrderError> {
    let Order { order_id, card_number } = record.body;
    let charged = card_number.expose_async(async |card| payments.charge(&order_id, card).await).await;
    charged.map_err(|refusal| OrderError::refused(refusal, order_id))
}
