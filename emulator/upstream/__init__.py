"""The event handler webhook: what is sent (CloudEvents over HTTP), what an answer means, and how it is delivered."""
