"""Clips to arrays: how, in parallel, kept in a store."""
