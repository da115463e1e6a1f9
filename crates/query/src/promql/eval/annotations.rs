//! What a user should know about an answer that is not wrong: warnings and infos.

/// Notes on a query's answer, each once, in the order of their texts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Annotations {
    /// Likely mistakes, e.g. a quantile outside of 0 to 1.
    pub warnings: Vec<String>,
    /// Possible mistakes, e.g. a rate of what is named like a gauge.
    pub infos: Vec<String>,
}

impl Annotations {
    /// Whether there is nothing to say.
    pub fn is_empty(&self) -> bool {
        self.warnings.is_empty() && self.infos.is_empty()
    }
}
