"""What cannot be sampled is refused with the true cause; what is no mean over parts is taken whole."""

from contextlib import nullcontext

import pytest
import torch
import torch.utils.checkpoint
from torch.nn.functional import cross_entropy, mse_loss

from numerics.losses import sound
from numerics.losses.module import ModuleLoss, Objective, OneChainLoss, as_it_was
from numerics.losses.samples import samples_of
from numerics.losses.sound import chains_for, minimised_loss, require_derivatives, require_sound, sampled_loss
from slt_symbolic.errors import InvalidInput

N = 6000
X = torch.randn(N, 4, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
CLASSES = torch.randint(0, 3, (N,), generator=torch.Generator().manual_seed(1)).sort().values


def weighted(output, target):
    return cross_entropy(output, target, weight=torch.tensor([1.0, 5.0, 20.0], dtype=output.dtype))


@pytest.mark.parametrize(("loss", "additive"), [
    (cross_entropy, True), (weighted, False),
    (lambda output, target: cross_entropy(output, target, ignore_index=2), False)])
def test_the_loss_that_is_sampled_is_the_users(loss, additive):
    """Also over more samples than one chunk, sorted by class."""
    model = torch.nn.Linear(4, 3).double()
    problem = sampled_loss(Objective(model, loss), samples_of((X, CLASSES)))
    assert problem.additive == additive
    assert float(problem.value(problem.start[None])) == pytest.approx(loss(model(X), CLASSES).item(), rel=1e-12)


def test_too_many_samples_of_a_loss_that_is_no_mean_over_parts(monkeypatch):
    monkeypatch.setattr(sound, "LARGEST_PASS", 5000)
    with pytest.raises(InvalidInput, match="class weights, ignored targets, batch statistics"):
        sampled_loss(Objective(torch.nn.Linear(4, 3).double(), weighted), samples_of((X, CLASSES)))
    sampled_loss(Objective(torch.nn.Linear(4, 3).double(), cross_entropy), samples_of((X, CLASSES)))


class Random(torch.nn.Linear):
    def forward(self, x):
        return super().forward(x + torch.randn_like(x))


class Item(torch.nn.Linear):
    """A branch on a value: plain gradients work, those under vmap do not."""

    def forward(self, x):
        return super().forward(x) * (1 + float(self.weight[0, 0].item() > 1e9))


def train(*layers):
    return torch.nn.Sequential(torch.nn.Linear(4, 4), *layers, torch.nn.Linear(4, 3)).double().train()


@pytest.mark.parametrize(("model", "words"), [
    (train(torch.nn.Dropout(0.5)), "model: is in train mode, where Dropout (1) draws at random; try model.eval()"),
    (train(torch.nn.Tanh(), torch.nn.BatchNorm1d(4)), "where BatchNorm1d (2) hangs on the batch; try model.eval()"),
    (Random(4, 3).double(), "something in it is random"),
    (torch.nn.Linear(5, 3).double(), "do not work together (mat1 and mat2 shapes cannot be multiplied"),
    (torch.nn.Linear(4, 3).requires_grad_(False), "has no parameter with requires_grad"),
])
def test_the_cause_is_named(model, words):
    with pytest.raises(InvalidInput) as error:
        require_sound(OneChainLoss(Objective(model, cross_entropy), samples_of((X[:50], CLASSES[:50]))))
    assert words in str(error.value)
    assert "\n" not in str(error.value)


class Detached(torch.nn.Sequential):
    """Half of the weights have no gradient, though the loss hangs on them."""

    def forward(self, x):
        return self[1](self[0](x).detach())


class WithoutGradient(torch.nn.Linear):
    @torch.no_grad()
    def forward(self, x):
        return super().forward(x)


@pytest.mark.parametrize("kind", [sampled_loss, minimised_loss])
@pytest.mark.parametrize(("model", "words"), [
    (Detached(torch.nn.Linear(4, 4), torch.nn.Linear(4, 3)), "a gradient that is not the slope of the loss"),
    (WithoutGradient(4, 3), "have no gradient (element 0 of tensors does not require grad"),
])
def test_gradients_that_are_none_of_the_loss_are_refused(kind, model, words):
    """Also at an exact fit, where all slopes are zero; with all of its gradients the same network is taken."""
    model = model.double()
    data = samples_of((X[:50], model(X[:50]).detach()))
    with pytest.raises(InvalidInput) as error:
        kind(Objective(model, mse_loss), data)
    assert words in str(error.value)
    assert "\n" not in str(error.value)
    plain = torch.nn.Sequential(*model) if isinstance(model, Detached) else torch.nn.Linear(4, 3).double()
    assert kind(Objective(plain, mse_loss), data).parameters == sum(x.numel() for x in model.parameters())


def test_a_layer_without_second_derivatives_is_refused_for_a_minimum_alone():
    model = torch.nn.Sequential(torch.nn.EmbeddingBag(5, 2, mode="mean"), torch.nn.Linear(2, 3))
    words = torch.arange(60).reshape(30, 2) % 5
    objective, data = Objective(model, cross_entropy), samples_of((words, CLASSES[:30]))
    with pytest.raises(InvalidInput, match=r"no second derivatives \(the derivative for '_embedding_bag_backward'"):
        minimised_loss(objective, data)
    require_sound(OneChainLoss(objective, data))


@pytest.mark.parametrize(("loss", "words"), [
    (lambda outputs, targets: 1, "loss: returns a int; try a tensor that holds one number"),
    (lambda outputs, targets: outputs, "loss: returns a tensor of shape (50, 3); try reduction='mean'"),
    (lambda outputs, targets: outputs.mean() * 1j, "loss: returns a tensor of torch.complex128; try one real number"),
])
def test_a_loss_that_is_no_number_is_one_line(loss, words):
    with pytest.raises(InvalidInput) as error:
        require_sound(OneChainLoss(Objective(torch.nn.Linear(4, 3), loss), samples_of((X[:50], CLASSES[:50]))))
    assert str(error.value) == words


class Remembers(torch.nn.Linear):
    """Its scale follows the weights, half of the way at each call: the same again and again at the same weights."""

    def __init__(self):
        super().__init__(4, 3)
        self.register_buffer("scale", self.weight.detach().square().sum())

    def forward(self, x):
        with torch.no_grad():
            self.scale += (self.weight.square().sum() - self.scale) / 2
        return super().forward(x) / self.scale


def test_a_model_that_remembers_other_weights_is_refused():
    """As spectral_norm does in train mode. One that only counts its calls is not, and is left as it is."""
    torch.manual_seed(0)
    data = samples_of((X[:50].float(), CLASSES[:50]))
    spectral = torch.nn.utils.parametrizations.spectral_norm(torch.nn.Linear(4, 3))
    for model in (Remembers(), spectral):
        with pytest.raises(InvalidInput, match=r"changes as it is called; try model\.eval"):
            sampled_loss(Objective(model, cross_entropy), data)
    sampled_loss(Objective(spectral.eval(), cross_entropy), data)


def test_a_model_that_hangs_on_how_often_it_was_called_is_refused():
    """By less at each call than single precision tells."""
    class Annealed(torch.nn.Linear):
        calls = 0

        def forward(self, x):
            self.calls += 1
            return super().forward(x) * (1 + self.share * self.calls)

    model, data = Annealed(4, 3), samples_of((X[:50].float(), CLASSES[:50]))
    model.share = 0.0
    sampled_loss(Objective(model, cross_entropy), data)
    model.share = 1e-5
    with pytest.raises(InvalidInput, match="changes as it is called"):
        sampled_loss(Objective(model, cross_entropy), data)


def test_a_model_that_changes_its_own_weights_is_refused():
    """They are those of the chains."""
    class Clamped(torch.nn.Linear):
        def forward(self, x):
            if self.within:
                with torch.no_grad():
                    self.weight.clamp_(-0.5, 0.5)
            return super().forward(x)

    model, data = Clamped(4, 3), samples_of((X[:50].float(), CLASSES[:50]))
    for model.within in (True, False):
        with (pytest.raises(InvalidInput, match="changes its own weights as it is called") if model.within
              else nullcontext()):
            sampled_loss(Objective(model, cross_entropy), data)
    words = torch.arange(60) % 5
    for most in (1.0, None):
        bag = torch.nn.Embedding(5, 3, max_norm=most)
        with pytest.raises(InvalidInput, match="has max_norm, by which Embedding") if most else nullcontext():
            sampled_loss(Objective(bag, cross_entropy), samples_of((words, words % 3)))


class Squared(torch.autograd.Function):
    """Its gradient is right; of what that is made of, it keeps less than second derivatives need."""

    @staticmethod
    def forward(ctx, x):
        ctx.kept = x.detach()
        return x.square()

    @staticmethod
    def backward(ctx, slope):
        return 2 * ctx.kept * slope


def test_second_derivatives_that_are_none_of_the_loss_are_refused_for_a_minimum_alone():
    class Of(torch.nn.Linear):
        def forward(self, x):
            return self.way(super().forward(x))

    model, data = Of(4, 2).double(), samples_of((X[:50], X[:50, :2]))
    for model.way in (torch.square, Squared.apply):
        sampled_loss(Objective(model, mse_loss), data)
    with pytest.raises(InvalidInput, match=r"have second derivatives that are not the slopes of the gradient.*here"):
        minimised_loss(Objective(model, mse_loss), data)
    model.way = torch.square
    assert not isinstance(minimised_loss(Objective(model, mse_loss), data), OneChainLoss)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_script_that_was_run_has_the_curvature_of_its_program():
    """torch.func takes it for linear from then on, without a word."""
    plain = torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.Tanh(), torch.nn.Linear(3, 1))
    script, x = torch.jit.script(plain), X[:50].float()
    for _ in range(3):
        script(x)
    of_plain, of_script = (minimised_loss(Objective(model, mse_loss), samples_of((x, x[:, :1])))
                           for model in (plain, script))
    wanted = of_plain.hessian(of_plain.start)
    torch.testing.assert_close(of_script.hessian(of_script.start), wanted)
    assert float(wanted.norm()) > 1
    with as_it_was(script):
        pass


