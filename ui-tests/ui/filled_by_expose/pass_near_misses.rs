use secure_runtime::prelude::*;

#[secure_event]
struct Event<'inv> {
    word: Secret<'inv, String>,
}


use std::cell::{Cell, RefCell};

#[secure_handler]
async fn handler(event: LambdaEvent<Event<'_>>, host: &str) -> Result<bool, Error> {
    let word = event.payload.word;
    let cell = Cell::new(0);
    cell.set(1);
    let same = word.expose(|word| *word == host.replace("-", "") || word.replace('-', "").is_empty());
    let inner = word.expose(|word| {
        let mut letters = Vec::new();
        letters.push(word.len());
        let own = RefCell::new(String::new());
        own.borrow_mut().push_str(word);
        let mut set = std::collections::HashSet::new();
        set.insert(word.len());
        letters.len() == 1 && !own.borrow().is_empty() && set.contains(&0)
    });
    let read = word.expose(|word| word.len() == cell.get());
    word.declassify("its length is what is asked for", |word| cell.set(word.len()));
    Ok(same && inner && read)
}

#[secure_handler]
async fn copies(event: LambdaEvent<Event<'_>>, prefix: &String) -> Result<bool, Error> {
    let long = |word: &String| {
        let mut whole = prefix.clone();
        whole.push_str(word);
        let letters = Vec::from([word.len()]);
        std::mem::take(&mut whole).len() > letters.len()
    };
    Ok(event.payload.word.expose(long))
}

fn main() {}
