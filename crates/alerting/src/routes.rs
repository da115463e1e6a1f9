//! The routing tree: which receivers hear of an alert, and in which groups.
//!
//! A [`Route`] is a node with what it inherits filled in. An alert goes down
//! from the root: into the first child that matches, and into further ones while
//! they say `continue`; where no child matches, the node itself takes it.

use model::{Labels, LabelsRef, Matcher, Millis};

use crate::config::{GroupBy, RouteConfig};
use crate::matchers;

/// What a root route says where the configuration does not.
const GROUP_WAIT: Millis = Millis::from_secs(30);
const GROUP_INTERVAL: Millis = Millis::from_secs(5 * 60);
const REPEAT_INTERVAL: Millis = Millis::from_secs(4 * 3600);

/// Names a route within its tree: its place when the tree is read from top to bottom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RouteId(pub usize);

/// All routes, as a list from top to bottom.
#[derive(Clone, Debug)]
pub struct RouteTree {
    routes: Vec<Route>,
}

/// A route.
#[derive(Clone, Debug)]
pub struct Route {
    /// Its place.
    pub id: RouteId,
    /// The key that its groups' keys start with: the matchers on the way down.
    pub key: String,
    /// What alerts must match.
    pub matchers: Vec<Matcher>,
    /// Whether routes behind it are tried, too.
    pub continues: bool,
    /// Who is notified.
    pub receiver: String,
    /// How alerts are grouped.
    pub group_by: GroupBy,
    /// How long to wait before the first notification of a group.
    pub group_wait: Millis,
    /// How long to wait before news of a group is sent.
    pub group_interval: Millis,
    /// How long to wait before the same is sent again.
    pub repeat_interval: Millis,
    /// When to be silent.
    pub mute_time_intervals: Vec<String>,
    /// When not to be silent; none is always.
    pub active_time_intervals: Vec<String>,
    /// The routes below.
    pub children: Vec<RouteId>,
    /// The line in the configuration, from 1.
    pub line: usize,
}

/// What a route takes from the one above.
#[derive(Clone)]
struct Inherited {
    key: String,
    receiver: String,
    group_by: GroupBy,
    group_wait: Millis,
    group_interval: Millis,
    repeat_interval: Millis,
}

/// Why an alert goes where it goes: a route that was tried.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// The route.
    pub route: RouteId,
    /// How deep it stands.
    pub depth: usize,
    /// The matcher that does not hold, where the alert was turned away.
    pub failed: Option<String>,
    /// Whether the alert stays here.
    pub is_taken: bool,
}

impl RouteTree {
    /// The tree of a checked configuration.
    pub fn new(root: &RouteConfig) -> Self {
        let inherited = Inherited {
            key: String::new(),
            receiver: root.receiver.clone().unwrap_or_default(),
            group_by: GroupBy::Labels(Default::default()),
            group_wait: GROUP_WAIT,
            group_interval: GROUP_INTERVAL,
            repeat_interval: REPEAT_INTERVAL,
        };
        let mut tree = Self { routes: Vec::new() };
        tree.add(root, &inherited);
        tree
    }

    fn add(&mut self, config: &RouteConfig, above: &Inherited) -> RouteId {
        let id = RouteId(self.routes.len());
        let or = |own: Option<model::PromDuration>, above: Millis| {
            own.map_or(above, |duration| duration.as_millis())
        };
        let own = matchers::show(&config.matchers);
        let inherited = Inherited {
            key: if above.key.is_empty() { own } else { format!("{}/{own}", above.key) },
            receiver: config.receiver.clone().unwrap_or_else(|| above.receiver.clone()),
            group_by: config.group_by.clone().unwrap_or_else(|| above.group_by.clone()),
            group_wait: or(config.group_wait, above.group_wait),
            group_interval: or(config.group_interval, above.group_interval),
            repeat_interval: or(config.repeat_interval, above.repeat_interval),
        };
        self.routes.push(Route {
            id,
            key: inherited.key.clone(),
            matchers: config.matchers.clone(),
            continues: config.continues,
            receiver: inherited.receiver.clone(),
            group_by: inherited.group_by.clone(),
            group_wait: inherited.group_wait,
            group_interval: inherited.group_interval,
            repeat_interval: inherited.repeat_interval,
            mute_time_intervals: config.mute_time_intervals.clone(),
            active_time_intervals: config.active_time_intervals.clone(),
            children: Vec::new(),
            line: config.line,
        });
        let children = config.routes.iter().map(|child| self.add(child, &inherited)).collect();
        self.routes[id.0].children = children;
        id
    }

    /// The root.
    pub fn root(&self) -> &Route {
        &self.routes[0]
    }

    /// The route with this place.
    ///
    /// # Panics
    /// Where the place is of another tree.
    pub fn get(&self, id: RouteId) -> &Route {
        &self.routes[id.0]
    }

    /// All routes from top to bottom.
    pub fn iter(&self) -> impl Iterator<Item = &Route> {
        self.routes.iter()
    }

    /// The routes that take an alert with these labels: one at least.
    pub fn matching(&self, labels: &LabelsRef) -> Vec<&Route> {
        let mut taken = Vec::new();
        self.walk(RouteId(0), labels, 0, &mut |step| {
            if step.is_taken {
                taken.push(step.route);
            }
        });
        taken.into_iter().map(|id| self.get(id)).collect()
    }

    /// All routes that are tried for an alert with these labels, and why.
    pub fn explain(&self, labels: &LabelsRef) -> Vec<Step> {
        let mut steps = Vec::new();
        self.walk(RouteId(0), labels, 0, &mut |step| steps.push(step));
        // Whether a route keeps an alert shows after those below it, but it is
        // read before them.
        steps.sort_by_key(|step| step.route);
        steps
    }

    /// Whether the route matches; those that are tried are told to `see`.
    fn walk(
        &self,
        id: RouteId,
        labels: &LabelsRef,
        depth: usize,
        see: &mut impl FnMut(Step),
    ) -> bool {
        let route = self.get(id);
        let failed = route.matchers.iter().find(|matcher| !matcher.matches_labels(labels));
        if let Some(matcher) = failed {
            let failed = Some(matchers::show_one(matcher));
            see(Step { route: id, depth, failed, is_taken: false });
            return false;
        }
        let mut is_taken_below = false;
        for child in &route.children {
            if self.walk(*child, labels, depth + 1, see) {
                is_taken_below = true;
                if !self.get(*child).continues {
                    break;
                }
            }
        }
        see(Step { route: id, depth, failed: None, is_taken: !is_taken_below });
        true
    }
}

impl Route {
    /// The labels by which an alert is grouped here.
    pub fn group_labels(&self, labels: &LabelsRef) -> Labels {
        match &self.group_by {
            GroupBy::All => labels.to_labels(),
            GroupBy::Labels(names) => labels.filtered(|name| names.contains(name)),
        }
    }
}

#[cfg(test)]
mod tests;
