from datetime import timedelta

# For so long an account that is to be deleted can be restored; its owner is told the date.
TAKEN_BACK_WITHIN = timedelta(days=14)
