"""What came into the mailbox, judged on paper: pure functions, whom nothing that somebody sent surprises."""
