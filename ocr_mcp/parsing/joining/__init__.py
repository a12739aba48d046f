"""Joins what a page or line break parted: tables over pages, words over lines."""
