//! What one pipeline works on.

use std::io::Write;
use std::path::Path;

use anyhow::Context;
use duct::{Expression, cmd};

use crate::{encrypt, hash};

/// Where `encrypt` finds its password: in its environment, as the `openssl` command does.
const PASSWORD: &str = "an open secret";

/// Random bytes to encrypt. The salt is chosen here, so that the result can be computed again.
#[derive(Debug)]
pub struct Job {
    /// The bytes.
    pub data: Vec<u8>,
    salt: u64,
}

impl Job {
    /// So many bytes from the system's random numbers.
    pub fn random(bytes: usize) -> anyhow::Result<Self> {
        let mut data = vec![0; bytes];
        getrandom::fill(&mut data).context("cannot get random bytes")?;
        Ok(Self { data, salt: getrandom::u64().context("cannot make a salt")? })
    }

    /// The child that encrypts them: `encrypt` of this program, `me`.
    pub fn encrypt(&self, me: &Path) -> Expression {
        cmd!(me, "encrypt", "--salt", format!("{:016x}", self.salt)).env("password", PASSWORD)
    }

    /// What a pipeline must find, by two function calls.
    pub fn in_one_process(&self) -> anyhow::Result<String> {
        let mut sealed = Vec::new();
        let write = |bytes: &[u8]| Ok(sealed.write_all(bytes)?);
        encrypt(&self.data[..], write, PASSWORD.as_bytes(), self.salt)?;
        Ok(tail(&hash(&sealed[..])?))
    }
}

/// The last ten bytes of a digest, in hexadecimal digits: enough to compare.
pub(crate) fn tail(digest: &[u8]) -> String {
    let tail = &digest[digest.len().saturating_sub(10)..];
    tail.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A pipeline is compared with its reference by this alone.
    #[test]
    fn a_tail_is_the_last_ten_bytes() {
        assert_eq!(tail(&(0..12).collect::<Vec<u8>>()), "02030405060708090a0b");
        assert_eq!(tail(&[0xab]), "ab");
    }
}
