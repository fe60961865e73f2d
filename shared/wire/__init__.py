"""The wire format: every event, route and payload type, each declared once, with its decoding and encoding."""
