"""The bounded term of a free energy where minimisers form a manifold: the shape of the loss, and the fibre in a window."""

from __future__ import annotations

from fractions import Fraction

import sympy

from derivations.framework import Derivation, Step, require, require_equal
from slt_symbolic.closed_forms.sources import WATANABE_2009

ORDER = 4  # of expansions in 1/gamma
T, G, H = sympy.symbols("t gamma h", positive=True)


def _slope() -> None:
    """Of a sum of two squares, from the mean under the posterior, by Gaussian moments."""
    h = sympy.symbols("h1 h2", positive=True)
    free = sum(sympy.log(1 + T * x / G) for x in h) / 2
    mean = sum(x / 2 / (T * x + G) for x in h)  # E x^2 = 1/(t h + gamma)
    require_equal(sympy.simplify(T * sympy.diff(free, T) - T * mean), 0, "the slope in log t")
    left = free - sympy.log(T) - sum(sympy.log(x / G) for x in h) / 2
    require_equal(sympy.limit(left, T, sympy.oo), 0, "what is left of r/2 log t + c")


def _linear_regression() -> None:
    """``K = |J (w - w*)|^2 / 2`` for a J of rank 2 with 3 columns: by one integral of a Gaussian, and by eigenvalues."""
    jacobian = sympy.Matrix([[1, 2, 0], [0, 1, 1], [1, 3, 1]])
    hessian = jacobian.T * jacobian
    determinant = (sympy.eye(3) + T / G * hessian).det()
    x = sympy.Symbol("x")
    nonzero = sympy.cancel(hessian.charpoly(x).as_expr() / x)
    product = sympy.expand(nonzero.subs(x, 0))
    require_equal(sympy.limit(determinant * (G / T) ** 2, T, sympy.oo), product, "the product of the eigenvalues")
    require(product > 0, "the rank is 2")


def _moment(k: int) -> int:
    """``E xi^k`` of a standard normal variable."""
    return 0 if k % 2 else int(sympy.factorial2(k - 1))


def _product_series() -> list[Fraction]:
    """``E 1/(1 + xi/sqrt(gamma))`` in powers of 1/gamma, xi standard normal."""
    return [Fraction(_moment(2 * k)) for k in range(ORDER)]


def _product() -> None:
    x, y, a = sympy.symbols("x y a", positive=True)
    loss = (x * y) ** 2 / 2
    require_equal([sympy.diff(loss, *z).subs(y, 0) for z in ((y,), (x,), (x, x), (y, y))], [0, 0, 0, x**2],
                  "gradient, and curvatures at (x, 0)")
    steep = sympy.integrate(sympy.sqrt(G / 2 / sympy.pi) * sympy.exp(-(T * x**2 + G) * y**2 / 2), (y, -sympy.oo, sympy.oo))
    require_equal(sympy.simplify(steep - 1 / sympy.sqrt(1 + T * x**2 / G)), 0, "the integral over y")
    fibre = sympy.limit(steep * sympy.sqrt(T), T, sympy.oo)
    require_equal(sympy.simplify(fibre - sympy.sqrt(G) / x), 0, "its limit at x")
    shape = sympy.log(a**2 / G) / 2
    require_equal(sympy.simplify(-sympy.log(fibre.subs(x, a)) - shape), 0, "minus its logarithm at a is the shape")
    terms = _product_series()
    require_equal(terms[:3], [1, 1, 3], "the mean of a/x at a = 1")


def _circle_series() -> list[Fraction]:
    """``sqrt(2 pi gamma) exp(-gamma) I_0(gamma)`` in powers of 1/gamma: ``prod (2j-1)^2 / (k! 8^k)`` (Hankel)."""
    terms = [Fraction(1)]
    for k in range(1, ORDER):
        terms.append(terms[-1] * (2 * k - 1) ** 2 / (8 * k))
    return terms


