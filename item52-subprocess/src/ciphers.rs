//! The two stages of the pipelines: each reads a stream to its end, in constant memory.

use std::fmt;
use std::io::{self, Read, Write};
use std::str::FromStr;

use aes::Aes256;
use aes::cipher::{KeyIvInit, StreamCipher};
use ctr::Ctr128BE;
use sha2::{Digest, Sha256};

/// Large enough that system calls cost little, small enough to stay in a core's cache.
const CHUNK: usize = 128 * 1024;

/// What the `openssl` command takes when it is not told otherwise.
const PBKDF2_ROUNDS: u32 = 10_000;

/// Eight bytes that make the same password give another key each time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Salt([u8; 8]);

impl Salt {
    /// A salt from the system's random numbers.
    ///
    /// # Errors
    ///
    /// Fails when the system has none to give.
    pub fn random() -> io::Result<Self> {
        let mut salt = [0; 8];
        getrandom::fill(&mut salt).map_err(io::Error::other)?;
        Ok(Self(salt))
    }
}

impl fmt::Display for Salt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl FromStr for Salt {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let number = u64::from_str_radix(text, 16).ok();
        let sixteen_digits = text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        number
            .filter(|_| sixteen_digits)
            .map(|number| Self(number.to_be_bytes()))
            .ok_or("a salt is 16 hexadecimal digits")
    }
}

/// Encrypts `input` to its end, as `openssl enc -aes-256-ctr -pbkdf2` does with the same password
/// and salt: the text `Salted__`, the salt, then the ciphertext (`openssl-enc(1)`). Without
/// authentication, like the book's example: do not build on it.
///
/// Encrypting what was encrypted, less its 16 bytes of header, with the same salt gives the
/// plaintext back: in counter mode the cipher only makes a stream of numbers to add.
///
/// # Errors
///
/// Fails when `input` can't be read or `output` can't be written.
///
/// ```
/// use item52_subprocess::{Salt, encrypt};
///
/// let salt: Salt = "0123456789abcdef".parse().unwrap();
/// let (mut sealed, mut opened) = (Vec::new(), Vec::new());
/// encrypt(&b"attack at dawn"[..], &mut sealed, b"secret", salt)?;
/// assert_eq!(sealed.len(), "Salted__".len() + 8 + "attack at dawn".len());
/// encrypt(&sealed[16..], &mut opened, b"secret", salt)?;
/// assert_eq!(&opened[16..], b"attack at dawn");
/// # Ok::<(), std::io::Error>(())
/// ```
#[expect(clippy::missing_panics_doc, reason = "the slices have the cipher's sizes")]
pub fn encrypt(
    input: impl Read,
    mut output: impl Write,
    password: &[u8],
    salt: Salt,
) -> io::Result<()> {
    let mut key_and_counter = [0; 48];
    pbkdf2::pbkdf2_hmac::<Sha256>(password, &salt.0, PBKDF2_ROUNDS, &mut key_and_counter);
    let (key, counter) = key_and_counter.split_at(32);
    let mut cipher =
        Ctr128BE::<Aes256>::new_from_slices(key, counter).expect("32 and 16 are AES-256's sizes");

    output.write_all(b"Salted__")?;
    output.write_all(&salt.0)?;
    for_each_chunk(input, |chunk| {
        cipher.apply_keystream(chunk);
        output.write_all(chunk)
    })?;
    output.flush()
}

/// The SHA-256 digest of `input`, read to its end.
///
/// # Errors
///
/// Fails when `input` can't be read.
///
/// ```
/// let digest = item52_subprocess::hash(&b""[..])?;
/// assert_eq!(digest[..4], [0xe3, 0xb0, 0xc4, 0x42]);
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn hash(input: impl Read) -> io::Result<[u8; 32]> {
    let mut hasher = Sha256::new();
    for_each_chunk(input, |chunk| {
        hasher.update(chunk);
        Ok(())
    })?;
    Ok(hasher.finalize().into())
}

fn for_each_chunk(
    mut input: impl Read,
    mut work: impl FnMut(&mut [u8]) -> io::Result<()>,
) -> io::Result<()> {
    let mut buffer = vec![0; CHUNK];
    loop {
        match input.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(length) => work(&mut buffer[..length])?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn salt() -> Salt {
        "0123456789abcdef".parse().unwrap()
    }

    #[test]
    fn the_ciphertext_does_not_depend_on_how_the_input_is_cut() {
        // One byte at a time, and interrupted before each.
        struct Dribble<'a>(&'a [u8], bool);
        impl Read for Dribble<'_> {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                self.1 = !self.1;
                if self.1 {
                    Err(io::ErrorKind::Interrupted.into())
                } else {
                    self.0.read(&mut buffer[..1])
                }
            }
        }
        let plain = vec![7; 100];
        let (mut whole, mut dribbled) = (Vec::new(), Vec::new());
        encrypt(&plain[..], &mut whole, b"secret", salt()).unwrap();
        encrypt(Dribble(&plain, false), &mut dribbled, b"secret", salt()).unwrap();
        assert_eq!(whole, dribbled);
        assert_eq!(hash(Dribble(&plain, false)).unwrap(), hash(&plain[..]).unwrap());
    }

    #[test]
    fn an_empty_input_gives_the_header_alone() {
        let mut sealed = Vec::new();
        encrypt(io::empty(), &mut sealed, b"secret", salt()).unwrap();
        assert_eq!(sealed, b"Salted__\x01\x23\x45\x67\x89\xab\xcd\xef");
    }

    #[test]
    fn a_salt_is_sixteen_hexadecimal_digits() {
        assert_eq!(salt().to_string(), "0123456789abcdef");
        for wrong in ["", "0123", "0123456789abcdeg", "+123456789abcdef", "0123456789abcdef0"] {
            assert!(wrong.parse::<Salt>().is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn random_salts_differ() {
        assert_ne!(Salt::random().unwrap(), Salt::random().unwrap());
    }
}
