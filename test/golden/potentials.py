"""Golden values of potentials with s < 0 and of frame potentials, by mpmath from the definitions of the paper: a mean over the pairs of points,
in half space of the 2N points {x, -x}; gradients by mpmath's own differentiation. Independent of the package's formulas. Writes potentials.json.

    python3 potentials.py
"""
import json
import os

from mpmath import acos, diff, mp, mpf, pi, sqrt

mp.dps = 40
ROWS = [[1, 2, -0.5], [-0.25, 1.5, 1], [2, -1, 0.75], [0.5, 0.5, -2]]
POTENTIALS = (
    [{"kind": "riesz", "s": s, "distance": "chordal"} for s in (-1.9, -1, -0.5)]
    + [{"kind": "riesz", "s": s, "distance": "angular"} for s in (-1, -0.5)]
    + [{"kind": "frame", "p": p} for p in (2, 2.5, 3, 4)]
)


def phi(potential, a, b, opposite):
    """A point and its own opposite are a constant apart, which differences of arc cosines at their end would blur."""
    cosine = mpf(-1) if opposite else sum(x * y for x, y in zip(a, b))
    if potential["kind"] == "frame":
        return abs(cosine) ** mpf(potential["p"])
    chord = mpf(2) if opposite else sqrt(sum((x - y) ** 2 for x, y in zip(a, b)))
    distance = chord if potential["distance"] == "chordal" else (pi if opposite else acos(cosine))
    return -(distance ** -mpf(potential["s"]))


def energy(potential, space, rows):
    points = [[x / sqrt(sum(y * y for y in row)) for x in row] for row in rows]
    if space == "half":
        points += [[-x for x in point] for point in points]
    pairs = [(i, j) for i in range(len(points)) for j in range(i)]
    return sum(phi(potential, points[i], points[j], i - j == len(rows)) for i, j in pairs) / len(pairs)


def gradient(potential, space):
    def moved(i, k):
        def at(x):
            rows = [[mpf(value) for value in row] for row in ROWS]
            rows[i][k] = x
            return energy(potential, space, rows)

        return diff(at, mpf(ROWS[i][k]))

    return [float(moved(i, k)) for i in range(len(ROWS)) for k in range(len(ROWS[0]))]


values = [
    {
        "potential": potential,
        "space": space,
        "energy": float(energy(potential, space, [[mpf(value) for value in row] for row in ROWS])),
        "gradient": gradient(potential, space),
    }
    for potential in POTENTIALS
    for space in ("full", "half")
]
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "potentials.json"), "w") as file:
    json.dump({"rows": ROWS, "values": values}, file, indent=1)
    file.write("\n")
