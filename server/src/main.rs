//! The binary `overround`.

use std::process::ExitCode;
use std::time::Duration;

/// Drawing a whole page nests deep, deepest in an unoptimised build.
const STACK_BYTES: usize = 16 * 1024 * 1024;

fn main() -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_stack_size(STACK_BYTES)
        .build()
    {
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
