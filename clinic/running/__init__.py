"""The clinic on one machine: its own PostgreSQL and Valkey, and one supervisor over everything. Knows no models."""
