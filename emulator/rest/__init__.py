"""The REST data plane: operations on hubs as functions from a call to a reply, and their HTTP endpoint."""
