//! moto's queues.

use aws_sdk_sqs::{
    Client,
    types::{Message, QueueAttributeName, SendMessageBatchRequestEntry},
};
use secure_moto::Moto;
use tokio::runtime::{Builder, Runtime};

/// A server, and a client of it.
pub(crate) struct Queues {
    pub(crate) moto: Moto,
    pub(crate) runtime: Runtime,
    pub(crate) client: Client,
}

impl Queues {
    pub(crate) fn start() -> Self {
        let moto = Moto::start();
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let client = Client::new(&moto.config());
        Self { moto, runtime, client }
    }

    pub(crate) fn environment(&self) -> Vec<(String, String)> {
        self.moto.environment()
    }

    /// Makes a queue; its URL.
    pub(crate) fn create(&self, name: &str) -> String {
        let mut create = self.client.create_queue().queue_name(name);
        if name.ends_with(".fifo") {
            create = create.attributes(QueueAttributeName::FifoQueue, "true");
        }
        self.runtime.block_on(create.send()).unwrap().queue_url.unwrap()
    }

    /// Makes a queue with messages in it.
    pub(crate) fn filled(&self, name: &str, bodies: &[impl AsRef<str>]) -> String {
        let url = self.create(name);
        for (batch, bodies) in bodies.chunks(3).enumerate() {
            let entries = bodies.iter().enumerate().map(|(at, body)| {
                let mut entry = SendMessageBatchRequestEntry::builder().id(at.to_string()).message_body(body.as_ref());
                if name.ends_with(".fifo") {
                    entry = entry.message_group_id("letters").message_deduplication_id(format!("{batch}-{at}"));
                }
                entry.build().unwrap()
            });
            let send = self.client.send_message_batch().queue_url(&url).set_entries(Some(entries.collect()));
            assert!(self.runtime.block_on(send.send()).unwrap().failed.is_empty());
        }
        url
    }

    /// How many messages could be received, and how many are hidden.
    pub(crate) fn counts(&self, url: &str) -> (usize, usize) {
        let ask = self.client.get_queue_attributes().queue_url(url).attribute_names(QueueAttributeName::All);
        let attributes = self.runtime.block_on(ask.send()).unwrap().attributes.unwrap();
        let count = |name| attributes[&name].parse().unwrap();
        (
            count(QueueAttributeName::ApproximateNumberOfMessages),
            count(QueueAttributeName::ApproximateNumberOfMessagesNotVisible),
        )
    }

    /// Takes all messages that can be received.
    pub(crate) fn drain(&self, url: &str) -> Vec<Message> {
        let mut all = Vec::new();
        loop {
            let receive = self.client.receive_message().queue_url(url).max_number_of_messages(10).wait_time_seconds(0);
            let receive = receive.message_attribute_names("All");
            let receive = receive.message_system_attribute_names(aws_sdk_sqs::types::MessageSystemAttributeName::All);
            let messages = self.runtime.block_on(receive.send()).unwrap().messages.unwrap_or_default();
            if messages.is_empty() {
                return all;
            }
            for message in &messages {
                let delete = self.client.delete_message().queue_url(url);
                let delete = delete.receipt_handle(message.receipt_handle().unwrap());
                self.runtime.block_on(delete.send()).unwrap();
            }
            all.extend(messages);
        }
    }

    /// The bodies of so many messages; waits for those that are hidden.
    pub(crate) fn wait_for(&self, url: &str, count: usize) -> Vec<String> {
        let mut bodies = Vec::new();
        while bodies.len() < count {
            bodies.extend(self.bodies(url));
        }
        bodies
    }

    /// The bodies of all messages that can be received, sorted. Takes them.
    pub(crate) fn bodies(&self, url: &str) -> Vec<String> {
        let mut bodies: Vec<_> = self.drain(url).into_iter().map(|message| message.body.unwrap()).collect();
        bodies.sort();
        bodies
    }
}