def test_randomness_that_hardly_shows_is_refused():
    """A part in a thousand of the loss, in single precision."""
    def loss(outputs, targets):
        return cross_entropy(outputs, targets) * (1 + 1e-3 * torch.rand(()))

    with pytest.raises(InvalidInput, match="something in it is random"):
        sampled_loss(Objective(torch.nn.Linear(4, 3), loss), samples_of((X[:50].float(), CLASSES[:50])))


def test_a_penalty_on_weights_of_before_is_refused_and_one_on_those_of_the_chain_is_not():
    model, data = torch.nn.Linear(4, 3).double(), samples_of((X[:50], CLASSES[:50]))
    before = list(model.parameters())
    with pytest.raises(InvalidInput, match=r"takes weights from the model by itself.*evaluate"):
        sampled_loss(Objective(model, lambda *both: cross_entropy(*both) + before[0].square().sum()), data)
    problem = sampled_loss(Objective(model, lambda *both: cross_entropy(*both) + model.weight.square().sum()), data)
    twice, plain = 2 * problem.start, sampled_loss(Objective(model, cross_entropy), data)
    penalty = problem.value(twice[None]) - plain.value(twice[None])
    assert float(penalty) == pytest.approx(4 * float(model.weight.detach().square().sum()), rel=1e-9)


