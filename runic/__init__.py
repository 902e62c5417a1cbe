"""runic: work with graph databases the way you work with SQL through SQLAlchemy."""
