"""Files that hold other files: e-mail and ZIP archives."""
