"""Taking over people, or something about them, from a file of another system.

The file is read (`reading.py`, in a process of its own), its columns are guessed (`headings.py`),
what would change is worked out (`planning.py`) and shown, and then written, all or nothing.
"""
