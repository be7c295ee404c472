/*
 * Row by row, in float64: directions, the pullback J of a gradient through them, and what J's own derivative adds to a Hessian product.
 * They cost O(N·d) beside O(N²·d), so they are written for digits: squares of float32 numbers neither overflow nor vanish in float64.
 */
#ifndef COMHE_ROWS_H
#define COMHE_ROWS_H

#include "pairs.h"

/* Rows that a thread claims at once. */
#define ROWS_AT_ONCE 64
/* Below it a self term's share, which shrinks as √deficit, is nothing, while κ leaves float32. */
#define LEAST_DEFICIT 1e-30

/* Σ a·b of two rows of float32 numbers, in float64. */
APART double dot(const float *a, const float *b, int64_t dim) {
  dvec first = {0}, second = {0}, third = {0}, fourth = {0};
  int64_t k = 0;
  for (; k + 2 * WIDTH <= dim; k += 2 * WIDTH) {
    const vec x = load(a + k), y = load(b + k), z = load(a + k + WIDTH), t = load(b + k + WIDTH);
    first += low_half(x) * low_half(y);
    second += high_half(x) * high_half(y);
    third += low_half(z) * low_half(t);
    fourth += high_half(z) * high_half(t);
  }
  if (k + WIDTH <= dim) {
    const vec x = load(a + k), y = load(b + k);
    first += low_half(x) * low_half(y);
    second += high_half(x) * high_half(y);
    k += WIDTH;
  }
  double sum = total((first + second) + (third + fourth));
  for (; k < dim; k++) sum += (double)a[k] * (double)b[k];
  return sum;
}

/* to = s·a + t·b, rows, in float64. */
APART void combine_rows(float *to, double s, const float *a, double t, const float *b, int64_t dim) {
  int64_t k = 0;
  for (; k + WIDTH / 2 <= dim; k += WIDTH / 2) {
    const dvec x = widened(*(const loose_hvec *)(a + k));
    const dvec y = widened(*(const loose_hvec *)(b + k));
    *(loose_hvec *)(to + k) = narrowed(s * x + t * y);
  }
  for (; k < dim; k++) to[k] = (float)(s * (double)a[k] + t * (double)b[k]);
}

static inline void clear(float *to, int64_t dim) { memset(to, 0, sizeof(float) * (size_t)dim); }

/* float32's smallest normal number: a row below it counts as zero, as on the other backends. */
APART int is_below_normal(const float *row, int64_t dim) {
  float largest = 0;
  for (int64_t k = 0; k < dim; k++) largest = fabsf(row[k]) > largest ? fabsf(row[k]) : largest;
  return largest < 1.1754943508222875e-38f;
}

/* Numbers that a thread claims at once. */
#define NUMBERS_AT_ONCE 65536

/* 0·x is 0 just where x is finite: a sum of such is 0 or NaN. */
static void all_finite(const void *arguments, int thread, void *room) {
  const struct finite *f = arguments;
  (void)thread, (void)room;
  for (int64_t first = claim(f->claimed) * NUMBERS_AT_ONCE; first < f->count; first = claim(f->claimed) * NUMBERS_AT_ONCE) {
    const int64_t end = f->count - first < NUMBERS_AT_ONCE ? f->count : first + NUMBERS_AT_ONCE;
    vec a = {0}, b = {0}, c = {0}, d = {0};
    int64_t k = first;
    for (; k + 4 * WIDTH <= end; k += 4 * WIDTH) {
      a += load(f->numbers + k) * 0.0f;
      b += load(f->numbers + k + WIDTH) * 0.0f;
      c += load(f->numbers + k + 2 * WIDTH) * 0.0f;
      d += load(f->numbers + k + 3 * WIDTH) * 0.0f;
    }
    const vec sum = (a + b) + (c + d);
    float rest = 0;
    for (int n = 0; n < WIDTH; n++) rest += sum[n];
    for (; k < end; k++) rest += f->numbers[k] * 0.0f;
    if (rest != 0 || rest != rest) atomic_store_explicit(f->found, 1, memory_order_relaxed);
  }
}

/* X = W/ρ, ρ = √(‖w‖² + ε). Rows without direction: x = 0, 1/ρ = 0. */
static void directions(const void *arguments, int thread, void *room) {
  const struct directions *d = arguments;
  (void)thread, (void)room;
  for (int64_t first = claim(d->claimed) * ROWS_AT_ONCE; first < d->count; first = claim(d->claimed) * ROWS_AT_ONCE) {
    for (int64_t i = first; i < d->count && i < first + ROWS_AT_ONCE; i++) {
      const float *from = d->from + i * d->dim;
      const double square = dot(from, from, d->dim) + d->epsilon;
      const int dead = d->epsilon == 0 && (square == 0 || (square < 1e-60 && is_below_normal(from, d->dim)));
      const double inverse = dead ? 0 : 1 / sqrt(square);
      d->inverses[i] = inverse;
      if (!d->unit) continue;
      if (dead) clear(d->unit + i * d->dim, d->dim);
      else scale_row(from, inverse, (int)d->dim, d->unit + i * d->dim);
    }
  }
}

/* φ, κ and φ″ of a neuron with its antipode. */
static inline void self_terms(const struct pair *pair, double deficit, struct terms *out) {
  potential_terms(pair->potential, vec_spread((float)(4 - 2 * deficit)), vec_spread((float)(2 * deficit)), pair->parameter,
                  pair->floor, out);
}

