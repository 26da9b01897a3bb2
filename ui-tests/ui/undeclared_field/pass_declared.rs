use std::borrow::Cow;
use secure_runtime::prelude::*;
use serde_json::json;

type Hidden<'a> = Secret<'a, String>;

#[secure_event]
#[derive(Debug)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Patient<'inv, T> {
    #[public]
    clinic_id: u32,
    #[public]
    ward: &'inv str,
    #[public]
    floor: Cow<'inv, str>,
    #[public]
    building: Cow<'static, str>,
    name: Hidden<'inv>,
    #[serde(default)]
    nickname: Option<Secret<'inv, String>>,
    diagnoses: Vec<Secret<'inv, String>>,
    #[nested]
    address: Address<'inv>,
    #[nested]
    former: Vec<Address<'inv>>,
    #[nested]
    kind: Option<Kind<'inv>>,
    #[nested]
    extension: T,
    #[serde(skip)]
    later: Option<Secret<'inv, Vec<u8>>>,
}

#[secure_event]
#[derive(Debug)]
struct Address<'inv>(Secret<'inv, String>);

#[secure_event]
#[derive(Debug)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Kind<'inv> {
    Insured { number: Secret<'inv, String> },
    Private,
}

#[secure_event]
#[derive(Debug)]
struct Unit;

#[secure_event]
#[derive(Debug)]
struct Grouped<'inv> {
    boxed: Box<Secret<'inv, String>>,
    both: [Secret<'inv, String>; 2],
    pair: (Secret<'inv, String>, Option<Secret<'inv, u8>>),
    /// Its keys are public.
    #[public]
    by_name: std::collections::HashMap<String, Secret<'inv, String>>,
    #[cfg(any())]
    missing: Missing,
    #[nested]
    next: Option<Box<Grouped<'inv>>>,
}

fn main() {
    let input = json!({
        "clinicId": 7, "ward": "B", "floor": "2", "building": "main", "name": "Ada",
        "diagnoses": ["x"], "address": "street", "former": ["old"],
        "kind": {"type": "insured", "number": "17"}, "extension": null,
    })
    .to_string();
    let patient: Patient<'_, Unit> = serde_json::from_str(&input).unwrap();
    assert!(patient.name.expose(|name| name == "Ada"));
    assert!(matches!(patient.kind, Some(Kind::Insured { .. })));
    assert!(patient.later.is_none() && patient.nickname.is_none());
    assert_eq!((patient.clinic_id, patient.ward, &*patient.floor, &*patient.building), (7, "B", "2", "main"));
    let shown = format!("{patient:?}");
    let grouped: Grouped<'_> = serde_json::from_str(
        r#"{"boxed": "Ada", "both": ["Ada", "b"], "pair": ["c", 1], "by_name": {"k": "Ada"}, "next": null}"#,
    )
    .unwrap();
    assert!(!format!("{grouped:?}").contains("Ada") && grouped.next.is_none());
    assert!(grouped.boxed.ct_eq(&grouped.both[0]) && grouped.by_name["k"].ct_eq(&grouped.boxed));
    assert!(grouped.pair.0.expose(|c| c == "c") && grouped.pair.1.is_some());
    assert!(!shown.contains("Ada") && !shown.contains("17") && !shown.contains("street"), "{shown}");
}
