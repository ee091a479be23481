"""What a model looked at and listened to: frames, places, moments, bands, and how much each input decided."""
