//! Dead letters: from a real function to a queue and a bucket, and what is to be seen of them on the way.

#![cfg(target_os = "linux")]

use std::{env, fs, time::Duration};

use secure_moto::Moto;
use secure_runtime::{
    dead_letter::{Contents, Held, LetterFile, OpenedLetter, PrivateKey, SealedLetter},
    s3::{Bucket, SealedObject},
};
use secure_testing::{
    Builder, Canary, Function, Outcome, Reply,
    memory::{Memory, Search},
};
use serde_json::{Value, json};
use tokio::io::AsyncReadExt as _;

const BUCKET: &str = "overflow";
const FIFO: &str = "letters.fifo";

/// A queue for letters, a bucket for what is too large for it, and a key.
struct Post {
    moto: Moto,
    key: PrivateKey,
    sqs: aws_sdk_sqs::Client,
    s3: aws_sdk_s3::Client,
    queue: String,
}

impl Post {
    async fn new(queue: &str) -> Self {
        let moto = Moto::start();
        let config = moto.config();
        let (sqs, s3) = (aws_sdk_sqs::Client::new(&config), secure_aws_tests::s3(&config));
        let mut create = sqs.create_queue().queue_name(queue);
        if queue == FIFO {
            create = create.attributes(aws_sdk_sqs::types::QueueAttributeName::FifoQueue, "true");
        }
        let queue = create.send().await.unwrap().queue_url.unwrap();
        s3.create_bucket().bucket(BUCKET).create_bucket_configuration(here()).send().await.unwrap();
        Self { moto, key: PrivateKey::generate(), sqs, s3, queue }
    }

    fn function(&self, sink: &str) -> Builder {
        Function::builder(env!("CARGO_BIN_EXE_letters_subject"))
            .env("SINK", sink)
            .env("LETTERS", &self.queue)
            .env("DEAD_LETTER_KEY", self.key.public_key().to_string())
            .envs(self.moto.environment())
            .timeout(Duration::from_secs(60))
    }

    /// Takes all messages out of the queue.
    async fn messages(&self) -> Vec<aws_sdk_sqs::types::Message> {
        let mut all = Vec::new();
        loop {
            let receive = self.sqs.receive_message().queue_url(&self.queue).max_number_of_messages(10);
            let receive = receive.message_system_attribute_names("All".into());
            let messages = receive.send().await.unwrap().messages.unwrap_or_default();
            if messages.is_empty() {
                return all;
            }
            all.extend(messages);
        }
    }

    async fn objects(&self) -> Vec<String> {
        let listed = self.s3.list_objects_v2().bucket(BUCKET).send().await.unwrap();
        listed.contents.unwrap_or_default().into_iter().filter_map(|object| object.key).collect()
    }

    fn open(&self, letter: &str) -> OpenedLetter {
        letter.parse::<SealedLetter>().unwrap().open(&self.key).unwrap()
    }

    /// What a letter brought, wherever it lies.
    async fn body(&self, letter: &OpenedLetter) -> Vec<u8> {
        match letter.held() {
            Held::Here(contents) => contents.body().to_vec(),
            Held::InObject(object) => {
                let bucket = Bucket::new(self.s3.clone(), object.bucket());
                let object = SealedObject::new(&bucket, object.name(), object.key());
                let mut text = Vec::new();
                object.get().await.unwrap().read_to_end(&mut text).await.unwrap();
                Contents::from_object(&text).unwrap().body().to_vec()
            }
            other => panic!("{other:?}"),
        }
    }
}

fn here() -> aws_sdk_s3::types::CreateBucketConfiguration {
    aws_sdk_s3::types::CreateBucketConfiguration::builder().location_constraint("eu-central-1".into()).build()
}

/// An order's body: a number that is no card's, and so long.
fn order(number: &Canary, len: usize) -> String {
    json!({"order_id": "A-1", "card_number": format!("{number}{}", "0".repeat(len))}).to_string()
}

fn batch(bodies: &[&str]) -> Value {
    let record = |(index, body): (usize, &&str)| {
        json!({
            "messageId": format!("m-{index}"), "eventSource": "aws:sqs", "body": body,
            "attributes": {"ApproximateReceiveCount": "4", "MessageGroupId": format!("shop {}", index % 2)},
            "messageAttributes": {"source": {"stringValue": "shop", "dataType": "String"}},
        })
    };
    json!({"Records": bodies.iter().enumerate().map(record).collect::<Vec<_>>()})
}

