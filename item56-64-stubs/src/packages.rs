//! The nine packages of the street, by their manifests: there, and nowhere else, stand their titles.

use anyhow::Context;

const MANIFESTS: [&str; 9] = [
    include_str!("../item56-serial/Cargo.toml"),
    include_str!("../item57-fan-out/Cargo.toml"),
    include_str!("../item58-queue/Cargo.toml"),
    include_str!("../item59-pool/Cargo.toml"),
    include_str!("../item60-coroutines/Cargo.toml"),
    include_str!("../item61-port/Cargo.toml"),
    include_str!("../item62-mix/Cargo.toml"),
    include_str!("../item63-event-loop/Cargo.toml"),
    include_str!("../item64-parallelism/Cargo.toml"),
];

/// Number, title, and the command that runs it: two lines for each item.
pub fn list() -> anyhow::Result<Vec<String>> {
    let mut lines = Vec::new();
    for manifest in MANIFESTS {
        let package = field(manifest, "name")?;
        let number = package.trim_start_matches("item").split('-').next().unwrap_or_default();
        lines.push(format!("{number}  {}", field(manifest, "description")?));
        lines.push(format!("    cargo run -p {package}"));
    }
    Ok(lines)
}

/// The value of the first line `name = "value"`.
fn field<'a>(manifest: &'a str, name: &str) -> anyhow::Result<&'a str> {
    let value =
        |line: &'a str| line.strip_prefix(name)?.trim().strip_prefix("= \"")?.strip_suffix('"');
    manifest.lines().find_map(value).with_context(|| format!("a manifest without a {name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nine_items_in_the_order_of_the_book() {
        let lines = list().unwrap();
        let numbers: Vec<&str> = lines.iter().step_by(2).map(|line| &line[..2]).collect();
        assert_eq!(numbers, ["56", "57", "58", "59", "60", "61", "62", "63", "64"]);
        assert!(lines.iter().all(|line| line.chars().count() <= 80));
    }

    #[test]
    fn a_field_is_a_line_of_its_own() {
        let manifest = "[package]\nname = \"item00-x\"\nrename = \"no\"\n";
        assert_eq!(field(manifest, "name").unwrap(), "item00-x");
        assert_eq!(field(manifest, "title").unwrap_err().to_string(), "a manifest without a title");
    }
}
