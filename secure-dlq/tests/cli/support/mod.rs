//! What the tests need: letters, the tool, queues, a server between the tool and a queue.

mod folder;
mod forge;
mod letters;
mod proxy;
mod queues;
mod tool;

pub(crate) use self::{
    folder::Folder,
    forge::{contents, facts, forge},
    letters::{Letters, put_in, tampered},
    proxy::{Proxy, Rule},
    queues::Queues,
    tool::{Run, Tool, json},
};
