from datetime import timedelta

# Younger entries nobody removes, not even by a setting: the trigger of the table refuses (migrations/0006).
KEPT_AT_LEAST = timedelta(days=90)
# A backup that fails is tried again every hour; after so long without a failure nobody tries any more.
BACKUP_IS_GIVEN_UP_AFTER = timedelta(days=1)