def test_outputs_that_are_computed_again_for_gradients_are_refused():
    """`torch.utils.checkpoint` does so when the model has its own weights back."""
    class Again(torch.nn.Sequential):
        def forward(self, x):
            return torch.utils.checkpoint.checkpoint(super().forward, x, use_reentrant=False)

    for single in (True, False):
        model = Again(torch.nn.Linear(4, 3), torch.nn.Tanh(), torch.nn.Linear(3, 3))
        data = samples_of((X[:50].float(), CLASSES[:50]))
        with pytest.raises(InvalidInput, match=r"again when gradients are taken \(torch\.utils\.checkpoint\)"):
            (sampled_loss if single else minimised_loss)(Objective(model, cross_entropy), data)


def test_losses_that_jump_are_told_from_those_with_kinks():
    def loss(way):
        return sampled_loss(Objective(torch.nn.Linear(4, 3), lambda outputs, targets: way(outputs).square().mean()),
                            samples_of((X[:50].float(), CLASSES[:50])))

    for smooth in (torch.relu, torch.abs, torch.tanh, lambda outputs: outputs.max(1).values):
        assert loss(smooth).smooth
    for jumps in (lambda outputs: outputs + (outputs.round() - outputs).detach(),
                  lambda outputs: outputs * (outputs > 0.3), lambda outputs: outputs[:, 0] * outputs.argmax(1)):
        assert not loss(jumps).smooth