fn failed(reply: &Reply) -> usize {
    assert_eq!(reply.outcome(), Outcome::Answer, "{}", reply.text());
    reply.json::<Value>().unwrap()["batchItemFailures"].as_array().unwrap().len()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_letter_can_be_read_by_who_has_the_key_and_by_nobody_else() {
    let post = Post::new("letters").await;
    let (short, long) = (Canary::random(), Canary::random());
    let (short_order, long_order) = (order(&short, 0), order(&long, 300_000));
    let not_json = format!("{{\"card_number\": {short}");
    let mut function = post.function(BUCKET).start().unwrap();
    let reply = function.invoke(batch(&[&short_order, &long_order, &not_json])).unwrap();
    assert_eq!(failed(&reply), 0, "{:?}", reply.log());

    let mut letters: Vec<_> =
        post.messages().await.iter().map(|message| post.open(message.body.as_ref().unwrap())).collect();
    letters.sort_by(|one, other| one.message_id().cmp(other.message_id()));
    let told: Vec<_> = letters.iter().map(|letter| (letter.message_id(), letter.code())).collect();
    assert_eq!(told, [("m-0", "no_card"), ("m-1", "no_card"), ("m-2", "invalid_input")]);
    for (letter, expected) in letters.iter().zip([short_order, long_order, not_json]) {
        assert!(post.body(letter).await == expected.as_bytes());
        assert_eq!((letter.receive_count(), letter.request_id()), (4, reply.request_id()));
        assert_eq!(letter.handler(), "take");
    }
    assert_eq!(letters[0].reason(), "order A-1 has no card");
    let Held::Here(contents) = letters[0].held() else { panic!("it is short") };
    assert_eq!(contents.attributes().collect::<Vec<_>>(), [("source", "shop")]);
    let [object] = &post.objects().await[..] else { panic!("one order is too long for a message") };
    let tags = post.s3.get_object_tagging().bucket(BUCKET).key(object).send().await.unwrap().tag_set;
    assert_eq!(tags.iter().map(|tag| (tag.key(), tag.value())).collect::<Vec<_>>(), [("expire-after-days", "14")]);

    // Neither in the function, nor where its letters have gone.
    let words = [&short, &long];
    let left = function.search_memory(words).unwrap();
    assert!(left.is_empty(), "{left}");
    assert!(words.iter().all(|word| !reply.log().concat().contains(word.as_str())));
    let search = Search::new(words).unwrap();
    let there = Memory::of(post.moto.pid()).unwrap().search(&search).unwrap();
    assert!(there.is_empty(), "{there}");
}

/// What the test above does not find, is found where it is.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn what_is_in_clear_is_found() {
    let post = Post::new("letters").await;
    let word = Canary::random();
    let mut function = post.function("memory").start().unwrap();
    assert_eq!(failed(&function.invoke(batch(&[&order(&word, 0)])).unwrap()), 0);
    assert!(function.search_memory([&word]).unwrap().whole() > 0);

    post.sqs.send_message().queue_url(&post.queue).message_body(order(&word, 0)).send().await.unwrap();
    let search = Search::new([&word]).unwrap();
    assert!(Memory::of(post.moto.pid()).unwrap().search(&search).unwrap().whole() > 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn what_is_not_put_aside_comes_again() {
    let post = Post::new("letters").await;
    let long = order(&Canary::random(), 300_000);
    // Too long, and no bucket.
    let reply = post.function("queue").start().unwrap().invoke(batch(&[&long])).unwrap();
    assert_eq!(failed(&reply), 1);
    assert!(reply.log().concat().contains("no bucket for what is larger"), "{:?}", reply.log());
    // No such bucket.
    let reply = post.function("missing").start().unwrap().invoke(batch(&[&long])).unwrap();
    assert_eq!(failed(&reply), 1);
    assert!(reply.log().concat().contains("the bucket does not take the letter's contents"), "{:?}", reply.log());
    // No such queue: the object that no letter names is gone again.
    let missing = format!("{}-missing", post.queue);
    let mut function = post.function(BUCKET).env("LETTERS", missing).start().unwrap();
    let reply = function.invoke(batch(&[&long])).unwrap();
    assert_eq!(failed(&reply), 1);
    assert!(reply.log().concat().contains("the queue does not take the letter"), "{:?}", reply.log());
    assert_eq!(post.objects().await, Vec::<String>::new());
    assert!(post.messages().await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn in_a_fifo_queue_letters_keep_their_groups_and_come_once() {
    let post = Post::new(FIFO).await;
    let body = order(&Canary::random(), 0);
    let mut function = post.function("queue").start().unwrap();
    for _ in 0..2 {
        let reply = function.invoke(batch(&[&body, &body, &body])).unwrap();
        assert_eq!(failed(&reply), 0, "{:?}", reply.log());
    }
    let group = aws_sdk_sqs::types::MessageSystemAttributeName::MessageGroupId;
    let mut groups = Vec::new();
    for message in post.messages().await {
        let letter = post.open(message.body.as_ref().unwrap());
        assert_eq!(letter.group_id(), message.attributes.as_ref().unwrap().get(&group).map(String::as_str));
        groups.push((letter.message_id().to_owned(), letter.group_id().unwrap().to_owned()));
    }
    groups.sort();
    let expected = [("m-0", "shop 0"), ("m-1", "shop 1"), ("m-2", "shop 0")];
    assert_eq!(groups, expected.map(|(id, group)| (id.to_owned(), group.to_owned())));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_file_takes_letters_too() {
    let post = Post::new("letters").await;
    let word = Canary::random();
    let path = env::temp_dir().join(format!("letters-{}", Canary::random()));
    let mut function = post.function("file").env("LETTERS", &path).start().unwrap();
    let body = order(&word, 300_000);
    assert_eq!(failed(&function.invoke(batch(&[&body, &body])).unwrap()), 0);
    let lines: Vec<_> = LetterFile::at(&path).lines().unwrap().map(Result::unwrap).collect();
    fs::remove_file(&path).unwrap();
    assert_eq!(lines.len(), 2);
    for line in lines {
        assert!(post.body(&post.open(&line)).await == body.as_bytes());
    }
    let left = function.search_memory([&word]).unwrap();
    assert!(left.is_empty(), "{left}");
}
