//! The binary `overround`.

use std::process::ExitCode;
use std::time::Duration;

fn main() -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("error: the program's threads cannot be started: {error}");
            return ExitCode::FAILURE;
        }
    };
    let code = runtime.block_on(server::cli::run());
    // A job that never yields would keep the process alive for ever.
    runtime.shutdown_timeout(Duration::from_secs(1));
    code
}
