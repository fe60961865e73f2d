"""Storage in Azure Table Storage, a module per noun. ``docs/storage.md`` shows the tables and keys."""
