"""The references of the catalogue, each under a permanent key."""

from __future__ import annotations

from slt_symbolic.closed_forms.entry import Source

CULLEN_2026 = Source("cullen-2026", "Cullen, Estan-Ruiz, Danait, Li, A Basin-Selection Perspective on Grokking, "
                     "arXiv:2603.01192 (2026)")
ABO_BRAMBILLA_2009 = Source("abo-brambilla-2009", "Abo, Brambilla, Secant varieties of Segre-Veronese varieties "
                            "P^m x P^n embedded by O(1,2), Experimental Mathematics 18 (2009)")
ABO_BRAMBILLA_2013 = Source("abo-brambilla-2013", "Abo, Brambilla, On the dimensions of secant varieties of "
                            "Segre-Veronese varieties, Annali di Matematica Pura ed Applicata 192 (2013)")
DOLEZALEK_KEN_2025 = Source("dolezalek-ken-2025", "Dolezalek, Ken, arXiv:2503.21972 (2025)")
WATANABE_2009 = Source("watanabe-2009", "Watanabe, Algebraic Geometry and Statistical Learning Theory, "
                       "Cambridge University Press (2009)")
LIN_2011 = Source("lin-2011", "Lin, Algebraic Methods for Evaluating Integrals in Bayesian Statistics, "
                  "thesis, UC Berkeley (2011)")
THIS_PROJECT = Source("slt-symbolic", "slt-symbolic, derivations/ of this package")
AOYAGI_WATANABE_2005 = Source("aoyagi-watanabe-2005", "Aoyagi, Watanabe, Stochastic complexities of reduced rank "
                              "regression in Bayesian estimation, Neural Networks 18 (2005)")
AOYAGI_2024 = Source("aoyagi-2024", "Aoyagi, Consideration on the learning efficiency of multiple-layered neural "
                     "networks with linear units, Neural Networks 172 (2024)")
LEVINE_2026 = Source("levine-2026", "Levine, Math for AI Safety, agenda A6 (2026)")
