//! Calls of functions: their number and types of arguments, and what comes back.

use super::{Eval, Execution, Output, Stop, Walk};
use crate::template::ast::{Expr, ExprKind, Span};
use crate::template::functions::{Body, Function, Param};
use crate::template::set::Escape;
use crate::template::value::{Safe, Value};

/// The bytes, or elements of a list, that a function makes in one step.
const BYTES_PER_STEP: usize = 256;

impl Execution<'_> {
    pub(super) fn function(
        &mut self,
        dot: &Value,
        span: Span,
        function: &'static Function,
        args: &[Expr],
        last: Option<Value>,
    ) -> Eval {
        self.step(span)?;
        self.check_arity(span, function, args.len() + usize::from(last.is_some()))?;
        match function.body {
            Body::And => self.until(dot, args, last, false),
            Body::Or => self.until(dot, args, last, true),
            Body::Plain(body) => {
                let values = self.arguments(dot, span, function, args, last)?;
                let result = match body(self.context, &values) {
                    Ok(result) => result,
                    Err(message) => {
                        let name = function.name;
                        return self.fault(span, format!("error calling {name}: {message}"));
                    }
                };
                // A long result costs as much as many short ones.
                self.steps += result.text_len() / BYTES_PER_STEP;
                let max = self.limits.output_bytes_max;
                if result.text_len() > max {
                    return self.fault(span, format!("value is longer than {max} bytes"));
                }
                Ok(result)
            }
            Body::Template => {
                let values = self.arguments(dot, span, function, args, last)?;
                self.template_function(span, &values)
            }
        }
    }

    fn check_arity(&self, span: Span, function: &Function, found: usize) -> Walk {
        let (name, wanted) = (function.name, function.params.len());
        if function.variadic.is_some() && found < wanted {
            return self.fault(
                span,
                format!("wrong number of args for {name}: want at least {wanted} got {found}"),
            );
        }
        if function.variadic.is_none() && found != wanted {
            return self.fault(
                span,
                format!("wrong number of args for {name}: want {wanted} got {found}"),
            );
        }
        Ok(())
    }

    /// The first argument whose truth is `wanted`, or the last.
    fn until(&mut self, dot: &Value, args: &[Expr], last: Option<Value>, wanted: bool) -> Eval {
        let mut value = Value::Nil;
        for arg in args {
            value = self.expr(dot, arg)?;
            if value.is_true() == wanted {
                return Ok(value);
            }
        }
        Ok(last.unwrap_or(value))
    }

    fn arguments(
        &mut self,
        dot: &Value,
        span: Span,
        function: &Function,
        args: &[Expr],
        last: Option<Value>,
    ) -> Result<Vec<Value>, Stop> {
        let mut values = Vec::with_capacity(args.len() + 1);
        for (index, arg) in args.iter().enumerate() {
            values.push(self.argument(dot, arg, function.param(index))?);
        }
        if let Some(last) = last {
            let param = function.param(args.len());
            self.check_argument(span, &last, param)?;
            values.push(last);
        }
        Ok(values)
    }

    /// An argument of the type that the function wants.
    fn argument(&mut self, dot: &Value, arg: &Expr, param: Param) -> Eval {
        if matches!(arg.kind, ExprKind::Number(_)) && param != Param::Any {
            let text = &self.template.source[arg.span.start..arg.span.end];
            let message = format!("expected {}; found {text}", param.type_name());
            return self.fault(arg.span, message);
        }
        let value = self.expr(dot, arg)?;
        if matches!(arg.kind, ExprKind::Nil) && !param.accepts(&value) {
            let message = format!("cannot assign nil to {}", param.type_name());
            return self.fault(arg.span, message);
        }
        self.check_argument(arg.span, &value, param)?;
        Ok(value)
    }

    fn check_argument(&self, span: Span, value: &Value, param: Param) -> Walk {
        let wanted = param.type_name();
        match value {
            _ if param.accepts(value) => Ok(()),
            Value::Nil => self.fault(span, format!("invalid value; expected {wanted}")),
            _ => {
                let found = value.type_name();
                self.fault(span, format!("wrong type for value; expected {wanted}; got {found}"))
            }
        }
    }

    /// The function `tmpl`: what a template writes, as text that is safe in HTML.
    fn template_function(&mut self, span: Span, values: &[Value]) -> Eval {
        let name = values[0].as_str().unwrap_or_default().to_owned();
        let Ok(template) = self.set.get(&name) else {
            return self.fault(span, format!("template {name:?} not defined"));
        };
        let escape = match self.out {
            Output::Plain(_) => Escape::None,
            Output::Html(_) => Escape::Html,
        };
        let outer = std::mem::replace(&mut self.out, Output::new(escape));
        let walked = self.execute_other(span, template, &values[1]);
        let written = std::mem::replace(&mut self.out, outer);
        walked?;
        Ok(Value::Safe(Safe::Html, written.finish().into()))
    }
}
