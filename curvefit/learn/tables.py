"""Trained networks -> C tables with their card."""
import numpy as np


def folded(net):
    """The layers as arrays, the scaling of the inputs folded into the first."""
    get = lambda p: p.detach().double().numpy()
    mean, sd = get(net.mean), get(net.sd)
    w1 = get(net.a.weight) / sd
    return dict(w1=w1, b1=get(net.a.bias) - w1 @ mean, w2=get(net.b.weight), b2=get(net.b.bias), w3=get(net.out.weight), b3=get(net.out.bias))


def array(name, values):
    flat = ["%.5g" % v for v in np.asarray(values).ravel()]
    flat = [v + ("f" if "." in v or "e" in v else ".f") for v in flat]
    lines, now = [], ""
    for v in flat:
        if len(now) + len(v) > 130:
            lines.append(now)
            now = ""
        now += v + ","
    return "static const float %s[] = {\n%s\n};\n" % (name, "\n".join(lines + [now]))


def source(symbol, nets, card):
    """The C file of one network of several members."""
    out = ["/* Written by curvefit/learn/learn.py; do not edit.\n" + "".join(" * %s\n" % line for line in card) + " */\n#include \"network.h\"\n\n"]
    rows = []
    for m, net in enumerate(nets):
        layers = folded(net)
        out += [array("%s_%d" % (k, m), v) for k, v in layers.items()]
        rows.append("    {%s},\n" % ", ".join("%s_%d" % (k, m) for k in layers))
    out.append("static const struct cf__layers layers[] = {\n%s};\n\n" % "".join(rows))
    out.append("const struct cf__network %s = {.inputs = %d, .hidden = %d, .members = %d, .layers = layers};\n"
               % (symbol, nets[0].a.in_features, nets[0].a.out_features, len(nets)))
    return "".join(out)


def load(path):
    """The members of a written table, as torch networks again (scaling folded in)."""
    import re
    import torch
    import net
    text = open(path).read()
    found = {name: np.array([float(v.rstrip("f")) for v in values.replace("\n", "").split(",") if v.strip()])
             for name, values in re.findall(r"static const float (\w+)\[\] = \{\n(.*?)\};", text, re.S)}
    inputs, hidden, members = map(int, re.search(r"inputs = (\d+), \.hidden = (\d+), \.members = (\d+)", text).groups())
    out = []
    for m in range(members):
        n = net.Net(inputs, hidden)
        for layer, k in ((n.a, 1), (n.b, 2), (n.out, 3)):
            w, b = found["w%d_%d" % (k, m)], found["b%d_%d" % (k, m)]
            layer.weight.data = torch.tensor(w.reshape(len(b), -1), dtype=torch.float32)
            layer.bias.data = torch.tensor(b, dtype=torch.float32)
        out.append(n.eval())
    return out


def answers(path, rows=4, seed=1):
    """A C header with inputs and torch's answers to them, for the unit test of the inference."""
    import net
    members = load(path)
    X = np.random.default_rng(seed).uniform(-3, 3, (rows, members[0].a.in_features)).astype(np.float32)
    q = sum(net.predict(n, X) for n in members) / len(members)
    number = lambda v: ",".join("%.7g" % x for x in v)
    body = "".join("    {{%s},\n     {%s}},\n" % (number(x), number(a)) for x, a in zip(X, q))
    return ("/* Written by curvefit/learn/learn.py: what torch answers with the tables of network_alone.c. */\n"
            "static const struct {\n    float input[%d];\n    double q[99];\n} torch_answers[] = {\n%s};\n" % (X.shape[1], body))
