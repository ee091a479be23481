"""What a person reads of a result that is numbers, such as arousal and valence."""
