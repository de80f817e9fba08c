//! Encryption of connections: the certificate, its renewal, and the sockets.

mod files;
mod reload;
mod socket;

pub(super) use self::files::TlsError;
pub(super) use self::reload::ServerTls;
pub(super) use self::socket::ServerSocket;
