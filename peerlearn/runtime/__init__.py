"""What stands behind `manage.py`: the environment, embedded servers, roles and processes.

Knows no app. `commands`, `environment` and `faults` need the standard library alone; the others
are imported once the environment is there.
"""
