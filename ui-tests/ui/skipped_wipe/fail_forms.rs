use secure_runtime::prelude::*;

use std::{mem::{self, ManuallyDrop}, rc::Rc};

#[secure_handler]
async fn case_0(event: LambdaEvent<()>) -> Result<(), Error> {
    std::mem::forget(String::from("a"));
    core::mem::forget(String::from("a"));
    mem::forget(String::from("a"));
    use std::mem::forget as drop_later;
    drop_later(String::from("a"));
    Ok(event.payload)
}

#[secure_handler]
async fn case_1(event: LambdaEvent<()>) -> Result<(), Error> {
    let kept = ManuallyDrop::new(String::from("a"));
    let _ = std::mem::ManuallyDrop::new(kept);
    Ok(event.payload)
}

#[secure_handler]
async fn case_2(event: LambdaEvent<()>) -> Result<(), Error> {
    let a: &'static mut String = Box::leak(Box::new(String::new()));
    let b: &'static mut str = String::leak(String::new());
    let c: &'static mut [u8] = Vec::<u8>::leak(vec![1]);
    let d: &'static mut str = String::from("a").leak();
    let e = <Vec<u8>>::leak(vec![1]);
    let _ = (a, b, c, d, e);
    Ok(event.payload)
}

#[secure_handler]
async fn case_3(event: LambdaEvent<()>) -> Result<(), Error> {
    let a = std::sync::Arc::into_raw(std::sync::Arc::new(1));
    let b = Rc::into_raw(Rc::new(1));
    let c = Box::into_raw(Box::new(1));
    let _ = (a, b, c);
    Ok(event.payload)
}

#[secure_handler]
async fn case_4(event: LambdaEvent<()>) -> Result<(), Error> {
    vec![String::new()].into_iter().for_each(mem::forget);
    assert_eq!(Some(1).map(|_| String::new().leak().len()), Some(0));
    Ok(event.payload)
}

#[secure_handler]
async fn of_core(event: LambdaEvent<()>) -> Result<(), Error> {
    let kept = core::mem::ManuallyDrop::new(String::new());
    let _ = kept;
    use core::mem as memory;
    memory::forget(String::new());
    Ok(event.payload)
}

fn main() {}
