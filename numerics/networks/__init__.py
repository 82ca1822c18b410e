"""Networks: from files, of the catalogue, trained from random starts."""
