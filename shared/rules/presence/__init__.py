"""Who is online and who is away: counting connections, announcing each change once, and who may know of it."""