def test_a_gradient_that_is_no_number_is_named():
    model = torch.nn.Linear(4, 1, bias=False).double()
    torch.nn.init.zeros_(model.weight)
    with pytest.raises(InvalidInput, match="gradient that is no number at the model's parameters"):
        sampled_loss(Objective(model, lambda outputs, targets: outputs.abs().sqrt().mean()), samples_of(X[:50]))


def test_rows_of_padding_are_not_sampled_unless_another_layer_trains_them():
    class Words(torch.nn.Module):
        def __init__(self, tied):
            super().__init__()
            self.words, self.out = torch.nn.Embedding(5, 2, padding_idx=0), torch.nn.Linear(2, 5, bias=False)
            if tied:
                self.out.weight = self.words.weight

        def forward(self, x):
            return self.out(self.words(x).mean(1))

    def problem(tied, mask=None):
        words = torch.arange(60).reshape(30, 2) % 4 + 1
        return sampled_loss(Objective(Words(tied).double(), cross_entropy), samples_of((words, words[:, 0])), mask=mask)

    assert problem(tied=False).parameters == 4 * 2 + 5 * 2
    assert problem(tied=True).parameters == 5 * 2
    assert problem(False, {"words.weight": torch.ones(5, 2, dtype=torch.bool)}).parameters == 4 * 2


def inferred():
    with torch.inference_mode():
        return torch.nn.Linear(4, 3)


@pytest.mark.parametrize(("model", "words"), [
    (torch.nn.Linear(4, 3, device="meta"), "model: has weight that holds no numbers yet"),
    (torch.nn.LazyLinear(3), "model: has weight that holds no numbers yet; try a model that has been run once"),
    (inferred(), "model: has weight made in torch.inference_mode"),
    (torch.nn.Linear(4, 3, dtype=torch.complex64), "model: has weight of complex numbers"),
])
def test_a_model_without_weights_to_change_is_one_line(model, words):
    with pytest.raises(InvalidInput) as error:
        Objective(model, cross_entropy)
    assert str(error.value).startswith(words)


def test_a_loss_that_is_no_function_is_one_line():
    with pytest.raises(InvalidInput, match="loss, evaluate: is a str; try a function"):
        Objective(torch.nn.Linear(4, 3), "mse")


def test_evaluation_mode_is_not_refused():
    model = train(torch.nn.Dropout(0.5), torch.nn.BatchNorm1d(4)).eval()
    require_sound(OneChainLoss(Objective(model, cross_entropy), samples_of((X[:50], CLASSES[:50]))))


