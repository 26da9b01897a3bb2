use secure_runtime::prelude::*;

use std::fmt::Write as _;

struct Printer;

impl Printer {
    fn println(&self, _: &str) {}
    fn print(&self) {}
}

#[secure_handler]
async fn handler(event: LambdaEvent<()>, printer: &Printer) -> Result<(), Error> {
    let mut text = String::new();
    writeln!(text, "println! {}", 1)?;
    write!(text, "dbg")?;
    printer.println("println!");
    printer.print();
    let print = format!("{text}");
    tracing::info!(%print, "eprintln!");
    Ok(event.payload)
}

fn main() {}
