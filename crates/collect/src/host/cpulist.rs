//! Lists of CPUs as the kernel writes them: `0-3,8,10-11`.

/// The numbers of a list; parts that are no number or range are left out.
pub(super) fn parse(text: &str) -> Vec<u32> {
    /// CPUs that a kernel can be built for at most, and then some.
    const CPU_MAX: u32 = 1 << 16;
    text.trim()
        .split(',')
        .filter_map(|part| {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            Some(first.parse::<u32>().ok()?..=last.parse::<u32>().ok()?.min(CPU_MAX))
        })
        .flatten()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn ranges_and_single_cpus() {
        assert_eq!(parse("0-3,8,10-11\n"), [0, 1, 2, 3, 8, 10, 11]);
        assert_eq!(parse("\n"), [0u32; 0]);
        assert_eq!(parse("0-4294967295").len(), (1 << 16) + 1);
    }
}
