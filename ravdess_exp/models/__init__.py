"""Audio encoders, visual backbones, temporal pooling and their fusion, as Keras functions."""
