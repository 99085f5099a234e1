"""What all others speak of: values without behaviour of their own, and the seams between parts."""
