//! The two stages of the pipelines: each reads a stream to its end, in constant memory.

use std::io::{ErrorKind, Read};

use aes::Aes256;
use aes::cipher::{KeyIvInit, StreamCipher};
use anyhow::Context;
use ctr::Ctr128BE;
use sha2::{Digest, Sha256};

/// Large enough that system calls cost little, small enough to stay in a core's cache.
const CHUNK: usize = 128 * 1024;

/// What the `openssl` command takes when it is not told otherwise.
const PBKDF2_ROUNDS: u32 = 10_000;

/// Encrypts `input` to its end and hands it to `write`, as `openssl enc -aes-256-ctr -pbkdf2` does with the
/// same password and salt: the text `Salted__`, the salt, then the ciphertext (`openssl-enc(1)`). Without
/// authentication, like the book's example: do not build on it.
///
/// The salt, eight bytes, makes the same password give another key each time.
///
/// Encrypting what was encrypted, less its 16 bytes of header, with the same salt gives the
/// plaintext back: in counter mode the cipher only makes a stream of numbers to add.
///
/// ```
/// use item52_subprocess::encrypt;
///
/// let salt = 0x0123_4567_89ab_cdef;
/// let (mut sealed, mut opened) = (Vec::<u8>::new(), Vec::<u8>::new());
/// encrypt(&b"attack at dawn"[..], |bytes| Ok(sealed.extend(bytes)), b"secret", salt)?;
/// assert_eq!(sealed.len(), "Salted__".len() + 8 + "attack at dawn".len());
/// encrypt(&sealed[16..], |bytes| Ok(opened.extend(bytes)), b"secret", salt)?;
/// assert_eq!(&opened[16..], b"attack at dawn");
/// # anyhow::Ok(())
/// ```
pub fn encrypt(
    input: impl Read,
    mut write: impl FnMut(&[u8]) -> anyhow::Result<()>,
    password: &[u8],
    salt: u64,
) -> anyhow::Result<()> {
    let salt = salt.to_be_bytes();
    let mut key_and_counter = [0; 48];
    pbkdf2::pbkdf2_hmac::<Sha256>(password, &salt, PBKDF2_ROUNDS, &mut key_and_counter);
    let (key, counter) = key_and_counter.split_at(32);
    let mut cipher =
        Ctr128BE::<Aes256>::new_from_slices(key, counter).expect("32 and 16 are AES-256's sizes");

    write(b"Salted__")?;
    write(&salt)?;
    for_each_chunk(input, |chunk| {
        cipher.apply_keystream(chunk);
        write(chunk)
    })
}

/// The SHA-256 digest of `input`, read to its end.
///
/// ```
/// let digest = item52_subprocess::hash(&b""[..])?;
/// assert_eq!(digest[..4], [0xe3, 0xb0, 0xc4, 0x42]);
/// # anyhow::Ok(())
/// ```
pub fn hash(input: impl Read) -> anyhow::Result<[u8; 32]> {
    let mut hasher = Sha256::new();
    for_each_chunk(input, |chunk| {
        hasher.update(chunk);
        Ok(())
    })?;
    Ok(hasher.finalize().into())
}

/// Reads `input`, a standard input, to its end, and does `work` with each part of it.
pub fn for_each_chunk(
    mut input: impl Read,
    mut work: impl FnMut(&mut [u8]) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mut buffer = vec![0; CHUNK];
    loop {
        match input.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(length) => work(&mut buffer[..length])?,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error).context("cannot read standard input"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    fn sealed(input: impl Read) -> Vec<u8> {
        let mut sealed = Vec::new();
        let write = |bytes: &[u8]| {
            sealed.extend(bytes);
            Ok(())
        };
        encrypt(input, write, b"secret", 0x0123_4567_89ab_cdef).unwrap();
        sealed
    }

    #[test]
    fn the_ciphertext_does_not_depend_on_how_the_input_is_cut() {
        // One byte at a time, and interrupted before each.
        struct Dribble<'a>(&'a [u8], bool);
        impl Read for Dribble<'_> {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                self.1 = !self.1;
                if self.1 {
                    Err(ErrorKind::Interrupted.into())
                } else {
                    self.0.read(&mut buffer[..1])
                }
            }
        }
        let plain = vec![7; 100];
        assert_eq!(sealed(&plain[..]), sealed(Dribble(&plain, false)));
        assert_eq!(hash(&plain[..]).unwrap(), hash(Dribble(&plain, false)).unwrap());
    }

    #[test]
    fn an_empty_input_gives_the_header_alone() {
        assert_eq!(sealed(io::empty()), b"Salted__\x01\x23\x45\x67\x89\xab\xcd\xef");
    }
}
