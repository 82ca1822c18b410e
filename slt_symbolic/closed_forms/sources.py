"""The references of the catalogue, each under a permanent key; their BibTeX comes from the same data.

Authors, titles, years, journals and volumes are those under which the works are known. None was opened for this file:
a DOI or an arXiv number that was not certain is left out, numbers of theorems stand only where an entry says so, and
what an entry claims is derived or computed here, not taken on their word.
"""

from __future__ import annotations

from slt_symbolic.evidence import Source

_SEGRE_VERONESE = r"Segre-Veronese varieties $\mathbb{P}^m \times \mathbb{P}^n$ embedded by $\mathcal{O}(1,2)$"

CULLEN_2026 = Source(
    "cullen-2026", "misc", ("Cullen, Ben", "Estan-Ruiz, Sergio", "Danait, Riya", "Li, Jiayi"),
    "A Basin-Selection Perspective on Grokking via Singular Learning Theory", 2026, arxiv="2603.01192")
ABO_BRAMBILLA_2009 = Source(
    "abo-brambilla-2009", "article", ("Abo, Hirotachi", "Brambilla, Maria Chiara"),
    rf"Secant varieties of {_SEGRE_VERONESE}", 2009, "Experimental Mathematics", "18")
ABO_BRAMBILLA_2013 = Source(
    "abo-brambilla-2013", "article", ("Abo, Hirotachi", "Brambilla, Maria Chiara"),
    "On the dimensions of secant varieties of Segre-Veronese varieties", 2013,
    "Annali di Matematica Pura ed Applicata", "192", arxiv="0912.4342")
DOLEZALEK_KEN_2025 = Source(
    "dolezalek-ken-2025", "misc", ("Dolezalek", "Ken"),
    rf"Secant varieties of {_SEGRE_VERONESE} are non-defective for $n \gg m^3$, $m \ge 3$", 2025, arxiv="2503.21972")
WATANABE_2009 = Source(
    "watanabe-2009", "book", ("Watanabe, Sumio",), "Algebraic Geometry and Statistical Learning Theory", 2009,
    "Cambridge University Press", doi="10.1017/CBO9780511800474")
LIN_2011 = Source(
    "lin-2011", "phdthesis", ("Lin, Shaowei",), "Algebraic Methods for Evaluating Integrals in Bayesian Statistics",
    2011, "UC Berkeley")
THIS_PROJECT = Source(
    "slt-symbolic", "misc", ("{The slt-symbolic developers}",), "slt-symbolic, derivations/ of this package")
AOYAGI_WATANABE_2005 = Source(
    "aoyagi-watanabe-2005", "article", ("Aoyagi, Miki", "Watanabe, Sumio"),
    "Stochastic complexities of reduced rank regression in Bayesian estimation", 2005, "Neural Networks", "18",
    doi="10.1016/j.neunet.2005.03.014")
AOYAGI_2024 = Source(
    "aoyagi-2024", "article", ("Aoyagi, Miki",),
    "Consideration on the learning efficiency of multiple-layered neural networks with linear units", 2024,
    "Neural Networks", "172", doi="10.1016/j.neunet.2024.106132")
LEVINE_2026 = Source("levine-2026", "misc", ("Levine, Lionel",),
                     "Math for AI Safety, agenda A6 (github.com/lionellevine/MAIS)", 2026)
MAIS_2 = Source("mais-2", "misc", ("{Contributors of lionellevine/MAIS}",),
                "Candidate solution on the least width of modular addition "
                "(unrefereed; github.com/lionellevine/MAIS/issues/2)", 2026)
MAIS_3 = Source("mais-3", "misc", ("{GitHub user Robby955}",),
                "Candidate solution of MAIS-O70: local RLCT table for reduced-rank regression "
                "(unrefereed; github.com/lionellevine/MAIS/issues/3)", 2026)
MAIS_12 = Source("mais-12", "misc", ("{Contributors of lionellevine/MAIS}",),
                 "Candidate solution on reduced-rank regression "
                 "(unrefereed; github.com/lionellevine/MAIS/issues/12)", 2026)
MAIS_29 = Source("mais-29", "misc", ("{GitHub user 26david26}",),
                 "Candidate solution of MAIS-O66: generic constancy at a padded attention teacher "
                 "(unrefereed; github.com/lionellevine/MAIS/issues/29)", 2026)
AOYAGI_2006 = Source(
    "aoyagi-2006", "article", ("Aoyagi, Miki",),
    "The zeta function of learning theory and generalization error of three layered neural perceptron", 2006,
    "RIMS Kokyuroku", "1501")
AOYAGI_2010 = Source(
    "aoyagi-2010", "article", ("Aoyagi, Miki",),
    "A Bayesian learning coefficient of generalization error and Vandermonde matrix-type singularities", 2010,
    "Communications in Statistics - Theory and Methods", "39")
