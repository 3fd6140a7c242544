// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

// One exchange with the test, a line of hexadecimal each way.
//
//   peer client KEYS MODE DATE     prints a request, reads its response, prints status and content
//   peer server KEM KDF AEAD MODE  prints keys, reads a request, prints it, prints the response

use bhttp::{Message, Mode, StatusCode};
use ohttp::hpke::{Aead, Kdf, Kem};
use ohttp::{ClientRequest, KeyConfig, Server, SymmetricSuite};
use std::io::{stdin, Cursor};

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len())
        .step_by(2)
        .map(|i| u8::from_str_radix(&text[i..i + 2], 16).unwrap())
        .collect()
}

fn line() -> Vec<u8> {
    let mut text = String::new();
    stdin().read_line(&mut text).unwrap();
    unhex(text.trim())
}

fn mode(name: &str) -> Mode {
    match name {
        "known" => Mode::KnownLength,
        _ => Mode::IndeterminateLength,
    }
}

fn number(text: &str) -> u16 {
    text.parse().unwrap()
}

fn client(keys: &str, form: &str, date: &str) {
    let mut request = Message::request(b"POST".to_vec(), b"https".to_vec(), b"collect.example.com".to_vec(), b"/stat".to_vec());
    request.put_header("content-type", "application/json");
    request.put_header("idempotency-key", "from-rust");
    request.put_header("date", date);
    request.write_content("{}");
    let mut plain = Vec::new();
    request.write_bhttp(mode(form), &mut plain).unwrap();
    let (sealed, answer) = ClientRequest::from_encoded_config_list(&unhex(keys)).unwrap().encapsulate(&plain).unwrap();
    println!("{}", hex(&sealed));
    let opened = answer.decapsulate(&line()).unwrap();
    let response = Message::read_bhttp(&mut Cursor::new(opened)).unwrap();
    println!("{} {}", response.control().status().unwrap().code(), String::from_utf8_lossy(response.content()));
}

fn server(kem: u16, kdf: u16, aead: u16, form: &str) {
    let suite = SymmetricSuite::new(Kdf::try_from(kdf).unwrap(), Aead::try_from(aead).unwrap());
    let config = KeyConfig::new(7, Kem::try_from(kem).unwrap(), vec![suite]).unwrap();
    println!("{}", hex(&KeyConfig::encode_list(&[&config]).unwrap()));
    let (opened, answer) = Server::new(config).unwrap().decapsulate(&line()).unwrap();
    let request = Message::read_bhttp(&mut Cursor::new(opened)).unwrap();
    let part = |bytes: Option<&[u8]>| String::from_utf8_lossy(bytes.unwrap()).into_owned();
    let control = request.control();
    println!("{} {} {} {}", part(control.method()), part(control.authority()), part(control.path()), String::from_utf8_lossy(request.content()));
    let mut response = Message::response(StatusCode::try_from(202u64).unwrap());
    response.put_header("retry-after", "60");
    response.write_content("thanks");
    let mut plain = Vec::new();
    response.write_bhttp(mode(form), &mut plain).unwrap();
    println!("{}", hex(&answer.encapsulate(&plain).unwrap()));
}

fn main() {
    ohttp::init();
    let args: Vec<String> = std::env::args().collect();
    match args[1].as_str() {
        "client" => client(&args[2], &args[3], &args[4]),
        _ => server(number(&args[2]), number(&args[3]), number(&args[4]), &args[5]),
    }
}
