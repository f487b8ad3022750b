"""The presentation kit: how pages look and answer. It knows no model."""