def _circle() -> None:
    v, y, angle = sympy.symbols("v y theta", real=True)
    loss = (v**2 + y**2 - 1) ** 2 / 8
    height = sympy.sqrt(1 - v**2)
    require_equal(sympy.simplify(loss.subs(y, height)), 0, "the fibre")
    require_equal(sympy.simplify(sympy.diff(loss, y, 2).subs(y, height) - (1 - v**2)), 0, "the curvature in y")
    distance = v**2 + (height - 1) ** 2
    require_equal(sympy.simplify(distance.subs(v, sympy.sin(angle)).subs(sympy.sqrt(1 - sympy.sin(angle) ** 2), sympy.cos(angle))
                                 - (2 - 2 * sympy.cos(angle))), 0, "the distance at the angle theta")
    # 1 - cos(theta) = s^2/2 with d theta = ds / sqrt(1 - s^2/4): moments of a normal s of variance 1/gamma
    s = sympy.Symbol("s")
    require_equal(sympy.simplify(1 - sympy.cos(2 * sympy.asin(s / 2)) - s**2 / 2), 0, "the angle by the chord")
    density = sympy.series(sympy.diff(2 * sympy.asin(s / 2), s), s, 0, 2 * ORDER).removeO()
    terms = [Fraction(str(density.coeff(s, 2 * k) * _moment(2 * k))) for k in range(ORDER)]
    require_equal(terms, _circle_series(), "the mean over the circle in powers of 1/gamma")


def _same_function() -> None:
    """Rescaling ``(x, y) -> (a x, y/a)`` keeps the product; the shape moves by log a, the rank does not."""
    x, y, a = sympy.symbols("x y a", positive=True)
    hessian = sympy.hessian((x * y - 1) ** 2 / 2, (x, y)).subs({x: a, y: 1 / a})
    require_equal(hessian.rank(), 1, "the rank on the hyperbola")
    require_equal(sympy.simplify(hessian.trace() - (a**2 + a**-2)), 0, "its one nonzero eigenvalue")


def _area() -> None:
    """On the circle: ``det A(v)^(-1/2) dv`` is ``det(H)^(-1/2)`` on the normal times the length of the arc."""
    v = sympy.Symbol("v", real=True)
    square = 1 + sympy.diff(sympy.sqrt(1 - v**2), v) ** 2  # of the length of dv, and H is 1 along the normal
    require_equal(sympy.simplify(1 / (1 - v**2) - square), 0, "the arc")


