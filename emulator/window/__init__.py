"""The window: a page that shows what happens in the stand-in, and lets one say something and end a connection."""
