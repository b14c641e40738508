"""Harbour books berths for ships."""
