"""The one exception for what a person can put right."""


class CannotStart(Exception):
    """Something outside the code is missing or in the way; the text says what and what to do."""
