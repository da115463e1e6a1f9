//! Why a template could not be read or executed, in the form that Go gives.

/// A fault of a template.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// The text is no template.
    #[error("template: {name}:{line}: {message}")]
    Parse {
        /// The template's name.
        name: String,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        message: String,
    },
    /// Executing it failed; nothing of its output counts.
    #[error("template: {name}:{line}:{column}: executing {template:?} at <{node}>: {message}")]
    Execute {
        /// The name of the text that the template was read from.
        name: String,
        /// The line there, from 1.
        line: usize,
        /// The byte in the line, from 0, as Go counts.
        column: usize,
        /// The template that was executing.
        template: String,
        /// The expression that failed, as it was written.
        node: String,
        /// What went wrong.
        message: String,
    },
    /// No template of this name was read.
    #[error("template: no template {0:?} was defined")]
    NotDefined(String),
}
