"""The assignments of the kit and their descriptions, read from cnnkit/assignments/<name>/assignment.toml."""