DERIVATION = Derivation(
    entry="bounded-term",
    sources=(WATANABE_2009,),
    title="The bounded term of a free energy at a point where minimisers form a manifold",
    statement=r"""Let $L$ be an analytic loss of $P$ weights, $w^*$ a minimum, and $K=L-L(w^*)$. Near $w^*$ let $K\ge0$ vanish on a manifold $M$ of codimension $r$, the rank of the Hessian $H$ of $K$ at $w^*$, whose nonzero eigenvalues are $h_1,\dots,h_r$. The *window* of width $\gamma>0$ is the prior $N(w^*,1/\gamma)$, the normal law of variance $1/\gamma$ in each weight, cut off outside a neighbourhood of $w^*$ in which all this holds, and $F(t)=-\log\mathbb E\,e^{-tK}$ under it. Then, as $t\to\infty$, $F(t)-\tfrac r2\log t$ tends to
$$c=\frac12\sum_{i=1}^r\log\frac{h_i}\gamma+D,\qquad e^{-D}=\mathbb E\Bigl[e^{-\frac\gamma2|\eta(v)|^2}\sqrt{\det A(0)/\det A(v)}\Bigr].$$
Here $v\sim N(0,1/\gamma)$ is in the kernel of $H$ (cut off with the window), $y$ are coordinates of its orthogonal complement, $\eta(v)$ is the $y$ of the point of $M$ above $v$, and $A(v)$ is the Hessian of $K$ in $y$ there. $D=0$ if $K$ is quadratic, and $D\to0$ as $\gamma\to\infty$.""",
    assumptions=("the same window around both points that are compared; another prior that is nearly constant over the windows "
                 "adds minus the logarithm of its density at each point, relative to that of the window",),
    steps=(
        Step("Integrating along the temperature", r"$\frac{dF}{d\log t}=t\,\mathbb E_tK$ under the posterior $\propto e^{-tK}$ times the "
             r"window, $F(0)=0$. For $K_2=\frac12\sum h_ix_i^2$ both are known, $F_2(t)=\frac12\sum\log(1+th_i/\gamma)$ and "
             r"$t\,\mathbb E_tK_2=\frac12\sum\frac{th_i}{th_i+\gamma}$, so that $D(t)=F(t)-F_2(t)=\int_{-\infty}^{\log t}"
             r"(s\,\mathbb E_sK-s\,\mathbb E_sK_2)\,d\log s$ is what sampling has to find, and $D=\lim D(t)$ since "
             r"$F_2(t)-\frac r2\log t\to\frac12\sum\log(h_i/\gamma)$.", _slope),
        Step("Linear regression", r"$K=\frac12|J(w-w^*)|^2$ is quadratic: $F=\frac12\log\det(1+\frac t\gamma J^\top J)$, $D=0$, and $c$ is "
             r"half the logarithm of the product of the nonzero eigenvalues of $J^\top J/\gamma$.", _linear_regression),
        Step("Laplace's method above each flat direction", r"In orthonormal coordinates $(v,y)$ along and across the kernel of $H$, $M$ is "
             r"the graph of $\eta$ by the implicit function theorem ($A(0)=\operatorname{diag}(h_i)$ is invertible), and "
             r"$K(v,\eta(v)+s)=\frac12s^\top A(v)s+O(|s|^3)$, so that $$t^{r/2}\int e^{-tK-\frac\gamma2(|v|^2+|y|^2)}dy\to(2\pi)^{r/2}"
             r"\det A(v)^{-1/2}e^{-\frac\gamma2(|v|^2+|\eta(v)|^2)}$$ uniformly over the neighbourhood. With the constant "
             r"$(\gamma/2\pi)^{P/2}$ of the window $t^{r/2}e^{-F}\to\gamma^{r/2}\,\mathbb E_v[e^{-\frac\gamma2|\eta|^2}\det A(v)^{-1/2}]$. "
             r"As $\eta(v)=O(|v|^2)$ the mean tends to $\det A(0)^{-1/2}$ as $\gamma\to\infty$. In other words it is the volume of the piece of the "
             r"manifold in the window, weighed: $\det A(v)^{-1/2}dv=\det(H|_{\text{normal}})^{-1/2}d\mathrm{vol}_M$, as on the circle.", _area),
        Step("A product", r"$K=\frac12x^2y^2$ at $(a,0)$: $M$ is the line $y=0$, $\eta=0$, $A=x^2$, and $F(t)=-\log\mathbb E_x(1+tx^2/\gamma)^{-1/2}$ "
             r"for $x\sim N(a,1/\gamma)$ at *every* $t$. So $c=\frac12\log\frac{a^2}\gamma+D$, $e^{-D}=\mathbb E\frac a{|x|}$ off the other "
             r"line $x=0$, where the point is singular: $e^{-D}\sim1+\gamma^{-1}+3\gamma^{-2}+\dots$ at $a=1$. (Without cutting off, a "
             r"term $\log\log t$ appears once $\log t$ is as large as $e^{\gamma a^2/2}$.)", _product),
        Step("A circle", r"$K=\frac18(x^2+y^2-1)^2$ at $(0,1)$: $h=1$, $\eta(v)=\sqrt{1-v^2}-1$, $A(v)=1-v^2$, and with $v=\sin\theta$ "
             r"$e^{-D}=\sqrt{\frac\gamma{2\pi}}\int e^{-\gamma(1-\cos\theta)}d\theta$, over the whole circle $\sqrt{2\pi\gamma}\,e^{-\gamma}"
             r"I_0(\gamma)\sim1+\frac1{8\gamma}+\frac9{128\gamma^2}+\dots$, $I_0$ Bessel's function.", _circle),
        Step("The term belongs to the point", r"Along $xy=1$, where the function $xy$ is the same, the nonzero eigenvalue is $a^2+a^{-2}$ at "
             r"$(a,1/a)$: $\lambda=\frac12$ everywhere, and the bounded term grows with the distance from the balanced point. So it compares "
             "*weights* that training has reached, not functions.", _same_function),
    ),
)