def test_a_module_that_torch_func_refuses_is_taken_one_chain_at_a_time():
    objective, data = Objective(Item(4, 3).double(), cross_entropy), samples_of((X[:50], CLASSES[:50]))
    with pytest.raises(InvalidInput, match=r"without \.item"):
        require_derivatives(ModuleLoss(objective, data))
    problem = sampled_loss(objective, data)
    assert isinstance(problem, OneChainLoss)
    together = sampled_loss(Objective(torch.nn.Linear(4, 3).double(), cross_entropy), data)
    assert not isinstance(together, OneChainLoss)
    theta = torch.randn(3, 15, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    one = OneChainLoss(Objective(torch.nn.Linear(4, 3).double(), cross_entropy), data)
    for found, wanted in zip(one.value_and_gradient(theta), together.value_and_gradient(theta), strict=True):
        torch.testing.assert_close(found, wanted)


class FromZero(torch.nn.Module):
    """A recurrent layer whose first state is made in its forward, in the default precision."""

    def __init__(self):
        super().__init__()
        self.layer = torch.nn.GRU(4, 3, batch_first=True)

    def forward(self, x):
        return self.layer(x[:, None], torch.zeros(1, len(x), 3))[0][:, -1]


@pytest.mark.parametrize(("model", "loss"), [
    (torch.nn.Linear(4, 3), torch.nn.CrossEntropyLoss(weight=torch.tensor([1.0, 5.0, 20.0]))),
    (torch.nn.Linear(4, 3), lambda outputs, targets: cross_entropy(outputs, targets, torch.tensor([1.0, 5.0, 20.0]))),
    (FromZero(), cross_entropy)])
def test_tensors_of_the_users_program_are_in_double_precision_for_a_minimum(model, loss):
    problem = minimised_loss(Objective(model, loss), samples_of((X[:50].float(), CLASSES[:50])))
    assert problem.start.dtype == torch.float64
    assert float(problem.value(problem.start[None])) == pytest.approx(
        loss(model(X[:50].float()), CLASSES[:50]).item(), rel=1e-5)
    assert torch.get_default_dtype() == torch.float32
    if isinstance(loss, torch.nn.Module):
        assert loss.weight.dtype == torch.float32
        _, batch = next(problem.chunks())
        found = problem.cost(problem.outputs(problem.start, batch), batch)
        torch.testing.assert_close(found, problem.value(problem.start[None])[0])


def test_a_loss_that_torch_func_refuses_has_its_hessian_by_plain_autograd():
    """``gaussian_nll_loss`` branches on a value."""
    def spread(outputs, targets):
        return torch.nn.functional.gaussian_nll_loss(outputs[:, 0], targets[:, 0], torch.exp(outputs[:, 1]))

    def plain(outputs, targets):
        return (outputs[:, 1] + (outputs[:, 0] - targets[:, 0]).square() / torch.exp(outputs[:, 1])).mean() / 2

    model, data = torch.nn.Linear(4, 2).double(), samples_of((X[:50], X[:50]))
    found = minimised_loss(Objective(model, spread), data)
    assert isinstance(found, OneChainLoss)
    wanted = minimised_loss(Objective(model, plain), data)
    assert not isinstance(wanted, OneChainLoss)
    torch.testing.assert_close(found.hessian(found.start), wanted.hessian(wanted.start))
    straight = OneChainLoss(Objective(model, lambda outputs, targets: outputs.mean()), data)
    assert not straight.hessian(straight.start).any()


def test_chains_are_few_where_they_are_dear():
    small, large = (OneChainLoss(Objective(torch.nn.Linear(4, width), mse_loss), samples_of((X[:1000], X[:1000])))
                    for width in (4, 4000))
    assert chains_for(large) == sound.FEWEST_CHAINS
    assert sound.FEWEST_CHAINS < chains_for(small) == sound.MOST_IN_TURN
    together = ModuleLoss(Objective(torch.nn.Linear(4, 4), mse_loss), samples_of((X[:1000], X[:1000])))
    assert sound.MOST_IN_TURN < chains_for(together) <= sound.MOST_CHAINS


def test_a_mask_samples_its_entries_alone_and_the_point_is_a_state_dict():
    model = torch.nn.Linear(4, 3).double()
    chosen = torch.zeros(3, 4, dtype=torch.bool)
    chosen[1, 2:] = True
    problem = OneChainLoss(Objective(model, cross_entropy), samples_of((X, CLASSES)), mask={"weight": chosen})
    assert problem.parameters == 2
    state = problem.state(torch.tensor([7.0, 8.0], dtype=torch.float64))
    assert state["weight"][1].tolist() == [*model.weight[1, :2].tolist(), 7.0, 8.0]
    assert torch.equal(state["bias"], model.bias)
    slope = problem.value_and_gradient(problem.start[None])[1]
    whole, = torch.autograd.grad(cross_entropy(model(X), CLASSES), model.weight)
    torch.testing.assert_close(slope[0], whole[1, 2:])
    for mask in ({"weight": chosen[0]}, {"no": chosen}, {"weight": ~chosen & chosen}, ["weight"]):
        with pytest.raises(InvalidInput, match="mask"):
            OneChainLoss(Objective(model, cross_entropy), samples_of((X, CLASSES)), mask=mask)


def test_tied_weights_are_one_parameter():
    model = torch.nn.Sequential(torch.nn.Linear(3, 3, bias=False), torch.nn.Tanh(), torch.nn.Linear(3, 3, bias=False))
    model[2].weight = model[0].weight
    problem = OneChainLoss(Objective(model, mse_loss), samples_of(X[:, :3].float()))
    assert problem.parameters == 9
    state = problem.state(torch.arange(9.0, dtype=torch.float64))
    assert torch.equal(state["0.weight"], state["2.weight"])
    model.load_state_dict(state)
    assert float(problem.value(torch.arange(9.0, dtype=torch.float64)[None])) == pytest.approx(
        mse_loss(model(X[:, :3].float()), X[:, :3].float()).item(), rel=1e-5)
