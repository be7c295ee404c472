/*
 * What the kernels of every instruction set offer, and the arguments that they take. Whoever fills the arguments in has checked them: kernels
 * trust sizes, pointers and numbers.
 */
#ifndef COMHE_KERNELS_H
#define COMHE_KERNELS_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

/* The pairs of N rows, cut into tiles; see tiles.h. */
struct tiles {
  int batch;
  /* Rows of a batch entry, N; of a tile; blocks of rows of a batch entry. */
  int rows, side, blocks;
  /* Tiles of this job, in the order in which they are taken. */
  int64_t first_task, last_task;
  /* Units that threads have claimed. */
  atomic_llong *claimed;
  /* Completed tiles of each block of rows, [batch][blocks]. */
  atomic_int *progress;
};

/* What a pair contributes to the energy. */
struct pair {
  /* Case of the potential, as core's formulas number them; s, t or p. */
  int potential;
  float parameter;
  int is_half;
  /* Whether closeness to −x_j matters as closeness to x_j does. */
  int is_two_sided;
  /* u₀ = δ² */
  float floor;
  /* Whether near pairs are taken from differences of rows, which must be unit rows: ε = 0. */
  int takes_differences;
};

/* Directions of rows: X, and 1/ρ of each row; ε. */
struct rows {
  const float *x;
  const double *inverses;
  double epsilon;
  int64_t dim;
};

/* The energy of pairs, with its gradient or its Hessian product, or alone. */
struct pairwise {
  struct tiles tiles;
  struct pair pair;
  struct rows rows;
  /* To the gradient on X, without its weight; or Ġ. */
  float *gradient;
  /* To Σψ of each tile, [batch][tiles]. */
  double *energies;
  /* Ẋ, for the product alone. */
  const float *turned;
};

/* The mismatch of two sets, or its Hessian product. */
struct mismatch {
  struct tiles tiles; /* batch entries are those of the reference set */
  int is_angle;
  float floor;
  /* Whether pairs of a row with itself count: form root with ε > 0. */
  int with_diagonal;
  int projected_batch;
  struct rows projected, reference;
  float *gradient;
  double *losses;
  /* For the product alone: Ż, what goes across, and what multiplies f_ab·ḃ and f_a there, two for each batch entry. */
  const float *turned;
  float *across;
  const double *cross_scales;
};

/* X = W/ρ. */
struct directions {
  atomic_llong *claimed;
  int64_t count;
  int64_t dim;
  const float *from;
  /* Or nothing, where 1/ρ alone is wanted. */
  float *unit;
  double *inverses;
  double epsilon;
};

/* Whether all numbers are finite. */
struct finite {
  atomic_llong *claimed;
  int64_t count;
  const float *numbers;
  /* Set where some aren't. */
  atomic_int *found;
};

/* X, how it came about, and the gradient of rows that goes through it. */
struct pulled {
  atomic_llong *claimed;
  /* Rows of all batch entries, and of one. */
  int64_t count, per_entry;
  struct rows rows;
  double scale;
  /* What multiplies it besides in each batch entry, or nothing. */
  const double *scales;
  /* What multiplies the self terms' part of the gradient; 0: there is none. */
  double self_weight;
  struct pair pair;
  /* To φ(−x_iᵀx_i), or nothing. */
  double *self_energies;
  const float *from;
  float *to;
  /* To scale·xᵀg of each row, or nothing; what the product reads. */
  double *along;
  /* For the product alone: V, the gradient on the raw rows, and how much of it each batch entry loses. */
  const float *vector;
  const float *gradient;
  const double *turns;
};

/* A matrix's transpose. */
struct turned {
  const float *from;
  float *to;
  /* Of the original. */
  int64_t rows, columns;
};

/* Numbers times a number, where they are. */
struct scaled {
  float *numbers;
  int64_t count;
  double times;
};

