from datetime import timedelta

# Younger entries nobody removes, not even by a setting: the trigger of the table refuses (migrations/0006).
KEPT_AT_LEAST = timedelta(days=90)
