//! A server between the tool and its queues, that notes what is asked and may answer itself.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

/// What is to be done about a request.
pub(crate) enum Rule {
    Forward,
    /// Answers with an error of this code.
    Refuse(&'static str),
    /// Answers with that, as if all had gone well.
    Answer(String),
    /// Leaves it unanswered.
    Hold,
}

/// Where the requests go to, whom they ask, and what was asked so far.
pub(crate) struct Proxy {
    url: String,
    log: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    /// `rule` is given an operation, `SendMessageBatch`, its body, and how many of it there were before. It may wait.
    pub(crate) fn start(to: &str, rule: impl Fn(&str, usize, &str) -> Rule + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let to = to.strip_prefix("http://").unwrap().to_owned();
        let log = Arc::new(Mutex::new(Vec::new()));
        let (rule, noted) = (Arc::new(rule), Arc::clone(&log));
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (stream, to, rule, log) = (stream.unwrap(), to.clone(), Arc::clone(&rule), Arc::clone(&noted));
                // A client that goes away is not the proxy's concern.
                thread::spawn(move || drop(serve(stream, &to, &*rule, &log)));
            }
        });
        Self { url, log }
    }

    /// The environment, with the proxy as its endpoint.
    pub(crate) fn environment(&self, environment: Vec<(String, String)>) -> Vec<(String, String)> {
        let changed = environment.into_iter().map(|(name, value)| match value.starts_with("http://127.0.0.1") {
            true => (name, self.url.clone()),
            false => (name, value),
        });
        changed.collect()
    }

    /// What was asked, in order.
    pub(crate) fn log(&self) -> Vec<String> {
        self.log.lock().unwrap().clone()
    }
}

fn serve(
    mut client: TcpStream,
    to: &str,
    rule: &(impl Fn(&str, usize, &str) -> Rule + ?Sized),
    log: &Mutex<Vec<String>>,
) -> std::io::Result<()> {
    let mut reader = BufReader::new(client.try_clone()?);
    let (mut head, mut operation, mut len) = (String::new(), String::new(), 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(": ") else {
            if line.trim_end().is_empty() {
                break;
            }
            head.push_str(&line);
            continue;
        };
        match name.to_ascii_lowercase().as_str() {
            "x-amz-target" => operation = value.rsplit('.').next().unwrap_or_default().to_owned(),
            "content-length" => len = value.parse().unwrap(),
            "connection" => continue,
            _ => {}
        }
        head.push_str(&line);
    }
    let mut body = vec![0; len];
    reader.read_exact(&mut body)?;
    let before = {
        let mut log = log.lock().unwrap();
        let before = log.iter().filter(|before| **before == operation).count();
        log.push(operation.clone());
        before
    };
    let answer = match rule(&operation, before, &String::from_utf8_lossy(&body)) {
        Rule::Forward => {
            let mut server = TcpStream::connect(to)?;
            server.write_all(format!("{head}connection: close\r\n\r\n").as_bytes())?;
            server.write_all(&body)?;
            let mut answer = Vec::new();
            server.read_to_end(&mut answer)?;
            answer
        }
        Rule::Refuse(code) => {
            answer(400, &format!(r#"{{"__type": "com.amazonaws.sqs#{code}", "message": "no, not that"}}"#))
        }
        Rule::Answer(text) => answer(200, &text),
        Rule::Hold => loop {
            thread::park();
        },
    };
    client.write_all(&answer)
}

fn answer(status: u16, text: &str) -> Vec<u8> {
    let head = format!("HTTP/1.1 {status} -\r\ncontent-type: application/x-amz-json-1.0\r\nconnection: close\r\n");
    format!("{head}content-length: {}\r\n\r\n{text}", text.len()).into_bytes()
}
