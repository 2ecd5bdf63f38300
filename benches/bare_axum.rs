//! The smallest service that axum makes: what `start` compares the mock's start and memory with.
#![expect(clippy::print_stdout, reason = "the first line tells where it listens")]

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        println!("http://{}/", listener.local_addr()?);
        axum::serve(listener, axum::Router::new().fallback(async || "Hello, World!")).await?;
        Ok(())
    })
}
