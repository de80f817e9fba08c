//! A codec that checks the size of a request before it builds the message.

use std::any::type_name;
use std::fmt;
use std::marker::PhantomData;
use std::sync::{Mutex, PoisonError};

use bytes::Buf as _;
use prost::Message;
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::task::block_in_place;
use tonic::Status;
use tonic::codec::{Codec, DecodeBuf, Decoder};
use tonic_prost::{ProstDecoder, ProstEncoder};

use super::decoded_size::{ListLimits, check_decoded_size};

/// Larger messages are decoded one at a time, and other tasks of the thread continue on another one. Decoding this
/// number of bytes takes at most about a millisecond.
const MAX_INLINE_BYTES: usize = 64 << 10;

/// Held while a large message is decoded, so that large messages never use more than one core.
static LARGE_MESSAGE: Mutex<()> = Mutex::new(());

/// Encodes `T`, and decodes `U` if [`check_decoded_size`] passes.
pub(in crate::api) struct BoundedCodec<T, U>(PhantomData<(T, U)>);

/// Decodes the requests of [`BoundedCodec`].
#[derive(Debug)]
pub(in crate::api) struct BoundedDecoder<U>(ProstDecoder<U>);

impl<T, U> Default for BoundedCodec<T, U> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<T, U> fmt::Debug for BoundedCodec<T, U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BoundedCodec<{}, {}>", type_name::<T>(), type_name::<U>())
    }
}

impl<T, U> Codec for BoundedCodec<T, U>
where
    T: Message + Send + 'static,
    U: Message + Default + ListLimits + Send + 'static,
{
    type Encode = T;
    type Decode = U;
    type Encoder = ProstEncoder<T>;
    type Decoder = BoundedDecoder<U>;

    fn encoder(&mut self) -> Self::Encoder {
        ProstEncoder::default()
    }

    fn decoder(&mut self) -> Self::Decoder {
        BoundedDecoder(ProstDecoder::default())
    }
}

impl<U: Message + Default + ListLimits> Decoder for BoundedDecoder<U> {
    type Item = U;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<U>, Status> {
        let large = buffer.remaining() > MAX_INLINE_BYTES;
        let mut decode = || {
            // The buffer is contiguous.
            check_decoded_size::<U>(buffer.chunk(), "")?;
            self.0.decode(buffer)
        };
        if large { run_exclusively(decode) } else { decode() }
    }
}

/// Runs work while other tasks of this thread continue on another one, unless the runtime has only one thread.
fn run_exclusively<T>(work: impl FnOnce() -> T) -> T {
    if !Handle::try_current().is_ok_and(|runtime| runtime.runtime_flavor() == RuntimeFlavor::MultiThread) {
        return work();
    }
    block_in_place(|| {
        let _turn = LARGE_MESSAGE.lock().unwrap_or_else(PoisonError::into_inner);
        work()
    })
}
