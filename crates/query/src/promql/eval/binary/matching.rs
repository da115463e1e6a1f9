//! Operators on two instant vectors whose series find each other by labels.
//!
//! Series are grouped by signature once; what is one to one or many to one is
//! decided step by step, since series come and go.

use std::collections::{HashMap, HashSet};

use model::{Labels, METRIC_NAME};

use super::super::evaluator::Evaluator;
use super::super::notes::Notes;
use super::super::operator;
use super::super::signature::Counted;
use super::super::table::{ABSENT, Row, RowMut, Table, is_absent, is_metadata_label};
use super::super::{QueryError, SampleValue};
use crate::promql::ast::{Binary, Cardinality, VectorMatching};

/// An operator on two vectors, with the "one" side on the right.
struct Join<'a> {
    binary: &'a Binary,
    matching: &'a VectorMatching,
    counted: Counted,
    /// Whether left and right changed places to bring the "one" side to the right.
    is_swapped: bool,
    fill_many: Option<f64>,
    fill_one: Option<f64>,
    many: Table,
    one: Table,
}

/// The series that have one signature.
#[derive(Default)]
struct Group {
    many: Vec<usize>,
    one: Vec<usize>,
}

/// The results so far: a row for each label set.
struct Results {
    table: Table,
    row_of: HashMap<Labels, usize>,
}

/// Evaluates an operator that is none of the set operators.
pub(super) fn evaluate(
    evaluator: &Evaluator<'_>,
    binary: &Binary,
    matching: &VectorMatching,
    left: Table,
    right: Table,
) -> Result<Table, QueryError> {
    let is_swapped = matching.cardinality == Cardinality::OneToMany;
    let (many, one) = if is_swapped { (right, left) } else { (left, right) };
    let (fill_many, fill_one) = if is_swapped {
        (matching.fill_right, matching.fill_left)
    } else {
        (matching.fill_left, matching.fill_right)
    };
    let counted = Counted::of_matching(matching);
    let mut join = Join { binary, matching, counted, is_swapped, fill_many, fill_one, many, one };
    join.many.labels();
    join.one.labels();
    let mut notes = Notes::default();
    let table = join.run(evaluator, &mut notes)?;
    evaluator.note(notes);
    table.finish()
}

