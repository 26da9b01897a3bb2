//! Where canaries are put, and what is said of a path that leads nowhere.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde_json::{Value, json};

use super::plant;

/// Plants at `paths`; gives the event and the fields with their canaries.
fn planted(mut event: Value, paths: &[&str]) -> (Value, Vec<(String, String)>) {
    let paths: Vec<String> = paths.iter().map(|&path| path.to_owned()).collect();
    let planted = plant(&mut event, &paths).unwrap();
    (event, planted.into_iter().map(|at| (at.field, at.canary.to_string())).collect())
}

fn refused(mut event: Value, paths: &[&str]) -> String {
    let paths: Vec<String> = paths.iter().map(|&path| path.to_owned()).collect();
    plant(&mut event, &paths).unwrap_err()
}

fn fields(planted: &[(String, String)]) -> Vec<&str> {
    planted.iter().map(|(field, _)| field.as_str()).collect()
}

#[test]
fn a_field_is_replaced_and_the_others_are_not() {
    let (event, at) = planted(json!({"user": "ann", "password": "x"}), &["password"]);
    assert_eq!(event, json!({"user": "ann", "password": at[0].1}));
    assert_eq!(fields(&at), ["password"]);
    assert_eq!(at[0].1.len(), 32);
}

#[test]
fn each_field_has_a_canary_of_its_own() {
    let event = json!({"a": "x", "b": {"c": "x"}, "d": [["x"], ["y", "z"]]});
    let (event, at) = planted(event, &["a", "b.c", "d.1.0"]);
    let [a, c, d] = [0, 1, 2].map(|n: usize| at[n].1.clone());
    assert_eq!(event, json!({"a": a, "b": {"c": c}, "d": [["x"], [d, "z"]]}));
    assert!(a != c && c != d && a != d);
    assert_eq!(fields(&at), ["a", "b.c", "d.1.0"]);
}

#[test]
fn a_star_leads_to_every_element_and_every_member() {
    let event = json!({"cards": [{"n": "1"}, {"n": "2"}, {"n": "3"}], "keys": {"a": "x", "b": "y"}});
    let (event, at) = planted(event, &["cards.*.n", "keys.*"]);
    assert_eq!(fields(&at), ["cards.0.n", "cards.1.n", "cards.2.n", "keys.a", "keys.b"]);
    for (place, at) in ["/cards/0/n", "/cards/1/n", "/cards/2/n", "/keys/a", "/keys/b"].iter().zip(&at) {
        assert_eq!(event.pointer(place).unwrap(), &at.1, "{place}");
    }
}

#[test]
fn a_pointer_names_what_a_path_cannot() {
    let event = json!({"a.b": {"x/y": "1", "~": "2", "*": "3", "": "4"}, "list": ["5"]});
    let (event, at) = planted(event, &["/a.b/x~1y", "/a.b/~0", "/a.b/*", "/a.b/", "/list/0"]);
    assert_eq!(fields(&at), ["/a.b/x~1y", "/a.b/~0", "/a.b/*", "/a.b/", "list.0"]);
    assert_eq!(event["a.b"], json!({"x/y": at[0].1, "~": at[1].1, "*": at[2].1, "": at[3].1}));
    assert_eq!(event["list"][0], at[4].1);
    // A key of digits is a member where there is an object.
    let (event, at) = planted(json!({"0": "x"}), &["0"]);
    assert_eq!(event["0"], at[0].1);
}

#[test]
fn a_path_steps_into_json_in_a_text() {
    let body = json!({"user": "ann", "password": "x", "cards": ["1", "2"]}).to_string();
    let (event, at) = planted(json!({"body": body, "isBase64Encoded": false}), &["body.password", "body.cards.*"]);
    let body: Value = serde_json::from_str(event["body"].as_str().unwrap()).unwrap();
    assert_eq!(body, json!({"user": "ann", "password": at[0].1, "cards": [at[1].1, at[2].1]}));
    assert_eq!(fields(&at), ["body.password", "body.cards.0", "body.cards.1"]);
}

#[test]
fn a_text_within_a_text_is_reached() {
    let message = json!({"pin": "x"}).to_string();
    let record = json!({"body": json!({"Message": message}).to_string()});
    let (event, at) = planted(json!({"Records": [record]}), &["Records.*.body.Message.pin"]);
    let body: Value = serde_json::from_str(event["Records"][0]["body"].as_str().unwrap()).unwrap();
    let message: Value = serde_json::from_str(body["Message"].as_str().unwrap()).unwrap();
    assert_eq!(message, json!({"pin": at[0].1}));
    assert_eq!(fields(&at), ["Records.0.body.Message.pin"]);
}

