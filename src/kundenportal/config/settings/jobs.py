"""Background jobs: rows in the database, done by `kundenportal worker`."""

# What is worth keeping of a job is in the tables it worked on; thousands of finished doorbells are not.
PROCRASTINATE_WORKER_DEFAULTS = {"delete_jobs": "successful"}
PROCRASTINATE_IMPORT_PATHS = ["kundenportal.jobs.upkeep", "kundenportal.config.backups.daily"]