impl Join<'_> {
    fn run(&self, evaluator: &Evaluator<'_>, notes: &mut Notes) -> Result<Table, QueryError> {
        let table = Table::new(self.many.steps(), self.many.budget());
        let mut results = Results { table, row_of: HashMap::new() };
        for group in self.groups() {
            evaluator.budget.check()?;
            if group.one.len() > 1 {
                self.check_one_side(&group.one)?;
            }
            if self.is_unmatched(&group) {
                continue;
            }
            match self.rows_of(&group) {
                Some(rows) => self.combine_rows(rows, &group, &mut results, notes)?,
                None => self.combine_steps(&group, &mut results, notes)?,
            }
        }
        let takes_name = self.matching.include.iter().any(|label| label == METRIC_NAME);
        results.table.set_names_are_one(
            is_plain(self.fill_many, self.fill_one)
                && !takes_name
                && (self.many.names_are_one() || operator::changes_meaning(self.binary.op)),
        );
        Ok(results.table)
    }

    /// Whether nothing can come of a group, for one side is missing altogether.
    fn is_unmatched(&self, group: &Group) -> bool {
        is_plain(self.fill_many, self.fill_one) && (group.many.is_empty() || group.one.is_empty())
    }

    /// The labels of each result of a group, where its series can be combined row
    /// by row: floats only, a single series on the "one" side, and no two results alike.
    fn rows_of(&self, group: &Group) -> Option<Vec<Labels>> {
        let [one] = group.one[..] else { return None };
        let has_floats_only = |row: Row<'_>| row.histograms.iter().all(Option::is_none);
        let is_single = group.many.len() == 1;
        if !is_plain(self.fill_many, self.fill_one)
            || !(is_single || self.matching.cardinality != Cardinality::OneToOne)
            || !has_floats_only(self.one.row(one))
            || !group.many.iter().all(|index| has_floats_only(self.many.row(*index)))
        {
            return None;
        }
        let labels: Vec<Labels> =
            group.many.iter().map(|many| self.result_labels(Some(*many), Some(one))).collect();
        let mut seen = HashSet::with_capacity(labels.len());
        let are_distinct = labels.iter().all(|labels| seen.insert(labels.clone()));
        are_distinct.then_some(labels)
    }

    fn combine_rows(
        &self,
        labels: Vec<Labels>,
        group: &Group,
        results: &mut Results,
        notes: &mut Notes,
    ) -> Result<(), QueryError> {
        let mut floats = vec![ABSENT; self.many.steps()];
        for (labels, many) in labels.iter().zip(&group.many) {
            floats.fill(ABSENT);
            let (many, one) = (self.many.row(*many), self.one.row(group.one[0]));
            self.combine_floats(many.floats, one.floats, &mut floats, notes);
            results.add_row(labels, &floats)?;
        }
        Ok(())
    }

    /// The groups, in the order of the "many" side.
    fn groups(&self) -> Vec<Group> {
        let mut groups: Vec<Group> = Vec::new();
        let mut group_of: HashMap<u128, usize> = HashMap::new();
        let mut position = |signature: u128, groups: &mut Vec<Group>| {
            *group_of.entry(signature).or_insert_with(|| {
                groups.push(Group::default());
                groups.len() - 1
            })
        };
        for (index, signature) in self.counted.signatures(&self.many).into_iter().enumerate() {
            let group = position(signature, &mut groups);
            groups[group].many.push(index);
        }
        for (index, signature) in self.counted.signatures(&self.one).into_iter().enumerate() {
            let group = position(signature, &mut groups);
            groups[group].one.push(index);
        }
        groups
    }

    /// At any step there may be one sample only on the "one" side.
    fn check_one_side(&self, one: &[usize]) -> Result<(), QueryError> {
        let has_fill = !is_plain(self.fill_many, self.fill_one);
        for step in 0..self.one.steps() {
            let mut present = one.iter().filter(|index| self.one.row(**index).is_present(step));
            let (Some(first), Some(second)) = (present.next(), present.next()) else { continue };
            // Nothing at all on the other side: nothing is matched, so nothing is wrong.
            if !has_fill && !self.many.iter().any(|row| row.is_present(step)) {
                continue;
            }
            let labels = self.one.stored_labels();
            let group = self.counted.pick(&labels[*first]);
            let mut doubles = [in_braces(&labels[*first]), in_braces(&labels[*second])];
            doubles.sort_unstable();
            let [a, b] = doubles;
            let side = if self.is_swapped { "left" } else { "right" };
            return Err(QueryError::Execution(format!(
                "found duplicate series for the match group {group} on the {side} hand-side of \
                 the operation: [{a}, {b}];many-to-many matching not allowed: matching labels \
                 must be unique on one side"
            )));
        }
        Ok(())
    }

    /// Combines two rows of floats.
    fn combine_floats(&self, many: &[f64], one: &[f64], out: &mut [f64], notes: &mut Notes) {
        let op = self.binary.op;
        let (left, right) = if self.is_swapped { (one, many) } else { (many, one) };
        let pairs = out.iter_mut().zip(left.iter().zip(right));
        let present = pairs.filter(|(_, (l, r))| !is_absent(**l) && !is_absent(**r));
        if op.is_comparison() && !self.binary.is_bool {
            for (out, (left, right)) in present {
                *out = if operator::holds(op, *left, *right) { *left } else { ABSENT };
            }
        } else if operator::changes_meaning(op) || self.binary.is_bool {
            for (out, (left, right)) in present {
                *out = operator::arithmetic(op, *left, *right);
            }
        } else if present.count() > 0 {
            notes.incompatible_types(["float"; 2], op.as_str(), self.binary.span);
        }
    }

    /// Combines the series of a group step by step.
    fn combine_steps(
        &self,
        group: &Group,
        results: &mut Results,
        notes: &mut Notes,
    ) -> Result<(), QueryError> {
        let mut labels_of: HashMap<(Option<usize>, Option<usize>), Labels> = HashMap::new();
        for step in 0..self.many.steps() {
            let one = group.one.iter().copied().find(|i| self.one.row(*i).is_present(step));
            let one_value = one.and_then(|i| sample(self.one.row(i), step));
            let many = group.many.iter().copied().filter(|i| self.many.row(*i).is_present(step));
            let mut matched: HashSet<Labels> = HashSet::new();
            self.many.budget().check()?;
            let mut is_matched = false;
            let mut pairs: Vec<(Option<usize>, SampleValue, SampleValue)> = Vec::new();
            for index in many {
                let fill = self.fill_one.map(SampleValue::Float);
                let Some(one_value) = one_value.clone().or(fill) else { continue };
                let Some(value) = sample(self.many.row(index), step) else { continue };
                pairs.push((Some(index), value, one_value));
            }
            if let (true, Some(value), Some(fill)) = (pairs.is_empty(), one_value, self.fill_many) {
                pairs.push((None, SampleValue::Float(fill), value));
            }
            for (many, many_value, one_value) in pairs {
                let (left, right) = if self.is_swapped {
                    (&one_value, &many_value)
                } else {
                    (&many_value, &one_value)
                };
                let (op, span) = (self.binary.op, self.binary.span);
                let Some(outcome) = operator::samples(op, left, right, notes, span) else {
                    continue;
                };
                let labels = labels_of
                    .entry((many, one))
                    .or_insert_with(|| self.result_labels_of_group(group, many, one));
                if self.matching.cardinality == Cardinality::OneToOne {
                    if is_matched {
                        return Err(QueryError::Execution(
                            "multiple matches for labels: many-to-one matching must be explicit \
                             (group_left/group_right)"
                                .to_owned(),
                        ));
                    }
                } else if !matched.insert(labels.clone()) {
                    return Err(QueryError::Execution(
                        "multiple matches for labels: grouping labels must ensure unique matches"
                            .to_owned(),
                    ));
                }
                is_matched = true;
                let value = if self.binary.is_bool {
                    SampleValue::Float(f64::from(u8::from(outcome.holds)))
                } else if outcome.holds {
                    outcome.value
                } else {
                    continue;
                };
                results.add(labels, step, value)?;
            }
        }
        Ok(())
    }

    /// As [`Join::result_labels`]; a side that is filled in has the labels that
    /// the series of the group share.
    fn result_labels_of_group(
        &self,
        group: &Group,
        many: Option<usize>,
        one: Option<usize>,
    ) -> Labels {
        if many.is_some() && one.is_some() {
            return self.result_labels(many, one);
        }
        let shared = match (many.or(group.many.first().copied()), one) {
            (Some(index), None) => self.counted.pick(&self.many.stored_labels()[index]),
            (_, Some(index)) => self.counted.pick(&self.one.stored_labels()[index]),
            (None, None) => Labels::empty(),
        };
        let labels = |table: &Table, index: Option<usize>| {
            index.map_or_else(|| shared.clone(), |index| table.stored_labels()[index].clone())
        };
        self.labels_from(&labels(&self.many, many), &labels(&self.one, one))
    }

    fn result_labels(&self, many: Option<usize>, one: Option<usize>) -> Labels {
        let labels = |table: &Table, index: Option<usize>| {
            index.map_or_else(Labels::empty, |index| table.stored_labels()[index].clone())
        };
        self.labels_from(&labels(&self.many, many), &labels(&self.one, one))
    }

    /// The labels of a result: those of the "many" side as far as they match,
    /// and those that are to be taken over from the "one" side.
    fn labels_from(&self, many: &Labels, one: &Labels) -> Labels {
        let drops_name = operator::changes_meaning(self.binary.op) || self.binary.is_bool;
        let is_one_to_one = self.matching.cardinality == Cardinality::OneToOne;
        let is_named = |name: &str| self.matching.labels.iter().any(|label| label == name);
        let picked = many.filtered(|name| {
            !(drops_name && is_metadata_label(name))
                && (!is_one_to_one || self.matching.is_on == is_named(name))
        });
        if self.matching.include.is_empty() {
            return picked;
        }
        let mut builder = picked.to_builder();
        for name in &self.matching.include {
            builder.set(name, one.get(name).unwrap_or(""));
        }
        builder.build()
    }
}

