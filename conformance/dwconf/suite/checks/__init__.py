"""Checks: small functions that decide one rule on a case's evidence; with the references they share only the wire."""
