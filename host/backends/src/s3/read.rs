//! Reading one object of a bucket whole.

use aws_sdk_s3::operation::get_object::GetObjectOutput;
use bytes::Bytes;

use super::bucket::{Bucket, Refusal, not_s3};
use crate::{
    objects::{Gathered, check_encoding},
    ports::PortError,
};

/// One GetObject, and one more if its answer breaks off: what the SDK tries again ends with the headers.
pub(super) async fn read(bucket: &Bucket, key: &str, most: u32) -> Result<Bytes, Refusal> {
    match gather(bucket, ask(bucket, key).await?, most).await {
        Err(PortError::Unavailable(_)) => {
            let answer = ask(bucket, key).await?;
            gather(bucket, answer, most).await.map_err(Refusal::Silent)
        }
        read => read.map_err(Refusal::Silent),
    }
}

async fn ask(bucket: &Bucket, key: &str) -> Result<GetObjectOutput, Refusal> {
    match bucket.client.get_object().bucket(&bucket.name).key(key).send().await {
        Ok(answer) if answer.e_tag().is_some() => Ok(answer),
        Ok(_) => Err(not_s3()),
        Err(error) => Err(bucket.refusal("GetObject", &error)),
    }
}

/// Leaves what is too much on the wire: the connection ends with the answer that is dropped.
async fn gather(bucket: &Bucket, answer: GetObjectOutput, most: u32) -> Result<Bytes, PortError> {
    check_encoding(answer.content_encoding())?;
    let length = answer.content_length().map(|length| u64::try_from(length).unwrap_or(u64::MAX));
    let broken = || {
        PortError::Unavailable(format!(
            "GetObject on the bucket {}: the answer broke off",
            bucket.name
        ))
    };
    let mut gathered = Gathered::announced(length, most)?;
    let mut body = answer.body;
    while let Some(part) = body.next().await {
        gathered.add(&part.map_err(|_| broken())?)?;
    }
    let whole = gathered.whole();
    // Never a part, whoever stands between.
    if length.is_some_and(|length| length != whole.len() as u64) {
        return Err(broken());
    }
    Ok(whole)
}