/// All labels in braces, the name among them, as Prometheus shows series in errors.
fn in_braces(labels: &Labels) -> String {
    let pairs: Vec<String> =
        labels.iter().map(|(name, value)| format!("{name}={value:?}")).collect();
    format!("{{{}}}", pairs.join(", "))
}

/// Whether missing samples stay missing on both sides.
fn is_plain(fill_many: Option<f64>, fill_one: Option<f64>) -> bool {
    fill_many.is_none() && fill_one.is_none()
}

fn sample(row: Row<'_>, step: usize) -> Option<SampleValue> {
    match row.histogram(step) {
        Some(histogram) => Some(SampleValue::Histogram(histogram.clone())),
        None => Some(row.floats[step]).filter(|v| !is_absent(*v)).map(SampleValue::Float),
    }
}

impl Results {
    fn row(&mut self, labels: &Labels) -> Result<RowMut<'_>, QueryError> {
        match self.row_of.get(labels) {
            Some(index) => Ok(self.table.row_mut(*index)),
            None => {
                self.row_of.insert(labels.clone(), self.table.len());
                self.table.push(labels.clone())
            }
        }
    }

    fn add(&mut self, labels: &Labels, step: usize, value: SampleValue) -> Result<(), QueryError> {
        let mut row = self.row(labels)?;
        let is_taken =
            !is_absent(row.floats[step]) || row.histograms.get(step).is_some_and(Option::is_some);
        if is_taken {
            return Err(super::super::table::same_labelset());
        }
        row.set(step, value);
        Ok(())
    }

    fn add_row(&mut self, labels: &Labels, floats: &[f64]) -> Result<(), QueryError> {
        let row = self.row(labels)?;
        for (step, (into, value)) in row.floats.iter_mut().zip(floats).enumerate() {
            if is_absent(*value) {
                continue;
            }
            let has_histogram = row.histograms.get(step).is_some_and(Option::is_some);
            if !is_absent(*into) || has_histogram {
                return Err(super::super::table::same_labelset());
            }
            *into = *value;
        }
        Ok(())
    }
}