/* Numbers from a place in core's stream: normal ones, or signs. */
struct random {
  atomic_llong *claimed;
  int64_t count;
  /* Words of the stream before it. */
  int64_t first_word;
  int is_signs;
  uint32_t key[8], nonce[3];
  float *to;
};

/* The longest transform that scratch memory holds. */
#define LARGEST_TRANSFORM 32768

/* Rows under structured random projections, or back. */
struct sketch {
  atomic_llong *claimed;
  int is_hadamard, is_back;
  int64_t count_rows, dim, count, dimension;
  /* Numbers of a transform, and how many projections share one. */
  int64_t padded, shared;
  const float *signs;
  const int32_t *index;
  float *rows, *projected;
};

/* Products of matrices, C_c = A_c B_c, or Σ_c A_c B_c. */
struct product {
  atomic_llong *claimed;
  const float *a, *b;
  float *to;
  /* Of the result, and of each sum; Σ_c takes the sums of all entries as one. */
  int64_t rows, columns, inner;
  int batch, batch_a, batch_b, sum_batch;
  int64_t row_stride_a, inner_stride_a, inner_stride_b, column_stride_b;
};

/* float64 accumulators of a block of rows. */
#define SUMS_OF_BLOCK 10

struct statistics {
  struct tiles tiles;
  struct rows rows;
  /* Else `rows` are what 1/ρ is still to be multiplied with, so that no second array of their size is needed. */
  int is_scaled;
  /* Added to: Σc, Σ|c|, Σc², pairs within the chord, Σψ of four energies, Σ|c′| and Σc′² about another point, of each block of rows. */
  double *sums;
  int energies;
  struct pair pairs[4];
  /* Which of them shares are of, or −1; added to. */
  int share_of;
  double *shares;
  /* Of each row p, q and b, about.h, readable for a vector beyond the end; or nothing. */
  const float *own, *other, *offset;
  /* Bins of the angle; of each cell of the cosine its bin, or −1 − the bin in which comparing begins; cosines of edges, descending; counts. */
  int bins;
  const int32_t *cells;
  const float *edges;
  int64_t *histogram;
  /* The nearest row of each: what it ranks at, its cosine, its number. */
  int is_nearest_half;
  double *nearest_ranks, *nearest_cosines;
  int32_t *nearest_rows;
  /* Heaps of the most similar pairs of each thread and batch entry. */
  int is_similar_half, similar_limit;
  struct similar *similar;
  int32_t *similar_counts;
  /* Pairs within this chord are counted; below 0: none. */
  double chord_squared;
  int is_within_half;
  uint8_t *is_within;
};

/* A pair among the most similar. */
struct similar {
  double rank, cosine;
  int32_t i, j;
};

/* Cells of the cosine, with those on both sides for what is rounded beyond ±1. */
#define CELLS_BEYOND 64
#define CELLS (4096 + 2 * CELLS_BEYOND)

typedef void kernel(const void *arguments, int thread, void *scratch);

/* The kernels of one instruction set. */
struct kernels {
  const char *name;
  size_t scratch_bytes;
  kernel *pairwise, *pairwise_product, *pairwise_energy, *statistics, *mismatch, *mismatch_product;
  kernel *finite, *directions, *pullback, *product_rows, *self_energies, *product, *sketch, *random;
  void (*turn)(const struct turned *);
  void (*scale)(const struct scaled *);
  /* Multiply-adds of this many rounds, for the measured peak; returns floating-point operations done. */
  double (*peak)(int64_t rounds, float *sink);
};

#define JOIN_OF(a, b) a##b
#define JOIN(a, b) JOIN_OF(a, b)

#if defined(__x86_64__) || defined(_M_X64)
extern const struct kernels kernels_sse2, kernels_avx2, kernels_avx512;
extern kernel random_sse2, random_avx2, random_avx512;
#else
extern const struct kernels kernels_neon;
extern kernel random_neon;
#endif

#endif
