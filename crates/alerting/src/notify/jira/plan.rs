//! The requests for one issue, each by the answer before.

use serde_json::{Map, Value as Json, json};

use crate::notify::request::{HttpRequest, Method};
use crate::notify::text::encode;

/// What an issue should become.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    pub(super) base: String,
    pub(super) project: String,
    pub(super) label: String,
    pub(super) fields: Map<String, Json>,
    pub(super) updated: Map<String, Json>,
    pub(super) is_firing: bool,
    pub(super) reopen_transition: String,
    pub(super) resolve_transition: String,
    pub(super) wont_fix_resolution: String,
    pub(super) reopen_minutes: i64,
}

/// Requests of which each depends on the answer before.
#[derive(Clone, Debug)]
pub struct JiraPlan {
    wanted: Wanted,
    state: State,
}

/// Which answer is waited for.
#[derive(Clone, Debug, PartialEq, Eq)]
enum State {
    Search,
    /// The issue was written; this transition is wanted next.
    Written {
        transition: Option<(String, String)>,
    },
    Transitions {
        issue: String,
        name: String,
    },
    Last,
}

const RETRY_CODES: &[u16] = &[429];

impl JiraPlan {
    pub(super) fn new(wanted: Wanted) -> Self {
        Self { wanted, state: State::Search }
    }

    /// Searches the issue of the group.
    pub fn first(&self) -> HttpRequest {
        let body = json!({
            "jql": self.query(),
            "maxResults": 2,
            "fields": ["status"],
        });
        self.request(Method::Post, "search", &body)
    }

    /// What to send after `answer`; `None` where all is done.
    ///
    /// # Errors
    /// Where the answer is not what the API promises, or a transition does not exist.
    pub fn next(&mut self, answer: &str) -> Result<Option<HttpRequest>, String> {
        match std::mem::replace(&mut self.state, State::Last) {
            State::Search => self.after_search(answer),
            State::Written { transition: Some((issue, name)) } => {
                let path = format!("issue/{}/transitions", encode(&issue));
                self.state = State::Transitions { issue, name };
                Ok(Some(self.request(Method::Get, &path, &Json::Null)))
            }
            State::Transitions { issue, name } => self.transition(answer, &issue, &name).map(Some),
            State::Written { transition: None } | State::Last => Ok(None),
        }
    }

    fn query(&self) -> String {
        let wanted = &self.wanted;
        let mut query = Vec::new();
        if !wanted.wont_fix_resolution.is_empty() {
            query.push(format!("resolution != {}", quoted(&wanted.wont_fix_resolution)));
        }
        // A closed issue counts only where it may be opened again.
        if wanted.is_firing && !wanted.reopen_transition.is_empty() {
            if wanted.reopen_minutes > 0 {
                query.push(format!(
                    "(resolutiondate is EMPTY OR resolutiondate >= -{}m)",
                    wanted.reopen_minutes
                ));
            }
        } else {
            query.push("statusCategory != Done".to_owned());
        }
        query.push(format!("project = {}", quoted(&wanted.project)));
        query.push(format!("labels = {}", quoted(&wanted.label)));
        format!("{} ORDER BY status ASC, resolutiondate DESC", query.join(" AND "))
    }

    fn after_search(&mut self, answer: &str) -> Result<Option<HttpRequest>, String> {
        let answer: Json = serde_json::from_str(answer)
            .map_err(|error| format!("the answer to the search is no JSON: {error}"))?;
        let issue = &answer["issues"][0];
        let Some(key) = issue["key"].as_str() else {
            if !self.wanted.is_firing {
                // Nothing to close.
                return Ok(None);
            }
            self.state = State::Written { transition: None };
            let body = json!({ "fields": self.wanted.fields });
            return Ok(Some(self.request(Method::Post, "issue", &body)));
        };
        let is_done = issue["fields"]["status"]["statusCategory"]["key"] == "done";
        let name = match (self.wanted.is_firing, is_done) {
            (true, true) => &self.wanted.reopen_transition,
            (false, false) => &self.wanted.resolve_transition,
            _ => "",
        };
        let transition = (!name.is_empty()).then(|| (key.to_owned(), name.to_owned()));
        self.state = State::Written { transition };
        let path = format!("issue/{}", encode(key));
        let body = json!({ "fields": self.wanted.updated });
        Ok(Some(self.request(Method::Put, &path, &body)))
    }

    fn transition(&self, answer: &str, issue: &str, name: &str) -> Result<HttpRequest, String> {
        let answer: Json = serde_json::from_str(answer)
            .map_err(|error| format!("the list of transitions is no JSON: {error}"))?;
        let transitions = answer["transitions"].as_array().map(Vec::as_slice).unwrap_or_default();
        let found = transitions.iter().find(|transition| transition["name"] == name);
        let Some(id) = found.and_then(|transition| transition["id"].as_str()) else {
            return Err(format!("issue {issue} has no transition {name:?}"));
        };
        let path = format!("issue/{}/transitions", encode(issue));
        Ok(self.request(Method::Post, &path, &json!({ "transition": { "id": id } })))
    }

    fn request(&self, method: Method, path: &str, body: &Json) -> HttpRequest {
        let base = self.wanted.base.trim_end_matches('/');
        let base = match base.contains("/rest/api/") {
            true => base.to_owned(),
            false => format!("{base}/rest/api/2"),
        };
        let mut request = HttpRequest::json(method, format!("{base}/{path}"), body);
        if method == Method::Get {
            request.body.clear();
        }
        request.header("Accept-Language", "en").retry_on(RETRY_CODES)
    }
}

/// A text in a query.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
