"""Face detectors behind one interface: frames in, the largest plausible face of each out."""

from ravdess_exp.media.faces.centre import Centre
from ravdess_exp.media.faces.detector import Box, Detector
from ravdess_exp.media.faces.dlib import Dlib
from ravdess_exp.media.faces.haar import Haar
from ravdess_exp.media.faces.landmarks import landmarks_file
from ravdess_exp.media.faces.mtcnn import Mtcnn
from ravdess_exp.media.faces.small import no_face
from ravdess_exp.media.faces.yunet import Yunet, yunet_file

__all__ = [
    "Box",
    "Centre",
    "Detector",
    "Dlib",
    "Haar",
    "Mtcnn",
    "Yunet",
    "landmarks_file",
    "no_face",
    "yunet_file",
]
