//! Writes `native/bindings/generated/*.ts` from the metadata that uniffi leaves in the built library.
//!
//! ```text
//! cargo build --release -p midstream-ffi
//! cargo run -p midstream-bindgen               # writes
//! cargo run -p midstream-bindgen -- --check    # fails if what is there is stale
//! ```
//!
//! The output is one source for every runtime: it knows `native/bindings/typed.ts` and no pointer. What the generator
//! cannot express it refuses by name; it never leaves something out.

mod names;
mod render;
mod types;

use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use camino::{Utf8Path, Utf8PathBuf};
use uniffi_bindgen::{BindgenLoader, BindgenPaths, GlobalConfig};

const USAGE: &str = "usage: midstream-bindgen [--check] [--library <path>] [--out <folder>]";

struct Options {
    check: bool,
    library: Utf8PathBuf,
    out: Utf8PathBuf,
}

fn main() -> ExitCode {
    match options().and_then(|options| run(&options)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("midstream-bindgen: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn options() -> Result<Options> {
    let root = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let file = format!(
        "target/release/{}midstream_ffi{}",
        std::env::consts::DLL_PREFIX,
        std::env::consts::DLL_SUFFIX
    );
    let mut options = Options {
        check: false,
        library: root.join(file),
        out: root.join("native/bindings/generated"),
    };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || {
            arguments
                .next()
                .with_context(|| format!("{argument} needs a value"))
        };
        match argument.as_str() {
            "--check" => options.check = true,
            "--library" => options.library = value()?.into(),
            "--out" => options.out = value()?.into(),
            _ => bail!("unknown argument {argument}; {USAGE}"),
        }
    }
    Ok(options)
}

fn run(options: &Options) -> Result<()> {
    if !options.library.exists() {
        bail!(
            "{} is missing; run `cargo build --release -p midstream-ffi`",
            options.library
        );
    }
    let loader = BindgenLoader::new(BindgenPaths::default(), GlobalConfig::default());
    let metadata = loader.load_metadata(&options.library)?;
    for mut interface in loader.load_cis(metadata)? {
        interface.derive_ffi_funcs()?;
        let source = render::render(&interface)?;
        let path = options.out.join(format!("{}.ts", interface.namespace()));
        if options.check {
            let present = std::fs::read_to_string(&path).unwrap_or_default();
            if present != source {
                bail!("{path} is stale; run `cargo run -p midstream-bindgen`");
            }
        } else {
            std::fs::create_dir_all(&options.out)?;
            std::fs::write(&path, source).with_context(|| path.to_string())?;
        }
    }
    Ok(())
}
