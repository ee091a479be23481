"""File names to clips, clips to speaker-disjoint splits."""
