"""Maintenance windows (rule R10), decided on paper."""
