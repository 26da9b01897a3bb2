//! The function as Lambda runs it: a process, events over HTTP, a queue for letters, and what is seen of it from outside.

use secure_moto::Moto;
use secure_runtime::dead_letter::{Held, OpenedLetter, PrivateKey, SealedLetter};
use secure_testing::{Builder, Error, Function, Outcome};
use serde_json::{Value, json};

const CARDS: [&str; 3] = ["4242424242424242", "4000000000000002", "4000000000000119"];

fn orders() -> Builder {
    Function::builder(env!("CARGO_BIN_EXE_sqs-orders")).env("PAYMENTS_SECRET", "tests/payments")
}

/// Takes the letters out of the queue.
async fn letters(queue: &aws_sdk_sqs::Client, url: &str) -> Vec<String> {
    let mut letters = Vec::new();
    loop {
        let received = queue.receive_message().queue_url(url).max_number_of_messages(10).send().await.unwrap();
        let messages = received.messages.unwrap_or_default();
        if messages.is_empty() {
            return letters;
        }
        letters.extend(messages.into_iter().filter_map(|message| message.body));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn orders_come_again_or_are_put_aside_and_no_card_is_told() {
    let (moto, key) = (Moto::start(), PrivateKey::generate());
    let queue = aws_sdk_sqs::Client::new(&moto.config());
    let url = queue.create_queue().queue_name("letters").send().await.unwrap().queue_url.unwrap();
    let mut orders = orders()
        .env("DEAD_LETTERS_URL", &url)
        .env("DEAD_LETTER_KEY", key.public_key().to_string())
        .envs(moto.environment())
        .start()
        .unwrap();

    let batch: Value = include_str!("../events/batch.json").parse().unwrap();
    let id = |n: usize| batch["Records"][n - 1]["messageId"].as_str().unwrap();
    for _ in 0..2 {
        let reply = orders.invoke(batch.clone()).unwrap();
        assert_eq!(reply.outcome(), Outcome::Answer, "{}", reply.text());
        assert_eq!(reply.json::<Value>().unwrap(), json!({"batchItemFailures": [{"itemIdentifier": id(3)}]}));
        let log = reply.log().concat();
        for told in ["card_declined", "A-1002", "payments_busy", "A-1003", "invalid_input"] {
            assert!(log.contains(told), "{told}: {log}");
        }
        for card in CARDS {
            assert!(!log.contains(card), "{card}: {log}");
        }

        let sealed = letters(&queue, &url).await;
        assert!(sealed.iter().all(|letter| CARDS.iter().all(|card| !letter.contains(card))));
        let mut opened: Vec<OpenedLetter> =
            sealed.iter().map(|letter| letter.parse::<SealedLetter>().unwrap().open(&key).unwrap()).collect();
        opened.sort_by(|one, other| one.message_id().cmp(other.message_id()));
        let told: Vec<_> = opened.iter().map(|letter| (letter.message_id(), letter.code())).collect();
        assert_eq!(told, [(id(2), "card_declined"), (id(4), "invalid_input")]);
        let Held::Here(contents) = opened[0].held() else { panic!("an order is short") };
        assert_eq!(contents.body(), batch["Records"][1]["body"].as_str().unwrap().as_bytes());
        assert_eq!(opened[0].reason(), "the card of order A-1002 is declined");
    }
    assert_eq!(orders.restarts(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn without_its_queue_an_order_is_not_lost() {
    let (moto, key) = (Moto::start(), PrivateKey::generate());
    let mut orders = orders()
        .env("DEAD_LETTERS_URL", format!("{}/123456789012/missing", moto.url()))
        .env("DEAD_LETTER_KEY", key.public_key().to_string())
        .envs(moto.environment())
        .start()
        .unwrap();
    let batch: Value = include_str!("../events/batch.json").parse().unwrap();
    let failed = [2, 3, 4].map(|n| json!({"itemIdentifier": batch["Records"][n - 1]["messageId"]}));
    let reply = orders.invoke(batch).unwrap();
    assert_eq!(reply.json::<Value>().unwrap(), json!({"batchItemFailures": failed}));
    assert!(reply.log().concat().contains("the queue does not take the letter"));
}

#[test]
fn without_a_key_it_does_not_start() {
    let started = orders()
        .env("DEAD_LETTERS_URL", "http://127.0.0.1:9/123456789012/letters")
        .env("DEAD_LETTER_KEY", "dead-letter-public-1-typo")
        .start();
    let Err(Error::Init { log, .. }) = started else { panic!("it started: {started:?}") };
    assert!(log.concat().contains("DEAD_LETTER_KEY: no key for dead letters, or one with a typo"), "{log:?}");
}
