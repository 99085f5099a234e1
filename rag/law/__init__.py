"""How laws are divided, cited and replaced, and where a question points in them."""
