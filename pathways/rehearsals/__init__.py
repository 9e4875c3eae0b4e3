"""The scripts that come with the product."""
