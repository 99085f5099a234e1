"""The command line: one module a group of commands. Nothing heavy is loaded before it is needed."""
