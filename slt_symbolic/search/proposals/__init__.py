"""What the search tries: arguments for faces, bounds, points nearby, signs, symmetries."""
