"""What is in order, what is not, and what to do about it. It changes nothing and sends nothing."""
