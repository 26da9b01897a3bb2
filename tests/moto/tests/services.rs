//! Each service goes round once, through the SDK as a function would use it, and no server sees what another has.

use aws_sdk_kms::types::DataKeySpec;
use aws_sdk_s3::{
    operation::get_object::GetObjectError,
    primitives::ByteStream,
    types::{BucketLocationConstraint, CreateBucketConfiguration},
};
use secure_moto::Moto;

async fn make_bucket(client: &aws_sdk_s3::Client, name: &str) {
    let place = CreateBucketConfiguration::builder().location_constraint(BucketLocationConstraint::EuCentral1).build();
    client.create_bucket().bucket(name).create_bucket_configuration(place).send().await.unwrap();
}

#[tokio::test]
async fn an_object_comes_back_from_a_bucket() {
    let moto = Moto::start();
    let client = aws_sdk_s3::Client::new(&moto.config());
    make_bucket(&client, "a-bucket").await;

    let body = vec![7; 100_000];
    client.put_object().bucket("a-bucket").key("folder/an object").body(body.clone().into()).send().await.unwrap();
    let object = client.get_object().bucket("a-bucket").key("folder/an object").send().await.unwrap();
    assert_eq!(object.body.collect().await.unwrap().to_vec(), body);

    // The SDK puts the bucket's name into the path, not before the address: no name has to be resolved.
    let log = moto.log();
    assert!(log.contains("PUT /a-bucket/folder/an%20object"), "{log}");

    let absent = client.get_object().bucket("a-bucket").key("another").send().await.unwrap_err().into_service_error();
    assert!(matches!(absent, GetObjectError::NoSuchKey(_)), "{absent:?}");
}

#[tokio::test]
async fn a_message_comes_back_from_a_queue_once() {
    let moto = Moto::start();
    let client = aws_sdk_sqs::Client::new(&moto.config());
    let queue = client.create_queue().queue_name("a-queue").send().await.unwrap().queue_url.unwrap();
    assert!(queue.starts_with(moto.url()), "{queue}");

    client.send_message().queue_url(&queue).message_body("a message").send().await.unwrap();
    let messages = client.receive_message().queue_url(&queue).send().await.unwrap().messages.unwrap();
    let [message] = messages.as_slice() else { panic!("{messages:?}") };
    assert_eq!(message.body(), Some("a message"));

    let handle = message.receipt_handle().unwrap();
    client.delete_message().queue_url(&queue).receipt_handle(handle).send().await.unwrap();
    let messages = client.receive_message().queue_url(&queue).wait_time_seconds(0).send().await.unwrap().messages;
    assert_eq!(messages.unwrap_or_default(), []);
}

#[tokio::test]
async fn a_data_key_comes_back_from_a_kms_key_in_its_context_only() {
    let moto = Moto::start();
    let client = aws_sdk_kms::Client::new(&moto.config());
    let key = client.create_key().send().await.unwrap().key_metadata.unwrap().key_id;

    let made = client.generate_data_key().key_id(&key).key_spec(DataKeySpec::Aes256);
    let made = made.encryption_context("use", "a test").send().await.unwrap();
    let sealed = made.ciphertext_blob.unwrap();
    let open = |value| client.decrypt().ciphertext_blob(sealed.clone()).encryption_context("use", value).send();
    assert_eq!(open("a test").await.unwrap().plaintext, made.plaintext);
    assert!(made.plaintext.is_some_and(|key| key.as_ref().len() == 32));
    let refused = open("another").await.unwrap_err().into_service_error();
    assert!(refused.is_invalid_ciphertext_exception(), "{refused:?}");
}

#[tokio::test]
async fn servers_do_not_see_each_other() {
    let (one, other) = (Moto::start(), Moto::start());
    assert_ne!(one.url(), other.url());
    let [one, other] = [&one, &other].map(|moto| aws_sdk_s3::Client::new(&moto.config()));
    make_bucket(&one, "of-the-one").await;
    make_bucket(&other, "of-the-other").await;

    let names = async |client: &aws_sdk_s3::Client| -> Vec<String> {
        let buckets = client.list_buckets().send().await.unwrap().buckets.unwrap();
        buckets.into_iter().filter_map(|bucket| bucket.name).collect()
    };
    assert_eq!(names(&one).await, ["of-the-one"]);
    assert_eq!(names(&other).await, ["of-the-other"]);
}

#[tokio::test]
async fn parts_become_an_object() {
    use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};

    let moto = Moto::start();
    let client = aws_sdk_s3::Client::new(&moto.config());
    make_bucket(&client, "a-bucket").await;
    let upload = client.create_multipart_upload().bucket("a-bucket").key("object").send().await.unwrap();
    let upload = upload.upload_id.unwrap();

    // All but the last are of 5 MiB or more.
    let parts = [vec![1; 5 << 20], vec![2; 1000]];
    let mut done = CompletedMultipartUpload::builder();
    for (number, part) in (1..).zip(&parts) {
        let sent = client.upload_part().bucket("a-bucket").key("object").upload_id(&upload).part_number(number);
        let sent = sent.body(ByteStream::from(part.clone())).send().await.unwrap();
        done = done.parts(CompletedPart::builder().part_number(number).set_e_tag(sent.e_tag).build());
    }
    let complete = client.complete_multipart_upload().bucket("a-bucket").key("object").upload_id(&upload);
    complete.multipart_upload(done.build()).send().await.unwrap();

    let object = client.get_object().bucket("a-bucket").key("object").send().await.unwrap();
    assert!(object.body.collect().await.unwrap().to_vec() == parts.concat());
}
