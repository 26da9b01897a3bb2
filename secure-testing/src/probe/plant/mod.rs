//! Puts canaries where an event has its secrets.

mod path;
mod text;

use serde_json::{Map, Value};

use self::{
    path::{Step, shown, steps},
    text::Text,
};
use crate::Canary;

/// How many names of a value's members are listed.
const LISTED: usize = 20;

/// A canary in an event.
#[derive(Clone, Debug)]
pub(super) struct Planted {
    /// Where it is: `cards.0.number`.
    pub(super) field: String,
    pub(super) canary: Canary,
}

/// Replaces each text that a path leads to by a canary of its own.
///
/// # Errors
/// What is wrong with a path, in words.
pub(super) fn plant(event: &mut Value, paths: &[String]) -> Result<Vec<Planted>, String> {
    if paths.is_empty() {
        return Err("no field is named, so nothing would be searched for".to_owned());
    }
    let mut planter = Planter::default();
    for path in paths {
        planter.descend(event, &steps(path)?, Text::Plain)?;
    }
    Ok(planter.planted)
}

#[derive(Default)]
struct Planter {
    planted: Vec<Planted>,
    /// Where each canary is.
    places: Vec<Vec<String>>,
    /// Where the planter is.
    here: Vec<String>,
}

impl Planter {
    /// Walks on from a value; `written` says how a text there is written.
    fn descend(&mut self, value: &mut Value, steps: &[Step], written: Text) -> Result<(), String> {
        let Some((step, rest)) = steps.split_first() else { return self.put(value, written) };
        match value {
            Value::Object(members) => {
                let base64 = members.get("isBase64Encoded") == Some(&Value::Bool(true));
                let named = self.named(members, step)?;
                for name in named {
                    let written = if base64 && name == "body" { Text::Base64 } else { Text::Plain };
                    let member = members.get_mut(&name).expect("a member of that name has been seen");
                    self.enter(name, member, rest, written)?;
                }
                Ok(())
            }
            Value::Array(elements) => {
                let wanted = match step {
                    Step::All => 0..elements.len(),
                    Step::To(name) => match name.parse::<usize>() {
                        Ok(at) if at < elements.len() => at..at + 1,
                        _ => return Err(self.missing(name, &format!("has {}", counted(elements.len(), "element")))),
                    },
                };
                if wanted.is_empty() {
                    return Err(format!("{} is an empty array, so `*` leads nowhere", self.here()));
                }
                for at in wanted {
                    self.enter(at.to_string(), &mut elements[at], rest, Text::Plain)?;
                }
                Ok(())
            }
            Value::String(text) => {
                let Some((mut inner, written)) = Text::json(text, written) else {
                    let here = self.here();
                    return Err(format!("{here} is a text that holds no JSON, so no field of it can be named"));
                };
                self.descend(&mut inner, steps, Text::Plain)?;
                *text = written.write(inner.to_string());
                Ok(())
            }
            other => Err(format!("{} is {}, which has no fields", self.here(), kind(other))),
        }
    }

    fn enter(&mut self, name: String, value: &mut Value, steps: &[Step], written: Text) -> Result<(), String> {
        self.here.push(name);
        self.descend(value, steps, written)?;
        self.here.pop();
        Ok(())
    }

    /// The members that a step leads to.
    fn named(&self, members: &Map<String, Value>, step: &Step) -> Result<Vec<String>, String> {
        match step {
            Step::All if members.is_empty() => Err(format!("{} is an empty object, so `*` leads nowhere", self.here())),
            Step::All => Ok(members.keys().cloned().collect()),
            Step::To(name) if members.contains_key(name) => Ok(vec![name.clone()]),
            Step::To(name) => {
                let mut names: Vec<String> = members.keys().take(LISTED).map(|name| format!("`{name}`")).collect();
                if members.len() > LISTED {
                    names.push(format!("and {} more", members.len() - LISTED));
                }
                let has = if names.is_empty() { "is empty".to_owned() } else { format!("has {}", names.join(", ")) };
                Err(self.missing(name, &has))
            }
        }
    }

    fn put(&mut self, value: &mut Value, written: Text) -> Result<(), String> {
        let Value::String(text) = value else {
            let help = match value {
                Value::Array(_) | Value::Object(_) => "name the texts in it, one by one or with `*`",
                _ => "only a text can be a canary: place what the function takes with `event_with`",
            };
            return Err(format!("{} is {}: {help}", self.here(), kind(value)));
        };
        if let Some(place) = self.places.iter().find(|place| place.starts_with(&self.here)) {
            return Err(format!("{} is named twice, as `{}` as well", self.here(), shown(place)));
        }
        let canary = Canary::random();
        *text = written.write(canary.to_string());
        self.planted.push(Planted { field: shown(&self.here), canary });
        self.places.push(self.here.clone());
        Ok(())
    }

    fn missing(&self, name: &str, has: &str) -> String {
        format!("there is no `{name}` in {}, which {has}", self.here())
    }

    fn here(&self) -> String {
        if self.here.is_empty() { "the event".to_owned() } else { format!("`{}`", shown(&self.here)) }
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

fn counted(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests;
