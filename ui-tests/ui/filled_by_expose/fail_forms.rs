use secure_runtime::prelude::*;

#[secure_event]
struct Event<'inv> {
    word: Secret<'inv, String>,
}


use std::{
    cell::{Cell, OnceCell, RefCell},
    sync::{Arc, Mutex, atomic::{AtomicUsize, Ordering::Relaxed}, mpsc},
};

#[derive(Default)]
struct Sink {
    seen: RefCell<String>,
}

#[secure_handler]
async fn handler(event: LambdaEvent<Event<'_>>) -> Result<(), Error> {
    let word = event.payload.word;
    let (cell, seen, once) = (Cell::new(0), RefCell::new(String::new()), OnceCell::new());
    let (lock, count, sink) = (Arc::new(Mutex::new(Vec::new())), AtomicUsize::new(0), Sink::default());
    let (sender, _receiver) = mpsc::channel();
    word.expose(|word| cell.set(word.len()));
    word.expose(|word| seen.borrow_mut().push_str(word));
    word.expose(|word| once.set(word.clone()).is_ok());
    word.expose(|word| lock.lock().unwrap().push(word.clone()));
    word.expose(|word| count.store(word.len(), Relaxed));
    word.expose(|word| sender.send(word.clone()).is_ok());
    word.expose(|word| sink.seen.replace(word.clone()).is_empty());
    word.expose(|word| Cell::set(&cell, word.len()));
    word.expose_async(async |word| cell.set(word.len())).await;
    word.expose(|word| assert!(cell.replace(word.len()) > 0));
    let for_blocking = Arc::clone(&lock);
    word.expose_blocking(move |word| for_blocking.lock().unwrap().push(word.clone())).await;
    Ok(())
}

#[secure_handler]
async fn by_other_names(event: LambdaEvent<Event<'_>>) -> Result<(), Error> {
    use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
    let word = event.payload.word;
    let cell = RefCell::new(String::new());
    let length = AtomicUsize::new(0);
    word.expose(|word| {
        let same = &cell;
        same.borrow_mut().push_str(word);
    });
    let take = |word: &String| cell.borrow_mut().push_str(word);
    word.expose(take);
    word.expose(&|word: &String| cell.borrow_mut().push_str(word));
    word.expose(|word| AtomicUsize::store(&length, word.len(), Relaxed));
    word.expose(|word| length.fetch_max(word.len(), Relaxed) > 0);
    Ok(())
}

fn main() {}
