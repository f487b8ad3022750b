"""The API for programs at /o/<slug>/api/v1/: tokens and what every address of it keeps to."""
