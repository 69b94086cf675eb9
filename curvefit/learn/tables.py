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
