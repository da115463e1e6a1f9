//! Templates by name, and the door to executing them.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::ast::Template;
use super::error::TemplateError;
use super::eval::Execution;
use super::functions::{Context, Dialect};
use super::parse::parse;
use super::value::Value;

/// How output is escaped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Escape {
    /// Not at all.
    None,
    /// For HTML, by the place where a value stands.
    Html,
}

/// What one execution may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The longest output and the longest single value, in bytes.
    pub output_bytes_max: usize,
    /// The most nodes, commands and loop turns to execute.
    pub steps_max: usize,
    /// The deepest that actions and templates may execute in each other.
    pub depth_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { output_bytes_max: 4 << 20, steps_max: 1_000_000, depth_max: 150 }
    }
}

/// Parsed templates, which may call each other by name.
#[derive(Clone, Debug)]
pub struct TemplateSet {
    dialect: Dialect,
    limits: Limits,
    templates: BTreeMap<String, Arc<Template>>,
}

impl TemplateSet {
    /// An empty set whose templates call the functions of `dialect`.
    pub fn new(dialect: Dialect) -> Self {
        Self { dialect, limits: Limits::default(), templates: BTreeMap::new() }
    }

    /// The same set with other limits.
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Reads `source` as template `name`, with the templates that it defines.
    /// They replace those of their names, but a blank one replaces nothing.
    ///
    /// # Errors
    /// Where it is no template; then the set stays as it was.
    pub fn add(&mut self, name: &str, source: &str) -> Result<(), TemplateError> {
        for template in parse(name, source, self.dialect)? {
            if !template.is_blank() || !self.templates.contains_key(&template.name) {
                self.templates.insert(template.name.clone(), Arc::new(template));
            }
        }
        Ok(())
    }

    /// Whether there is a template `name`.
    pub fn contains(&self, name: &str) -> bool {
        self.templates.contains_key(name)
    }

    /// The names of all templates, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.templates.keys().map(String::as_str)
    }

    /// Executes template `name` on `data`.
    ///
    /// # Errors
    /// Where there is no such template, it fails, or it goes over a limit.
    pub fn execute(
        &self,
        name: &str,
        data: &Value,
        escape: Escape,
        context: &Context<'_>,
    ) -> Result<String, TemplateError> {
        let template = self.get(name)?;
        Execution::new(self, &template, self.limits, escape, context).run(data)
    }

    /// Reads `source` as a template named `name` and executes it on `data`. It
    /// may call the templates of this set; the set does not change.
    ///
    /// # Errors
    /// As for [`TemplateSet::add`] and [`TemplateSet::execute`].
    pub fn expand(
        &self,
        name: &str,
        source: &str,
        data: &Value,
        escape: Escape,
        context: &Context<'_>,
    ) -> Result<String, TemplateError> {
        if !source.contains("{{") {
            return Ok(source.to_owned());
        }
        let mut with_source = self.clone();
        with_source.add(name, source)?;
        with_source.execute(name, data, escape, context)
    }

    pub(super) fn get(&self, name: &str) -> Result<Arc<Template>, TemplateError> {
        let found = self.templates.get(name);
        found.map(Arc::clone).ok_or_else(|| TemplateError::NotDefined(name.to_owned()))
    }
}
