/*
 * Who of several ranks holds what. A rank has its part of the query heads and of the feed-forward columns, the key-value
 * heads those queries look at (the same one on several ranks where there are fewer than ranks), and its part of the
 * vocabulary; embedding, norms and the bias behind attention are on every rank. Plain C, so that the stand-in library of
 * the tests deals out in the same way.
 */
#ifndef JUDGE_CUDA_SHARD_H
#define JUDGE_CUDA_SHARD_H

#include <stdint.h>
#include <stdio.h>

#include "../include/judge_cuda.h"

/* Parts of the vocabulary are whole tiles of the product. */
enum { JC_VOCABULARY_TILE = 256 };

typedef struct jc_range {
  int32_t first, count;
} jc_range;

/* One rank's part of a model. */
typedef struct jc_shard {
  int32_t rank, ranks;
  jc_range heads, kv_heads, feed_forward;
  jc_range tokens; /* whose scores this rank computes; may be empty */
} jc_shard;

/* Which part of a tensor a rank holds. */
typedef struct jc_part {
  jc_range rows, cols;
} jc_part;

static inline jc_range jc_whole(int32_t count) {
  jc_range all = {0, count};
  return all;
}

/* Writes into `why` (of 256 bytes) what does not divide, and returns 0; 1 where all of it does. */
static inline int jc_divides(const jc_model_config *c, int32_t ranks, char *why) {
  why[0] = 0;
  if (ranks < 1 || ranks > JC_MOST_RANKS) {
    snprintf(why, 256, "Expected 1 to %d ranks, got %d.", JC_MOST_RANKS, ranks);
  } else if (c->heads % ranks) {
    snprintf(why, 256, "Expected heads that divide by %d ranks, the model has %d.", ranks, c->heads);
  } else if (c->kv_heads % ranks && ranks % c->kv_heads) {
    snprintf(why, 256, "Expected key-value heads of which %d ranks can have as many each, or share one; the model has %d.", ranks, c->kv_heads);
  } else if (ranks > 1 && c->feed_forward % (8 * ranks)) {
    snprintf(why, 256, "Expected feed-forward columns that divide by 8 times %d ranks, the model has %d.", ranks, c->feed_forward);
  }
  return why[0] == 0;
}

static inline jc_shard jc_shard_of(const jc_model_config *c, int32_t rank, int32_t ranks) {
  jc_shard s;
  const int32_t tiles = (c->tokens + JC_VOCABULARY_TILE - 1) / JC_VOCABULARY_TILE, each = (tiles + ranks - 1) / ranks * JC_VOCABULARY_TILE;
  s.rank = rank;
  s.ranks = ranks;
  s.heads.count = c->heads / ranks;
  s.heads.first = rank * s.heads.count;
  s.kv_heads.count = c->kv_heads >= ranks ? c->kv_heads / ranks : 1;
  s.kv_heads.first = c->kv_heads >= ranks ? rank * s.kv_heads.count : rank / (ranks / c->kv_heads);
  s.feed_forward.count = c->feed_forward / ranks;
  s.feed_forward.first = rank * s.feed_forward.count;
  s.tokens.first = rank * each < c->tokens ? rank * each : c->tokens;
  s.tokens.count = c->tokens - s.tokens.first < each ? c->tokens - s.tokens.first : each;
  return s;
}

/* The rank's own sizes: what its kernels see. The vocabulary stays whole, for the embedding is. */
static inline jc_model_config jc_config_of(const jc_model_config *c, const jc_shard *s) {
  jc_model_config own = *c;
  own.heads = s->heads.count;
  own.kv_heads = s->kv_heads.count;
  own.feed_forward = s->feed_forward.count;
  return own;
}

/* Of a tensor of the whole model; rows and columns not named here are all of them. */
static inline jc_part jc_part_of(const jc_model_config *whole, const jc_shard *s, int32_t tensor, int64_t rows, int64_t cols) {
  jc_part p;
  const int32_t d = whole->head_dim;
  const jc_range heads = {s->heads.first * d, s->heads.count * d}, kv = {s->kv_heads.first * d, s->kv_heads.count * d};
  p.rows = jc_whole((int32_t)rows);
  p.cols = jc_whole((int32_t)cols);
  switch (tensor) {
    case JC_OUTPUT: p.rows = s->tokens; break; /* rows behind the last token are nobody's */
    case JC_Q: case JC_Q_BIAS: p.rows = heads; break;
    case JC_K: case JC_V: case JC_K_BIAS: case JC_V_BIAS: p.rows = kv; break;
    case JC_O: p.cols = heads; break;
    case JC_GATE: case JC_UP: p.rows = s->feed_forward; break;
    case JC_DOWN: p.cols = s->feed_forward; break;
    default: break;
  }
  return p;
}

#endif
