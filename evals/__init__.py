"""Measurements on material of our own; each prints its figures with the configuration that produced them."""
