"""The event handler webhook: requests (CloudEvents over HTTP), what answers mean, and delivery with retries."""
