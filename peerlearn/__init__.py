"""The ground floor: everything that knows nothing of skills.

Kept empty on purpose: `manage.py` imports `peerlearn.runtime` before anything is installed.
"""
