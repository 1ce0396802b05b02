//! `rust-axum ADDRESS SITE KEY-PAIR-ID PRIVATE-KEY PUBLIC-KEY` serves the application.

use std::{env, error::Error, fs, net::SocketAddr};

use rust_axum::{Application, routes};
use tokio::net::TcpListener;
use tollgate::{Runtime, Signer, signing::TrustedKey};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [address, site, id, private, public] = arguments
        .try_into()
        .map_err(|_| "needs ADDRESS SITE KEY-PAIR-ID PRIVATE-KEY PUBLIC-KEY")?;

    let signer = Signer::new(&Runtime::new()?)?;
    let key = signer.key(&id, &fs::read_to_string(private)?)?;
    let trusted = TrustedKey { key_pair_id: id, public_key: fs::read_to_string(public)? };
    let verifier = signer.verifier(vec![trusted], false)?;

    let application = Application { key, verifier, site: site.into() };
    let service = routes(application).into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(TcpListener::bind(address).await?, service).await?;
    Ok(())
}
