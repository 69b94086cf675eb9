"""The network and its loss: quantiles of z = (final - level) / scale, trained on the CRPS, which is also the score."""
import numpy as np
import torch
from torch import nn

P = torch.arange(1, 100) / 100.0
KNOTS = np.array([.002, .005, .01, .02, .035, .055, .08, .12, .17, .23, .30, .37, .44, .5, .56, .63, .70, .77, .83, .88, .92, .945, .965, .98,
                  .99, .995, .998])
MIDDLE = 13
Z_CLIP = 100.0


def interpolation():
    """[99, 27]: quantiles at 1 % ... 99 % from the knots, linear."""
    m = np.zeros((99, len(KNOTS)))
    for i, p in enumerate(np.arange(1, 100) / 100):
        k = min(int(np.searchsorted(KNOTS, p, "right")) - 1, len(KNOTS) - 2)
        share = (p - KNOTS[k]) / (KNOTS[k + 1] - KNOTS[k])
        m[i, k], m[i, k + 1] = 1 - share, share
    return torch.tensor(m, dtype=torch.float32)


INTERPOLATION = interpolation()


class Net(nn.Module):
    def __init__(self, n_in, hidden=48, dropout=0.3, noise=0.3, early=0.0):
        """early: how much more input noise there is at the start of a run; needs 2 T - 1 as the first input."""
        super().__init__()
        self.register_buffer("mean", torch.zeros(n_in))
        self.register_buffer("sd", torch.ones(n_in))
        self.noise, self.early = noise, early
        self.a, self.b, self.out = nn.Linear(n_in, hidden), nn.Linear(hidden, hidden), nn.Linear(hidden, 28)
        self.drop, self.act = nn.Dropout(dropout), nn.SiLU()
        with torch.no_grad():
            self.out.weight.mul_(0.1)
            self.out.bias.zero_()
            self.out.bias[2:] = torch.tensor(softplus_inverse(normal_steps()), dtype=torch.float32)

    def forward(self, x):
        """[rows, 27]: values of z at the knots, rising."""
        h = (x - self.mean) / self.sd
        if self.training:  # the less was seen, the less its details are to be relied on: most of all on sources never seen
            progress = (x[:, :1] + 1) / 2 if self.early else 1.0
            h = h + self.noise * (1 + self.early * (1 - progress) ** 2) * torch.randn_like(h)
        h = self.drop(self.act(self.a(h)))
        h = self.drop(self.act(self.b(h)))
        o = self.out(h)
        steps = nn.functional.softplus(o[:, 2:]) * torch.exp(o[:, 1:2])
        below = -torch.flip(torch.cumsum(torch.flip(steps[:, :MIDDLE], [1]), 1), [1])
        above = torch.cumsum(steps[:, MIDDLE:], 1)
        return o[:, :1] + torch.cat([below, torch.zeros_like(o[:, :1]), above], 1)


def normal_steps():
    from statistics import NormalDist
    return np.diff([NormalDist().inv_cdf(p) for p in KNOTS])


def softplus_inverse(v):
    return np.log(np.expm1(v))


def quantiles(knots):
    return knots @ INTERPOLATION.T


def crps(q, z):
    d = z[:, None] - q
    return 2 * torch.maximum(P * d, (P - 1) * d).mean(1)


def train(X, z, weight, seed=1, epochs=3, batch=512, rate=2e-3, decay=1e-2, **kind):
    """One network; weight: what an error of one unit of z costs."""
    torch.manual_seed(seed)
    X, z, weight = (torch.tensor(a, dtype=torch.float32) for a in (X, np.clip(z, -Z_CLIP, Z_CLIP), weight / weight.mean()))
    net = Net(X.shape[1], **kind)
    net.mean, net.sd = X.mean(0), X.std(0).clamp(min=0.05)
    steps = epochs * (len(X) // batch)
    optimiser = torch.optim.AdamW(net.parameters(), lr=rate, weight_decay=decay)
    cycle = torch.optim.lr_scheduler.OneCycleLR(optimiser, rate, total_steps=steps, pct_start=0.15)
    net.train()
    for epoch in range(epochs):
        order = torch.randperm(len(X))
        for i in range(len(X) // batch):
            k = order[i * batch:(i + 1) * batch]
            loss = (weight[k] * crps(quantiles(net(X[k])), z[k])).mean()
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimiser.step()
            cycle.step()
    return net.eval()


def predict(net, X):
    with torch.no_grad():
        return quantiles(net(torch.tensor(X, dtype=torch.float32))).numpy()
