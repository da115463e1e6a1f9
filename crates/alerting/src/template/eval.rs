//! Executes a template: walks its tree and writes.

mod call;

use std::sync::Arc;

use super::ast::{Branch, Command, Expr, ExprKind, Node, Pipe, Span, Template};
use super::error::TemplateError;
use super::format;
use super::functions::Context;
use super::html::{Escaper, HtmlWriter};
use super::set::{Escape, Limits, TemplateSet};
use super::value::Value;

/// One run of a template.
pub(super) struct Execution<'a> {
    set: &'a TemplateSet,
    context: &'a Context<'a>,
    limits: Limits,
    template: Arc<Template>,
    out: Output,
    variables: Vec<(String, Value)>,
    steps: usize,
    depth: usize,
}

/// Where output goes.
enum Output {
    Plain(String),
    Html(HtmlWriter),
}

/// Why a walk ends early.
enum Stop {
    Break,
    Continue,
    Fault(Box<TemplateError>),
}

type Walk = Result<(), Stop>;
type Eval = Result<Value, Stop>;

impl Output {
    fn new(escape: Escape) -> Self {
        match escape {
            Escape::None => Self::Plain(String::new()),
            Escape::Html => Self::Html(HtmlWriter::default()),
        }
    }

    fn text(&mut self, text: &str) {
        match self {
            Self::Plain(out) => out.push_str(text),
            Self::Html(out) => out.text(text),
        }
    }

    fn value(&mut self, value: &Value, pipe: &Pipe) {
        match self {
            Self::Plain(out) => format::print_action(out, value),
            Self::Html(out) => out.value(value, escaper_of(pipe)),
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::Plain(out) => out.len(),
            Self::Html(out) => out.len(),
        }
    }

    fn finish(self) -> String {
        match self {
            Self::Plain(out) => out,
            Self::Html(out) => out.finish(),
        }
    }
}

/// The escaping function at the end of a pipeline.
fn escaper_of(pipe: &Pipe) -> Option<Escaper> {
    match pipe.commands.last()?.words.first()?.kind {
        ExprKind::Function(function) if function.name == "html" => Some(Escaper::Html),
        ExprKind::Function(function) if function.name == "urlquery" => Some(Escaper::UrlQuery),
        _ => None,
    }
}

impl<'a> Execution<'a> {
    pub(super) fn new(
        set: &'a TemplateSet,
        template: &Arc<Template>,
        limits: Limits,
        escape: Escape,
        context: &'a Context<'a>,
    ) -> Self {
        Self {
            set,
            context,
            limits,
            template: Arc::clone(template),
            out: Output::new(escape),
            variables: Vec::new(),
            steps: 0,
            depth: 0,
        }
    }

    pub(super) fn run(mut self, data: &Value) -> Result<String, TemplateError> {
        self.variables.push(("$".to_owned(), data.clone()));
        let template = Arc::clone(&self.template);
        match self.nodes(data, &template.body) {
            Err(Stop::Fault(fault)) => Err(*fault),
            // The parser lets `break` stand in a `range` only.
            Ok(()) | Err(Stop::Break | Stop::Continue) => Ok(self.out.finish()),
        }
    }

    fn fault<T>(&self, span: Span, message: impl Into<String>) -> Result<T, Stop> {
        let node = self.template.source[span.start..span.end].trim().to_owned();
        self.fault_of(node, span, message)
    }

    fn fault_of<T>(&self, node: String, span: Span, message: impl Into<String>) -> Result<T, Stop> {
        let template = &self.template;
        let before = &template.source[..span.at];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        Err(Stop::Fault(Box::new(TemplateError::Execute {
            name: template.source_name.clone(),
            line: 1 + before.matches('\n').count(),
            column: span.at - line_start,
            template: template.name.clone(),
            node,
            message: message.into(),
        })))
    }

    /// Counts work against the limit.
    fn step(&mut self, span: Span) -> Walk {
        self.steps += 1;
        if self.steps > self.limits.steps_max {
            return self.fault(span, format!("took more than {} steps", self.limits.steps_max));
        }
        Ok(())
    }

    fn deeper<T>(
        &mut self,
        span: Span,
        inner: impl FnOnce(&mut Self) -> Result<T, Stop>,
    ) -> Result<T, Stop> {
        if self.depth == self.limits.depth_max {
            return self.fault(
                span,
                format!("exceeded maximum template depth ({})", self.limits.depth_max),
            );
        }
        self.depth += 1;
        let result = inner(self);
        self.depth -= 1;
        result
    }

    fn check_output(&self, span: Span) -> Walk {
        let max = self.limits.output_bytes_max;
        if self.out.len() > max {
            return self.fault(span, format!("output is longer than {max} bytes"));
        }
        Ok(())
    }

    fn nodes(&mut self, dot: &Value, nodes: &[Node]) -> Walk {
        nodes.iter().try_for_each(|node| self.node(dot, node))
    }