AOYAGI_2010_RBM = Source(
    "aoyagi-2010-rbm", "article", ("Aoyagi, Miki",),
    "Stochastic complexity and generalization error of a restricted Boltzmann machine in Bayesian estimation", 2010,
    "Journal of Machine Learning Research", "11")
YAMAZAKI_WATANABE_2005 = Source(
    "yamazaki-watanabe-2005", "article", ("Yamazaki, Keisuke", "Watanabe, Sumio"),
    "Algebraic geometry and stochastic complexity of hidden Markov models", 2005, "Neurocomputing", "69")
HAYASHI_WATANABE_2017 = Source(
    "hayashi-watanabe-2017", "article", ("Hayashi, Naoki", "Watanabe, Sumio"),
    "Upper bound of Bayesian generalization error in non-negative matrix factorization", 2017, "Neurocomputing", "266",
    arxiv="1612.04112", doi="10.1016/j.neucom.2017.04.068")
ABO_OTTAVIANI_PETERSON_2009 = Source(
    "abo-ottaviani-peterson-2009", "article", ("Abo, Hirotachi", "Ottaviani, Giorgio", "Peterson, Chris"),
    "Induction for secant varieties of Segre varieties", 2009, "Transactions of the American Mathematical Society",
    "361", arxiv="math/0607191", doi="10.1090/S0002-9947-08-04725-9")
RUSAKOV_GEIGER_2005 = Source(
    "rusakov-geiger-2005", "article", ("Rusakov, Dmitry", "Geiger, Dan"),
    "Asymptotic model selection for naive Bayesian networks", 2005, "Journal of Machine Learning Research", "6")
MUSTATA_2006 = Source(
    "mustata-2006", "article", ("Mustata, Mircea",), "Multiplier ideals of hyperplane arrangements", 2006,
    "Transactions of the American Mathematical Society", "358")
DRTON_2007 = Source(
    "drton-2007", "article", ("Drton, Mathias", "Sturmfels, Bernd", "Sullivant, Seth"),
    "Algebraic factor analysis: tetrads, pentads and beyond", 2007, "Probability Theory and Related Fields", "138",
    arxiv="math/0509390", doi="10.1007/s00440-006-0033-2")
DRTON_2017 = Source(
    "drton-2017", "article", ("Drton, Mathias", "Lin, Shaowei", "Weihs, Luca", "Zwiernik, Piotr"),
    "Marginal likelihood and model selection for Gaussian latent tree and forest models", 2017, "Bernoulli", "23",
    arxiv="1412.8285")
HAYASHI_2021 = Source(
    "hayashi-2021", "article", ("Hayashi, Naoki",),
    "The exact asymptotic form of Bayesian generalization error in latent Dirichlet allocation", 2021,
    "Neural Networks", "137", arxiv="2008.01304")
ALDER_STRASSEN_1981 = Source(
    "alder-strassen-1981", "article", ("Alder, A.", "Strassen, V."),
    "On the algorithmic complexity of associative algebras", 1981, "Theoretical Computer Science", "15",
    doi="10.1016/0304-3975(81)90070-0")
NEYSHABUR_2017 = Source(
    "neyshabur-2017", "misc", ("Neyshabur, Behnam", "Bhojanapalli, Srinadh", "McAllester, David", "Srebro, Nathan"),
    "Exploring generalization in deep learning", 2017, arxiv="1706.08947")
FEDDER_1983 = Source(
    "fedder-1983", "article", ("Fedder, Richard",), "F-purity and rational singularity", 1983,
    "Transactions of the American Mathematical Society", "278")
HARA_WATANABE_2002 = Source(
    "hara-watanabe-2002", "article", ("Hara, Nobuo", "Watanabe, Kei-ichi"),
    "F-regular and F-pure rings vs. log terminal and log canonical singularities", 2002,
    "Journal of Algebraic Geometry", "11")
SCHWEDE_2008 = Source(
    "schwede-2008", "article", ("Schwede, Karl",),
    "Generalized test ideals, sharp F-purity, and sharp test elements", 2008, "Mathematical Research Letters", "15")
MUSTATA_2002 = Source(
    "mustata-2002", "article", ("Mustata, Mircea",), "Singularities of pairs via jet schemes", 2002,
    "Journal of the American Mathematical Society", "15")
ZHU_2013 = Source("zhu-2013", "misc", ("Zhu, Zhixian",), "Log canonical thresholds in positive characteristic", 2013)
F_PURITY = FEDDER_1983, HARA_WATANABE_2002, SCHWEDE_2008, MUSTATA_2002, ZHU_2013  # from modulo 5 to the complex numbers