#[test]
fn base64_stays_base64() {
    let decoded = |event: &Value, place: &str| {
        String::from_utf8(BASE64_STANDARD.decode(event.pointer(place).unwrap().as_str().unwrap()).unwrap()).unwrap()
    };
    // A body of a front end, stepped into and replaced as a whole.
    let body = BASE64_STANDARD.encode(r#"{"password":"x"}"#);
    let event = json!({"body": body, "isBase64Encoded": true});
    let (inside, at) = planted(event.clone(), &["body.password"]);
    assert_eq!(decoded(&inside, "/body"), json!({"password": at[0].1}).to_string());
    let (all, at) = planted(event, &["body"]);
    assert_eq!(decoded(&all, "/body"), at[0].1);
    // Data of a stream, which nothing calls Base64.
    let data = BASE64_STANDARD.encode(r#"{"pin":"x"}"#);
    let event = json!({"Records": [{"kinesis": {"data": data}}]});
    let (event, at) = planted(event, &["Records.0.kinesis.data.pin"]);
    assert_eq!(decoded(&event, "/Records/0/kinesis/data"), json!({"pin": at[0].1}).to_string());
}

#[test]
fn the_event_itself_may_be_an_array() {
    let (event, at) = planted(json!(["x", "y"]), &["1"]);
    assert_eq!(event, json!(["x", at[0].1]));
}

#[test]
fn a_path_that_leads_nowhere_is_an_error_that_says_what_is_there() {
    let event = json!({
        "user": "ann", "card": {"number": "1"}, "cards": [{"number": "1"}, {}], "amount": 12, "none": null, "all": [],
        "empty": {}, "digits": "12", "yes": true,
    });
    let many: Value = (0..25).map(|n| (format!("key{n:02}"), json!("x"))).collect::<serde_json::Map<_, _>>().into();
    let only_text = "only a text can be a canary: place what the function takes with `event_with`";
    for (path, said) in [
        ("card.pin", "there is no `pin` in `card`, which has `number`".to_owned()),
        ("cards.1.number", "there is no `number` in `cards.1`, which is empty".to_owned()),
        ("cards.*.number", "there is no `number` in `cards.1`, which is empty".to_owned()),
        ("cards.2.number", "there is no `2` in `cards`, which has 2 elements".to_owned()),
        ("cards.number", "there is no `number` in `cards`, which has 2 elements".to_owned()),
        ("cards.-1", "there is no `-1` in `cards`, which has 2 elements".to_owned()),
        ("all.*", "`all` is an empty array, so `*` leads nowhere".to_owned()),
        ("empty.*", "`empty` is an empty object, so `*` leads nowhere".to_owned()),
        ("amount.x", "`amount` is a number, which has no fields".to_owned()),
        ("none.x", "`none` is null, which has no fields".to_owned()),
        ("user.x", "`user` is a text that holds no JSON, so no field of it can be named".to_owned()),
        ("digits.0", "`digits` is a text that holds no JSON, so no field of it can be named".to_owned()),
        ("amount", format!("`amount` is a number: {only_text}")),
        ("yes", format!("`yes` is a boolean: {only_text}")),
        ("none", format!("`none` is null: {only_text}")),
        ("card", "`card` is an object: name the texts in it, one by one or with `*`".to_owned()),
        ("cards", "`cards` is an array: name the texts in it, one by one or with `*`".to_owned()),
        ("", "`` isn't a path: a step in it has no name (`/` begins a JSON Pointer)".to_owned()),
        ("card..pin", "`card..pin` isn't a path: a step in it has no name (`/` begins a JSON Pointer)".to_owned()),
    ] {
        assert_eq!(refused(event.clone(), &[path]), said, "{path}");
    }
    let has = refused(event, &["passwrod"]);
    assert_eq!(
        has,
        "there is no `passwrod` in the event, which has `all`, `amount`, `card`, `cards`, `digits`, `empty`, `none`, \
         `user`, `yes`"
    );
    let has = refused(many, &["x"]);
    assert!(has.ends_with("`key18`, `key19`, and 5 more"), "{has}");
}

#[test]
fn a_field_is_named_once() {
    let event = json!({"a": "x", "b": {"c": "x"}, "body": "{\"pin\":\"x\"}"});
    assert_eq!(refused(event.clone(), &["a", "/a"]), "`a` is named twice, as `a` as well");
    assert_eq!(refused(event.clone(), &["b.*", "b.c"]), "`b.c` is named twice, as `b.c` as well");
    // The second would overwrite the first, or find nothing to step into.
    assert_eq!(refused(event.clone(), &["body.pin", "body"]), "`body` is named twice, as `body.pin` as well");
    let after = refused(event, &["body", "body.pin"]);
    assert_eq!(after, "`body` is a text that holds no JSON, so no field of it can be named");
}

#[test]
fn an_event_without_a_named_field_is_refused() {
    assert_eq!(refused(json!({"a": "x"}), &[]), "no field is named, so nothing would be searched for");
}
