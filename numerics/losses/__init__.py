"""Losses at many parameter vectors at once: polynomial networks, two-hot inputs, a user's module."""

from numerics.losses.architectures import Architecture, DeepLinear, Lazy, Quadratic, Symmetric, diagonal_factors
from numerics.losses.module import ModuleLoss, OneChainLoss, require_mean, tensors
from numerics.losses.polynomial import Dataset, HasHessianProduct, Loss, Population, Twin
from numerics.losses.two_hot import TwoHotLoss

__all__ = ["Architecture", "Dataset", "DeepLinear", "HasHessianProduct", "Lazy", "Loss", "ModuleLoss", "OneChainLoss",
           "Population", "Quadratic", "Symmetric", "Twin", "TwoHotLoss", "diagonal_factors", "require_mean", "tensors"]
