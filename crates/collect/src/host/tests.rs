//! The collectors over the host that `testdata/host/` describes, and over none.
