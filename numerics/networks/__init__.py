"""Networks: from files, of the catalogue, trained from random starts."""

from numerics.networks.catalogue import NETWORKS, Point, exact_point, trained_point
from numerics.networks.file import Network, read_network
from numerics.networks.fourier import fourier_weights
from numerics.networks.operations import OPERATIONS
from numerics.networks.quadrature import RadialProduct
from numerics.networks.training import Training, train

__all__ = ["NETWORKS", "OPERATIONS", "Network", "Point", "RadialProduct", "Training", "exact_point", "fourier_weights",
           "read_network", "train", "trained_point"]