    fn node(&mut self, dot: &Value, node: &Node) -> Walk {
        match node {
            Node::Text(text) => {
                self.out.text(text);
                Ok(())
            }
            Node::Action(pipe) => {
                self.step(pipe.span)?;
                let value = self.pipe(dot, pipe)?;
                if pipe.variables.is_empty() {
                    self.out.value(&value, pipe);
                    self.check_output(pipe.span)?;
                }
                Ok(())
            }
            Node::If(branch) => self.conditional(dot, branch, false),
            Node::With(branch) => self.conditional(dot, branch, true),
            Node::Range(branch) => self.range(dot, branch),
            Node::Template { span, name, data } => self.call(dot, *span, name, data.as_ref()),
            Node::Break => Err(Stop::Break),
            Node::Continue => Err(Stop::Continue),
        }
    }

    fn conditional(&mut self, dot: &Value, branch: &Branch, is_with: bool) -> Walk {
        self.step(branch.span)?;
        let scope = self.variables.len();
        let value = self.pipe(dot, &branch.pipe)?;
        let is_true = value.is_true();
        let inner_dot = if is_with && is_true { &value } else { dot };
        let nodes = if is_true { &branch.body } else { &branch.otherwise };
        let walked = self.deeper(branch.span, |exec| exec.nodes(inner_dot, nodes));
        self.variables.truncate(scope);
        walked
    }

    fn range(&mut self, dot: &Value, branch: &Branch) -> Walk {
        self.step(branch.span)?;
        let scope = self.variables.len();
        let over = self.pipe_value(dot, &branch.pipe)?;
        let turns = self.turns(branch, &over)?;
        let is_empty = turns.len() == 0;
        for (key, item) in turns {
            self.step(branch.span)?;
            let inner = self.variables.len();
            self.bind_turn(&branch.pipe, key, &item);
            let walked = self.deeper(branch.span, |exec| {
                exec.nodes(&item, &branch.body)?;
                exec.check_output(branch.span)
            });
            self.variables.truncate(inner);
            match walked {
                Err(Stop::Break) => break,
                Ok(()) | Err(Stop::Continue) => {}
                Err(fault) => return Err(fault),
            }
        }
        self.variables.truncate(scope);
        if is_empty {
            return self.deeper(branch.span, |exec| exec.nodes(dot, &branch.otherwise));
        }
        Ok(())
    }

    /// The keys and values that a `range` goes through.
    fn turns(
        &self,
        branch: &Branch,
        over: &Value,
    ) -> Result<Box<dyn ExactSizeIterator<Item = (Value, Value)>>, Stop> {
        Ok(match over {
            Value::Nil => Box::new(std::iter::empty()),
            Value::List(list) => {
                let list = Arc::clone(list);
                Box::new(
                    (0..list.items.len())
                        .map(move |index| (Value::Int(index as i64), list.items[index].clone())),
                )
            }
            Value::Map(map) => {
                let entries: Vec<_> = map
                    .entries
                    .iter()
                    .map(|(name, value)| (Value::String(Arc::clone(name)), value.clone()))
                    .collect();
                Box::new(entries.into_iter())
            }
            Value::Int(count) => {
                let count = usize::try_from((*count).max(0)).unwrap_or(usize::MAX);
                Box::new((0..count).map(|i| (Value::Int(i as i64), Value::Int(i as i64))))
            }
            other => {
                let mut shown = String::new();
                format::print_value(&mut shown, other);
                return self.fault(branch.pipe.span, format!("range can't iterate over {shown}"));
            }
        })
    }

    fn bind_turn(&mut self, pipe: &Pipe, key: Value, item: &Value) {
        let values = match pipe.variables.len() {
            0 => return,
            1 => vec![item.clone()],
            _ => vec![key, item.clone()],
        };
        for (name, value) in pipe.variables.iter().zip(values) {
            if pipe.is_assignment {
                self.assign(name, value);
            } else {
                self.variables.push((name.clone(), value));
            }
        }
    }

    fn call(&mut self, dot: &Value, span: Span, name: &str, data: Option<&Pipe>) -> Walk {
        self.step(span)?;
        let data = match data {
            Some(pipe) => self.pipe(dot, pipe)?,
            None => Value::Nil,
        };
        let Ok(template) = self.set.get(name) else {
            let node = format!("{{{{template {name:?}}}}}");
            return self.fault_of(node, span, format!("template {name:?} not defined"));
        };
        self.execute_other(span, template, &data)
    }

    /// Executes another template in the place of this one, with its own variables.
    fn execute_other(&mut self, span: Span, template: Arc<Template>, data: &Value) -> Walk {
        let outer_variables =
            std::mem::replace(&mut self.variables, vec![("$".to_owned(), data.clone())]);
        let body = Arc::clone(&template);
        let depth_max = self.limits.depth_max;
        if self.depth == depth_max {
            self.variables = outer_variables;
            return self.fault(span, format!("exceeded maximum template depth ({depth_max})"));
        }
        let outer = std::mem::replace(&mut self.template, template);
        self.depth += 1;
        let walked = self.nodes(data, &body.body);
        self.depth -= 1;
        self.template = outer;
        self.variables = outer_variables;
        walked
    }

