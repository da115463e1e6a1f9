//! What tests of the server's parts on the real clock share.

use std::time::Duration;

/// Waits until `condition` holds, up to 20 seconds.
pub(super) async fn until(what: &str, mut condition: impl FnMut() -> bool) {
    for _ in 0..2000 {
        if condition() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it did not come true: {what}");
}
