//! Lines at the end of files that don't grow for ever.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::Path;

use crate::notify::request::{LogLine, Verdict};

/// Writes a line. One writer at a time is the caller's business.
pub(super) fn append(dir: &Path, line: &LogLine) -> Verdict {
    match try_append(dir, line) {
        Ok(()) => Verdict::Sent,
        // A disk that is full may have room later.
        Err(error) => Verdict::Retry(format!("{}: {error}", dir.join(&line.file).display())),
    }
}

fn try_append(dir: &Path, line: &LogLine) -> io::Result<()> {
    let path = dir.join(&line.file);
    let size_bytes = std::fs::metadata(&path).map_or(0, |metadata| metadata.len());
    if size_bytes > 0 && size_bytes + line.text.len() as u64 >= line.size_bytes_max {
        std::fs::rename(&path, dir.join(format!("{}.1", line.file)))?;
    }
    let mut file = OpenOptions::new().create(true).append(true).open(&path)?;
    // At once, so that who follows the file sees whole lines.
    file.write_all(format!("{}\n", line.text).as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_appended_and_files_rotated() {
        let dir = std::env::temp_dir().join(format!("bellwether-logfile-{}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        let line = |text: &str| LogLine {
            file: "n.jsonl".to_owned(),
            size_bytes_max: 10,
            text: text.to_owned(),
        };
        for text in ["one", "two", "three", "much longer than the limit", "five"] {
            assert_eq!(append(&dir, &line(text)), Verdict::Sent);
        }
        let read = |name: &str| std::fs::read_to_string(dir.join(name)).unwrap();
        assert_eq!(read("n.jsonl"), "five\n");
        assert_eq!(read("n.jsonl.1"), "much longer than the limit\n");
        std::fs::remove_dir_all(&dir).unwrap();
        assert!(
            matches!(append(&dir, &line("x")), Verdict::Retry(reason) if reason.contains("n.jsonl"))
        );
    }
}