    /// A pipeline's value, which its variables get, too.
    fn pipe(&mut self, dot: &Value, pipe: &Pipe) -> Eval {
        let value = self.pipe_value(dot, pipe)?;
        for name in &pipe.variables {
            if pipe.is_assignment {
                self.assign(name, value.clone());
            } else {
                self.variables.push((name.clone(), value.clone()));
            }
        }
        Ok(value)
    }

    fn pipe_value(&mut self, dot: &Value, pipe: &Pipe) -> Eval {
        let mut last = None;
        for command in &pipe.commands {
            last = Some(self.command(dot, command, last)?);
        }
        Ok(last.unwrap_or_default())
    }

    fn assign(&mut self, name: &str, value: Value) {
        if let Some(variable) = self.variables.iter_mut().rev().find(|(known, _)| known == name) {
            variable.1 = value;
        }
    }

    fn command(&mut self, dot: &Value, command: &Command, last: Option<Value>) -> Eval {
        let (first, args) = match command.words.split_first() {
            Some(split) => split,
            None => return Ok(Value::Nil),
        };
        match &first.kind {
            ExprKind::Function(function) => self.function(dot, command.span, function, args, last),
            ExprKind::Field(fields) => {
                self.fields(dot, first.span, dot.clone(), fields, args, last)
            }
            ExprKind::Chain(inner, fields) => {
                let receiver = self.expr(dot, inner)?;
                self.fields(dot, first.span, receiver, fields, args, last)
            }
            ExprKind::Variable(name, fields) if !fields.is_empty() => {
                let receiver = self.variable(name);
                self.fields(dot, first.span, receiver, fields, args, last)
            }
            ExprKind::Nil if args.is_empty() && last.is_none() => {
                self.fault(first.span, "nil is not a command")
            }
            _ if !args.is_empty() || last.is_some() => {
                let text = &self.template.source[first.span.start..first.span.end];
                let message = format!("can't give argument to non-function {text}");
                self.fault(first.span, message)
            }
            _ => self.expr(dot, first),
        }
    }

    fn variable(&self, name: &str) -> Value {
        let found = self.variables.iter().rev().find(|(known, _)| known == name);
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    }

    /// The value of an operand.
    fn expr(&mut self, dot: &Value, expr: &Expr) -> Eval {
        match &expr.kind {
            ExprKind::Dot => Ok(dot.clone()),
            ExprKind::Nil => Ok(Value::Nil),
            ExprKind::Bool(value) => Ok(Value::Bool(*value)),
            ExprKind::Number(number) if number.is_float => Ok(Value::Float(number.float)),
            ExprKind::Number(number) => Ok(number.int.map_or(Value::Nil, Value::Int)),
            ExprKind::String(text) => Ok(Value::string(text.as_str())),
            ExprKind::Field(fields) => self.fields(dot, expr.span, dot.clone(), fields, &[], None),
            ExprKind::Variable(name, fields) => {
                let receiver = self.variable(name);
                self.fields(dot, expr.span, receiver, fields, &[], None)
            }
            ExprKind::Chain(inner, fields) => {
                let receiver = self.expr(dot, inner)?;
                self.fields(dot, expr.span, receiver, fields, &[], None)
            }
            ExprKind::Function(function) => self.function(dot, expr.span, function, &[], None),
            ExprKind::Pipe(pipe) => self.deeper(expr.span, |exec| exec.pipe(dot, pipe)),
        }
    }

    /// Follows fields from `receiver`; the last may be a method and takes the arguments.
    fn fields(
        &mut self,
        dot: &Value,
        span: Span,
        mut receiver: Value,
        fields: &[String],
        args: &[Expr],
        last: Option<Value>,
    ) -> Eval {
        let Some((name, path)) = fields.split_last() else { return Ok(receiver) };
        for field in path {
            receiver = self.field(span, &receiver, field, Vec::new())?;
        }
        let mut values = Vec::with_capacity(args.len() + 1);
        for arg in args {
            values.push(self.expr(dot, arg)?);
        }
        values.extend(last);
        self.field(span, &receiver, name, values)
    }

    fn field(&mut self, span: Span, receiver: &Value, name: &str, args: Vec<Value>) -> Eval {
        if let Some(method) = receiver.method(name) {
            return method(receiver, &args)
                .or_else(|message| self.fault(span, format!("error calling {name}: {message}")));
        }
        if !args.is_empty() {
            let message = format!("{name} is not a method but has arguments");
            return self.fault(span, message);
        }
        match receiver {
            Value::Map(map) => {
                Ok(map.entries.get(name).cloned().unwrap_or_else(|| map.missing.clone()))
            }
            Value::Struct(object) => match object.fields.iter().find(|(known, _)| *known == name) {
                Some((_, value)) => Ok(value.clone()),
                None => {
                    let kind = object.kind.name;
                    self.fault(span, format!("can't evaluate field {name} in type {kind}"))
                }
            },
            Value::Nil => self.fault(span, format!("nil pointer evaluating interface {{}}.{name}")),
            other => {
                let kind = other.type_name();
                self.fault(span, format!("can't evaluate field {name} in type {kind}"))
            }
        }
    }
}
