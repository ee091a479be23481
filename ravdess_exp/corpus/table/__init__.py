"""A corpus that a table lists: one row a clip, in CSV, TSV or Parquet."""

from ravdess_exp.corpus.table.listing import list_table

__all__ = ["list_table"]
