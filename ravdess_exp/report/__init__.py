"""What a person reads of a result: text, tables, figures."""
