/* The kernels of one instruction set: which, the compiler's options say, and KERNELS names their table. */
#include "energy.h"
#include "kernels.h"
#include "mismatch.h"
#include "pairwise.h"
#include "peak.h"
#include "product.h"
#include "rows.h"
#include "sketch.h"
#include "statistics.h"
#include "turn.h"

#define QUOTED_OF(name) #name
#define QUOTED(name) QUOTED_OF(name)

const struct kernels JOIN(kernels_, KERNELS) = {
    .name = QUOTED(KERNELS),
    .scratch_bytes = sizeof(struct scratch),
    .pairwise = pairwise,
    .pairwise_product = pairwise_product,
    .pairwise_energy = pairwise_energy,
    .statistics = statistics,
    .mismatch = mismatch,
    .mismatch_product = mismatch,
    .finite = all_finite,
    .directions = directions,
    .pullback = pullback,
    .product_rows = product_rows,
    .self_energies = self_energies,
    .product = product,
    .sketch = sketch,
    .random = JOIN(random_, KERNELS),
    .turn = turn,
    .scale = scale,
    .peak = peak,
};
