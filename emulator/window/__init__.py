"""The window: a page that shows what happens in the stand-in, and from which one can send and close connections."""
