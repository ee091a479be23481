"""Optical flow between two crops, and registration: a crop moved back onto its reference.

Source of the flow: Kroeger et al. (2016), "Fast optical flow using dense inverse search", ECCV.
"""

import cv2
import numpy as np

_EDGE = 0.1  # of the side: so near an edge, flow is guessed from what has left the crop


def gray(crops: np.ndarray) -> np.ndarray:
    """(F, S, S, C) uint8, three colours or one gray, -> (F, S, S) uint8."""
    if crops.shape[-1] == 1:
        return crops[..., 0]
    return np.stack([cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY) for crop in crops])


def optical_flow(reference: np.ndarray, crops: np.ndarray) -> np.ndarray:
    """Where each point of the reference is in each crop: (S, S), (F, S, S) uint8 -> (F, S, S, 2).

    float32, pixels to the right and down: crop[y + down, x + right] shows what reference[y, x] does.
    """
    dis = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    return np.stack([dis.calc(reference, crop, None) for crop in crops])


def strain(flow: np.ndarray) -> np.ndarray:
    """How much the skin is stretched, (F, S, S, 2) -> (F, S, S, 3): across, down, and sheared.

    The symmetric part of the flow's derivatives, per pixel: a motion of the whole head has none.
    Source: Shreve et al. (2011), "Macro- and micro-expression spotting in long videos using
    spatio-temporal strain", FG.
    """
    across, down = flow[..., 0], flow[..., 1]
    sheared = (np.gradient(across, axis=1) + np.gradient(down, axis=2)) / 2
    parts = [np.gradient(across, axis=2), np.gradient(down, axis=1), sheared]
    return np.stack(parts, axis=-1).astype(np.float32)


def affine_part(flow: np.ndarray) -> np.ndarray:
    """The affine map (2, 3) nearest to x -> x + flow(x), in least squares: (S, S, 2) -> (2, 3)."""
    side = len(flow)
    edge = round(_EDGE * side)
    inner = slice(edge, side - edge)
    rows, columns = np.mgrid[inner, inner]
    points = np.stack([columns.ravel(), rows.ravel(), np.ones(rows.size)], axis=1)  # (P, 3)
    moved = points[:, :2] + flow[inner, inner].reshape(-1, 2)
    return np.linalg.lstsq(points, moved, rcond=None)[0].T


def register(crops: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """Each crop moved, turned and stretched back onto the reference, so that the head keeps still.

    crops: (F, S, S, C), reference: (S, S, C), uint8; the shape stays. What is left of a crop's flow
    is the face's own motion. Where a crop shows nothing, its edge is repeated.
    """
    plain = gray(np.concatenate([reference[None], crops]))
    moved = np.empty_like(crops)
    size = crops.shape[1:3]
    for crop, flow, into in zip(crops, optical_flow(plain[0], plain[1:]), moved, strict=True):
        back = cv2.warpAffine(
            crop,
            affine_part(flow),
            size,
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        )
        into[:] = back.reshape(into.shape)  # OpenCV drops the axis of a single channel
    return moved
