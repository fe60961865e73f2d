"""The client protocols as state machines: they take decoded input and return effects as values. No I/O."""
