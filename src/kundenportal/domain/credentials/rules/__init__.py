"""What anybody could decide on paper about initial and chosen passwords."""
