//! Letters that were too large for their queue.

use std::fs;

use secure_runtime::{
    dead_letter::{PrivateKey, SqsSink},
    s3::Bucket,
};

use crate::support::{Queues, Tool, json, put_in};

struct Large {
    queues: Queues,
    s3: aws_sdk_s3::Client,
    tool: Tool,
    dead: String,
    bodies: Vec<String>,
}

/// A queue with a large letter between two small ones.
fn large() -> Large {
    let queues = Queues::start();
    let key = PrivateKey::generate();
    let config = queues.moto.config();
    let s3 = aws_sdk_s3::Client::from_conf(aws_sdk_s3::config::Builder::from(&config).force_path_style(true).build());
    let dead = queues.create("dead");
    let bodies = ["first".to_owned(), "large ".repeat(50_000), "last".to_owned()];
    queues.runtime.block_on(async {
        let place = aws_sdk_s3::types::CreateBucketConfiguration::builder();
        let place = place.location_constraint(aws_sdk_s3::types::BucketLocationConstraint::EuCentral1).build();
        s3.create_bucket().bucket("letters").create_bucket_configuration(place).send().await.unwrap();
        let sink = SqsSink::new(queues.client.clone(), &dead, key.public_key());
        put_in(&sink.overflow(Bucket::new(s3.clone(), "letters")), &bodies).await;
    });
    let tool = Tool::with(&key, queues.environment());
    let large = Large { queues, s3, tool, dead, bodies: bodies.to_vec() };
    assert_eq!(large.objects(), 1);
    large
}

impl Large {
    fn objects(&self) -> usize {
        let listed = self.queues.runtime.block_on(self.s3.list_objects_v2().bucket("letters").send()).unwrap();
        listed.contents.unwrap_or_default().len()
    }
}

#[test]
fn a_large_letter_is_listed_without_its_bucket() {
    let large = large();
    let run = large.tool.run(&[&"list", &"--queue", &large.dead]).ended(0);
    let shown = run.out.lines().filter(|line| line.contains("  s3://letters/dead-letters/")).count();
    assert_eq!(shown, 1, "{}", run.out);
    let run = large.tool.run(&[&"list", &"--json", &"--queue", &large.dead]).ended(0);
    let buckets = run.json().iter().filter(|line| line["object"]["bucket"] == "letters").count();
    assert_eq!(buckets, 1, "{}", run.out);
}

#[test]
fn no_bucket_is_touched_but_the_one_that_is_named() {
    let large = large();
    for (arguments, told) in [
        (&[][..], "use --bucket letters, if that is one of yours"),
        (&["--bucket", "others"], "its contents are in the bucket letters, and --bucket is others"),
        (&["--bucket", "letters", "--bucket-owner", "999999999999"], "can't read s3://letters/dead-letters/"),
    ] {
        let out = large.tool.folder.path("out.jsonl");
        let mut command = large.tool.command(&[&"open", &"--queue", &large.dead, &"--out", &out]);
        let run = crate::support::Run::of(command.args(arguments).output().unwrap());
        if arguments.len() == 4 && run.code == 0 {
            // moto has one account for all, and no owner that it would refuse.
            continue;
        }
        let run = run.ended(3);
        assert_eq!(run.told(told), 1, "{}", run.err);
        assert_eq!(json(&fs::read_to_string(&out).unwrap()).len(), 2);
        fs::remove_file(&out).unwrap();
        assert_eq!((large.queues.counts(&large.dead), large.objects()), ((3, 0), 1));
    }
}

#[test]
fn a_large_letter_is_opened_and_deleted_with_its_object() {
    let large = large();
    let out = large.tool.folder.path("out.jsonl");
    let arguments: [&dyn AsRef<_>; 7] = [&"open", &"--queue", &large.dead, &"--bucket", &"letters", &"--out", &out];
    large.tool.run(&arguments).ended(0);
    let mut bodies: Vec<_> = json(&fs::read_to_string(&out).unwrap());
    bodies.sort_by_key(|line| line["message_id"].as_str().unwrap().to_owned());
    assert!(bodies.iter().map(|line| line["body"].as_str().unwrap()).eq(&large.bodies));
    assert_eq!(bodies[1]["attributes"]["source"], "web");
    assert_eq!((large.queues.counts(&large.dead), large.objects()), ((3, 0), 1));

    fs::remove_file(&out).unwrap();
    large.tool.run(&[&arguments[..], &[&"--delete"]].concat()).ended(0);
    assert_eq!((large.queues.counts(&large.dead), large.objects()), ((0, 0), 0));
}

#[test]
fn a_large_letter_is_replayed_and_its_object_deleted() {
    let large = large();
    let orders = large.queues.create("orders");
    let run = large.tool.run(&[&"replay", &"--queue", &large.dead, &"--to", &orders, &"--bucket", &"letters"]);
    run.ended(0);
    assert_eq!((large.queues.counts(&large.dead), large.objects()), ((0, 0), 0));
    let mut bodies = large.bodies;
    bodies.sort();
    assert!(large.queues.bodies(&orders) == bodies);
}

#[test]
fn a_letter_whose_object_is_gone_stays_and_the_others_are_opened() {
    let large = large();
    large.queues.runtime.block_on(async {
        let listed = large.s3.list_objects_v2().bucket("letters").send().await.unwrap();
        let name = listed.contents()[0].key().unwrap();
        large.s3.delete_object().bucket("letters").key(name).send().await.unwrap();
    });
    let out = large.tool.folder.path("out.jsonl");
    let arguments: [&dyn AsRef<_>; 8] =
        [&"open", &"--queue", &large.dead, &"--bucket", &"letters", &"--out", &out, &"--delete"];
    let run = large.tool.run(&arguments).ended(3);
    assert_eq!(run.told("there is no object of this name"), 1, "{}", run.err);
    assert_eq!(json(&fs::read_to_string(&out).unwrap()).len(), 2);
    assert_eq!(large.queues.counts(&large.dead), (1, 0));
}
