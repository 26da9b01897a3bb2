//! Documents as functions get them: records of words, numbers, lists and what may be missing.

use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
pub(crate) struct Record {
    id: u64,
    name: String,
    email: Option<String>,
    active: bool,
    balance: f64,
    tags: Vec<String>,
    address: Address,
    note: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Address {
    street: String,
    city: String,
    zip: String,
    position: [f64; 2],
}

/// As many records as fit into so many bytes of JSON.
pub(crate) fn of_about(bytes: usize) -> Vec<u8> {
    let mut document = b"[".to_vec();
    for id in 0.. {
        let record = serde_json::to_vec(&record(id)).expect("it goes into memory");
        if document.len() + record.len() >= bytes {
            break;
        }
        document.extend(record);
        document.push(b',');
    }
    document.pop();
    document.push(b']');
    document
}

fn record(id: u32) -> Record {
    let number = f64::from(id);
    Record {
        id: 4_000_000_000 + u64::from(id),
        name: format!("Customer {id}"),
        email: (!id.is_multiple_of(3)).then(|| format!("customer.{id}@example.com")),
        active: !id.is_multiple_of(5),
        balance: number * 17.25 - 300.5,
        tags: (0..id % 4).map(|tag| format!("tag-{tag}")).collect(),
        address: Address {
            street: format!("{id} \"Long\" Street"),
            city: ["Zürich", "Aachen", "Llanfairpwllgwyngyll"][id as usize % 3].to_owned(),
            zip: format!("{id:05}"),
            position: [47.376_9 + number / 1_000.0, 8.541_7 - number / 1_000.0],
        },
        note: id.is_multiple_of(4).then(|| "called, will call back; ".repeat(1 + id as usize % 7)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_about_as_long_as_is_asked_for() {
        for bytes in [12_000, 265_000] {
            let document = of_about(bytes);
            assert!((bytes - 1_000..=bytes).contains(&document.len()), "{}", document.len());
            let records: Vec<Record> = serde_json::from_slice(&document).unwrap();
            assert!(records.len() > bytes / 300, "{}", records.len());
        }
    }
}
