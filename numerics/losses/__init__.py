"""Losses at many parameter vectors at once: polynomial networks, two-hot inputs, a user's module."""

from numerics.losses.architectures import Architecture, DeepLinear, Lazy, Quadratic, Symmetric, diagonal_factors
from numerics.losses.module import ModuleLoss, Objective, OneChainLoss
from numerics.losses.polynomial import Dataset, HasHessianProduct, Loss, Population, Twin
from numerics.losses.samples import Samples, Stream, samples_of
from numerics.losses.sound import require_derivatives, require_sound
from numerics.losses.two_hot import TwoHotLoss

__all__ = ["Architecture", "Dataset", "DeepLinear", "HasHessianProduct", "Lazy", "Loss", "ModuleLoss", "Objective",
           "OneChainLoss", "Population", "Quadratic", "Samples", "Stream", "Symmetric", "Twin", "TwoHotLoss",
           "diagonal_factors", "require_derivatives", "require_sound", "samples_of"]