/* Of row after row, which all have the same deficit where ε is 0: 0, or 1 without a direction. */
struct self {
  double deficit;
  struct terms terms;
};
static inline const struct terms *self_of(struct self *self, const struct pair *pair, double deficit) {
  if (deficit != self->deficit) self_terms(pair, deficit, &self->terms);
  self->deficit = deficit;
  return &self->terms;
}

/* φ(−x_iᵀx_i) of each row alone. */
static void self_energies(const void *arguments, int thread, void *room) {
  const struct pulled *p = arguments;
  struct self self = {.deficit = -1};
  (void)thread, (void)room;
  for (int64_t first = claim(p->claimed) * ROWS_AT_ONCE; first < p->count; first = claim(p->claimed) * ROWS_AT_ONCE) {
    for (int64_t i = first; i < p->count && i < first + ROWS_AT_ONCE; i++) {
      p->self_energies[i] = self_of(&self, &p->pair, deficit_of(p->rows.epsilon, p->rows.inverses[i]))->value[0];
    }
  }
}

/* J(g)·scale, g in place or to elsewhere: (g − x(xᵀg))·scale/ρ, with the self terms of half space where there are any. */
static void pullback(const void *arguments, int thread, void *room) {
  const struct pulled *p = arguments;
  const int64_t dim = p->rows.dim;
  struct self self = {.deficit = -1};
  (void)thread, (void)room;
  for (int64_t first = claim(p->claimed) * ROWS_AT_ONCE; first < p->count; first = claim(p->claimed) * ROWS_AT_ONCE) {
    for (int64_t i = first; i < p->count && i < first + ROWS_AT_ONCE; i++) {
      const float *x = p->rows.x + i * dim, *g = p->from + i * dim;
      const double inverse = p->rows.inverses[i];
      const double scale = p->scales ? p->scale * p->scales[i / p->per_entry] : p->scale;
      double pull = scale * dot(x, g, dim);
      if (p->self_weight != 0) {
        const double deficit = deficit_of(p->rows.epsilon, inverse);
        const struct terms *terms = self_of(&self, &p->pair, deficit);
        if (p->self_energies) p->self_energies[i] = terms->value[0];
        if (deficit > LEAST_DEFICIT) pull += p->self_weight * (double)terms->slope[0] * deficit;
      }
      if (inverse == 0) clear(p->to + i * dim, dim);
      else combine_rows(p->to + i * dim, scale * inverse, g, -pull * inverse, x, dim);
      if (p->along) p->along[i] = pull;
    }
  }
}

/*
 * H[V] = J(Ġ) + Q(G, V), row by row, in place of Ġ. G = ρ·grad + along·x is recovered from what `pullback` left.
 *
 * Q(G, V) = −[(x·G)V′ + (x·V′)G + (G·V′ − 3(x·G)(x·V′))x]/ρ, V′ = V/ρ.
 */
static void product_rows(const void *arguments, int thread, void *room) {
  const struct pulled *p = arguments;
  const int64_t dim = p->rows.dim;
  (void)thread, (void)room;
  for (int64_t first = claim(p->claimed) * ROWS_AT_ONCE; first < p->count; first = claim(p->claimed) * ROWS_AT_ONCE) {
    for (int64_t i = first; i < p->count && i < first + ROWS_AT_ONCE; i++) {
      float *change = p->to + i * dim;
      const float *x = p->rows.x + i * dim, *v = p->vector + i * dim, *gradient = p->gradient + i * dim;
      const double inverse = p->rows.inverses[i];
      if (inverse == 0) {
        clear(change, dim);
        continue;
      }
      const double rho = 1 / inverse;
      const double scale = p->scales ? p->scale * p->scales[i / p->per_entry] : p->scale;
      const double turn = p->turns ? p->turns[i / p->per_entry] : 0;
      const double deficit = deficit_of(p->rows.epsilon, inverse), xx = 1 - deficit, kept = p->along[i];
      const double x_grad = dot(x, gradient, dim), x_v = dot(x, v, dim) * inverse, grad_v = dot(gradient, v, dim);
      /* Without the self terms, whose share has its own derivative below. */
      double self = 0, self_along = 0;
      if (p->self_weight != 0 && deficit > LEAST_DEFICIT) {
        struct terms terms;
        self_terms(&p->pair, deficit, &terms);
        const double kappa = terms.slope[0], weighted = p->self_weight * deficit * inverse;
        self = weighted * kappa;
        self_along = weighted * (3 * kappa + 2 * (double)terms.curvature[0] * deficit) * x_v;
      }
      /* G = ρ·grad + kept·x */
      const double x_g = rho * x_grad + kept * xx, g_v = grad_v + kept * x_v, pulled = scale * dot(x, change, dim);
      /* Coefficients of the four rows Ġ, x, V and grad; the last terms are J(V) = (V − ρ·xV·x)/ρ of the self terms. */
      const double of_change = scale * inverse;
      const double of_x = -inverse * (pulled + x_v * kept + g_v - 3 * x_g * x_v) + self * x_v + self_along;
      const double of_v = -inverse * inverse * x_g - self * inverse, of_gradient = -x_v - turn;
      for (int64_t k = 0; k < dim; k++) {
        change[k] = (float)(of_change * (double)change[k] + of_x * (double)x[k] + of_v * (double)v[k] +
                            of_gradient * (double)gradient[k]);
      }
    }
  }
}

#endif
