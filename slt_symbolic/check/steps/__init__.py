"""The kinds of steps, one small file each. A step is a function ``(stratum, data) -> (children, combine)``."""

from collections.abc import Callable

from slt_symbolic.check.step import Data
from slt_symbolic.check.steps.algebraic import algebraic
from slt_symbolic.check.steps.arrangement import arrangement
from slt_symbolic.check.steps.blowup import blowup
from slt_symbolic.check.steps.bounds import best, initial, jacobian_rank, order, subset
from slt_symbolic.check.steps.change import change
from slt_symbolic.check.steps.common import Outcome
from slt_symbolic.check.steps.composite import composite
from slt_symbolic.check.steps.contract import contract
from slt_symbolic.check.steps.coordinates import coordinates
from slt_symbolic.check.steps.definite import definite, dominate
from slt_symbolic.check.steps.diagonal import diagonal
from slt_symbolic.check.steps.eliminate import eliminate
from slt_symbolic.check.steps.flow import flow
from slt_symbolic.check.steps.hessian import hessian
from slt_symbolic.check.steps.ideal import closure, combine, remainder, span, units
from slt_symbolic.check.steps.leaves import empty_stratum, zero_loss
from slt_symbolic.check.steps.nearby import nearby
from slt_symbolic.check.steps.newton import newton
from slt_symbolic.check.steps.orthogonal import orthogonal
from slt_symbolic.check.steps.polar import polar
from slt_symbolic.check.steps.power import power
from slt_symbolic.check.steps.regular import regular
from slt_symbolic.check.steps.rotate import rotate
from slt_symbolic.check.steps.separate import product, separate_sum
from slt_symbolic.check.steps.sign import sign
from slt_symbolic.check.steps.split import split
from slt_symbolic.check.steps.squares import squares, total
from slt_symbolic.check.steps.vandermonde import vandermonde
from slt_symbolic.check.stratum import Stratum

Step = Callable[[Stratum, Data], Outcome]

STEPS: dict[str, Step] = {
    "algebraic": algebraic, "arrangement": arrangement, "best": best, "blowup": blowup, "change": change,
    "closure": closure, "combine": combine, "composite": composite, "contract": contract,
    "coordinates": coordinates, "definite": definite, "diagonal": diagonal, "dominate": dominate,
    "eliminate": eliminate, "empty": empty_stratum, "flow": flow, "hessian": hessian, "initial": initial,
    "nearby": nearby, "newton": newton, "order": order, "orthogonal": orthogonal, "polar": polar, "power": power,
    "product": product, "rank": jacobian_rank, "regular": regular, "remainder": remainder, "rotate": rotate,
    "sign": sign, "span": span, "split": split, "squares": squares, "subset": subset, "sum": separate_sum,
    "total": total, "units": units, "vandermonde": vandermonde, "zero": zero_loss,
}
