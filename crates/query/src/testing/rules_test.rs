//! Unit tests for rules, in promtool's file format.
